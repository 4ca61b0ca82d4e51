#include "agent/scrape/exposition.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <utility>

#include "agent/scrape/series_line.hpp"

namespace evenkeel::scrape {

namespace {

// Binary data shows a NUL soon. To look further would cost a second pass over every text, and the
// lines that are parsed are looked at anyway.
constexpr std::size_t kOpening = 1024;

constexpr std::string_view kQueryNode = "milvus_querynode_";
constexpr std::string_view kNumNode = "milvus_num_node";
constexpr std::string_view kWal = "milvus_wal_";
constexpr std::string_view kResident = "process_resident_memory_bytes";

// Decides by a line's first bytes whether to parse it: this runs for every line of every text, and
// nearly all end at the first eight bytes. While the node's id is unknown, any milvus_querynode_*
// series may tell it. All of a node's series carry it, so later the families that are parsed anyway
// suffice to notice a second one.
bool may_matter(std::string_view line, bool id_known) {
  if (line.starts_with(kQueryNode)) {
    line.remove_prefix(kQueryNode.size());
    return !id_known || line.starts_with("entity_") || line.starts_with("segment_num");
  }
  return line.starts_with(kResident) || line.starts_with(kNumNode);
}

std::string not_metrics(const std::string& what) {
  return what + ": is this the metrics port of a query node?";
}

std::string several_nodes(const std::string& what) {
  return what + ": scrape each query node by itself, not a server that gathers several";
}

// Makes foreign text fit for a message.
std::string excerpt(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string shown(text.substr(0, kLongest));
  for (char& c : shown) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text.size() > kLongest ? shown + "…" : shown;
}

// A family that is summed by collection, and the figure that it is summed into.
struct CollectionFamily {
  std::string_view name;
  std::int64_t CollectionFigures::*figure;
  bool needs_state;  // a series without a segment_state is of no use
};
constexpr CollectionFamily kFamilies[] = {
    {"milvus_querynode_entity_size", &CollectionFigures::entity_size, true},
    {"milvus_querynode_entity_num", &CollectionFigures::entity_num, true},
    {"milvus_querynode_segment_num", &CollectionFigures::segment_num, false},
};

}  // namespace

bool Extractor::feed(std::string_view piece) {
  if (figures_.problem) return false;
  const std::string_view readable = readable_part(piece);
  read_lines(readable);
  if (!figures_.problem && readable.size() < piece.size()) {
    fail(not_metrics(figures_.bytes == max_bytes_
                         ? "more than " + std::to_string(max_bytes_) + " bytes of text"
                         : "binary data"));
  }
  return !figures_.problem;
}

// Returns the piece up to where the text grows too long or turns out to be binary.
std::string_view Extractor::readable_part(std::string_view piece) {
  const std::string_view allowed = piece.substr(0, max_bytes_ - figures_.bytes);
  if (figures_.bytes >= kOpening) return allowed;
  const std::string_view opening = allowed.substr(0, kOpening - figures_.bytes);
  if (opening_ == '\0') {
    const std::size_t first = opening.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos) opening_ = opening[first];
  }
  return allowed.substr(0, opening.find('\0'));
}

void Extractor::read_lines(std::string_view text) {
  while (!text.empty() && !figures_.problem) {
    // A line and its newline have to fit into `room`; more is never looked at or kept.
    const std::size_t room = kMaxLine + 1 - unfinished_.size();
    const std::size_t window = std::min(text.size(), room);
    const auto* const newline = static_cast<const char*>(std::memchr(text.data(), '\n', window));
    if (newline == nullptr) {
      if (window == room) {
        fail(not_metrics("a line of more than " + std::to_string(kMaxLine) + " bytes"));
      } else {
        unfinished_.append(text);
      }
      figures_.bytes += window;
      return;
    }
    const auto length = static_cast<std::size_t>(newline - text.data());
    figures_.bytes += length + 1;
    std::string_view line = text.substr(0, length);
    if (!unfinished_.empty()) line = unfinished_.append(line);
    read_line(line);
    unfinished_.clear();
    text.remove_prefix(length + 1);
  }
}

void Extractor::read_line(std::string_view line) {
  if (!line.empty() && (line.front() == ' ' || line.front() == '\t')) skip_blanks(line);
  if (may_matter(line, figures_.id.has_value())) return read_wanted(line);
  figures_.wal = figures_.wal || line.starts_with(kWal);
}

void Extractor::read_wanted(std::string_view line) {
  if (line.find('\0') != std::string_view::npos) return fail(not_metrics("binary data"));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::string_view name = take_metric_name(line);
  if (name == kResident) return take_resident(line);
  if (name != kNumNode && !name.starts_with(kQueryNode)) return;  // "milvus_num_nodes"
  const std::optional<SeriesLine> series = parse_series(line);
  if (!series || !take_series(name, *series)) ++figures_.malformed_lines;
}

void Extractor::take_resident(std::string_view after_name) {
  const std::optional<SeriesLine> series = parse_series(after_name);
  if (!series || !series->count || *series->count == 0) {
    ++figures_.malformed_lines;
    return fail(std::string(kResident) + " makes no sense: \"" + excerpt(after_name) + "\"");
  }
  if (figures_.resident && *figures_.resident != *series->count) {
    return fail(several_nodes(std::string(kResident) + " is given as " +
                              std::to_string(*figures_.resident) + " and as " +
                              std::to_string(*series->count)));
  }
  figures_.resident = series->count;
  if (!series->timestamp) return;
  const rules::TimePoint at{rules::Duration{*series->timestamp}};
  figures_.resident_at = std::min(figures_.resident_at.value_or(at), at);
}

// Returns false if the series makes no sense.
bool Extractor::take_series(std::string_view name, const SeriesLine& series) {
  if (name == kNumNode) {
    if (!series.count) return false;
    // A process lists all of its roles.
    return series.labels.role_name != "querynode" || *series.count == 0 || take_id(series.labels);
  }
  const auto* const family = std::ranges::find(kFamilies, name, &CollectionFamily::name);
  if (family == std::end(kFamilies)) return take_id(series.labels);
  if (!series.count || !take_id(series.labels)) return false;

  const Labels& labels = series.labels;
  if (labels.segment_state ? labels.segment_state != "Sealed" : family->needs_state) return true;
  if (!labels.collection_id) return true;  // a total of all collections
  const std::optional<std::int64_t> collection = parse_integer(*labels.collection_id);
  if (!collection) return false;
  const bool counts = family->figure == &CollectionFigures::segment_num;
  figures_.counts_segments = figures_.counts_segments || counts;
  if (series_.size() == kMaxSeries) {
    fail("more than " + std::to_string(kMaxSeries) + " series of segments and rows");
    return true;
  }
  series_.push_back({.collection = static_cast<rules::CollectionId>(*collection),
                     .family = static_cast<std::size_t>(family - kFamilies),
                     .labels = labels.fingerprint,
                     .value = *series.count});
  return true;
}

bool Extractor::take_id(const Labels& labels) {
  if (!labels.node_id) return true;
  const std::optional<std::int64_t> number = parse_integer(*labels.node_id);
  if (!number) return false;
  if (!figures_.id) figures_.id = static_cast<rules::NodeId>(*number);
  const auto known = static_cast<std::int64_t>(*figures_.id);
  if (known != *number) {
    fail(several_nodes("two node ids, " + std::to_string(known) + " and " +
                       std::to_string(*number)));
  }
  return true;
}

void Extractor::sum_series() {
  std::ranges::sort(series_);
  const Series* previous = nullptr;
  for (const Series& series : series_) {
    const bool again = previous != nullptr && previous->collection == series.collection &&
                       previous->family == series.family && previous->labels == series.labels;
    const CollectionFamily& family = kFamilies[series.family];
    if (again) {
      if (previous->value == series.value) continue;
      return fail("a series of " + std::string(family.name) + " is given twice, " +
                  std::to_string(previous->value) + " and " + std::to_string(series.value));
    }
    previous = &series;
    const auto entry =
        figures_.collections.try_emplace(figures_.collections.end(), series.collection);
    std::int64_t& sum = entry->second.*family.figure;
    if (series.value > std::numeric_limits<std::int64_t>::max() - sum) {
      ++figures_.malformed_lines;
      continue;
    }
    sum += series.value;
  }
}

void Extractor::fail(std::string problem) {
  if (!figures_.problem) figures_.problem = std::move(problem);
}

NodeFigures Extractor::finish(bool complete) {
  if (complete && figures_.bytes == 0) {
    fail(not_metrics("an empty answer"));
  } else if (!figures_.resident && opening_ == '<') {
    fail(not_metrics("a page of HTML, not metrics"));
  } else if (!complete || !unfinished_.empty()) {
    fail("cut short after " + std::to_string(figures_.bytes) + " bytes");
  } else if (!figures_.resident) {
    fail(not_metrics("no " + std::string(kResident)));
  } else if (!figures_.id) {
    fail(not_metrics(
        "no query node's id (milvus_num_node, or a milvus_querynode_* series with a node_id)"));
  }
  sum_series();
  return std::move(figures_);
}

std::size_t Extractor::buffered() const {
  return unfinished_.capacity() + series_.capacity() * sizeof(Series);
}

NodeFigures extract(std::string_view text) {
  Extractor extractor;
  extractor.feed(text);
  return extractor.finish();
}

}  // namespace evenkeel::scrape
