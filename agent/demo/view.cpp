#include "agent/demo/view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>

#include "agent/demo/row.hpp"
#include "agent/util/format.hpp"
#include "rules/explain.hpp"

namespace evenkeel::demo {
namespace {

using rules::Bytes;

constexpr std::size_t kMaxNodes = 24;    // lines of nodes; the rest is counted
constexpr std::size_t kMinBar = 10;      // columns; figures beside the bar give way before it does
constexpr std::size_t kWideEnough = 64;  // columns of a terminal in which all figures have room
constexpr Style kBold = "1", kDim = "2", kAlarm = "31;1", kMark = "31";

// Parts of a bar are told apart by colour, and by shade where there is none.
struct Paint {
  const char* glyph;
  Style style;
};
constexpr Paint kCollections[] = {{"█", "36"}, {"▓", "33"}, {"▒", "35"}, {"▚", "32"}, {"▞", "34"}};
constexpr Paint kProcess{"░", "2"};

// One node and its figures in the picture.
struct NodePicture {
  const rules::Node* node = nullptr;
  std::map<rules::CollectionId, Bytes> held;
  std::size_t segments = 0;

  [[nodiscard]] bool known() const {
    return node->health == rules::NodeHealth::up && node->capacity > 0;
  }
  [[nodiscard]] double ratio() const {
    return static_cast<double>(node->used) / static_cast<double>(node->capacity);
  }
};

using Paints = std::map<rules::CollectionId, Paint>;

Paints paints_of(const rules::Cluster& cluster) {
  std::vector<rules::CollectionId> ids;
  ids.reserve(cluster.collections.size());
  for (const auto& collection : cluster.collections) ids.push_back(collection.id);
  std::sort(ids.begin(), ids.end());
  Paints paints;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    paints[ids[i]] = kCollections[i % std::size(kCollections)];
  }
  return paints;
}

std::vector<NodePicture> pictures_of(const rules::Cluster& cluster) {
  std::map<rules::NodeId, NodePicture> pictures;  // in the order of the ids
  for (const auto& node : cluster.nodes) pictures[node.id].node = &node;
  for (const auto& segment : cluster.segments) {
    const auto it = pictures.find(segment.node);
    if (it == pictures.end()) continue;
    it->second.held[segment.collection] += segment.bytes;
    it->second.segments += 1;
  }
  std::vector<NodePicture> sorted;
  sorted.reserve(pictures.size());
  for (auto& [id, picture] : pictures) sorted.push_back(std::move(picture));
  return sorted;
}

std::string count_of(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::size_t cells(Bytes bytes, Bytes capacity, std::size_t bar) {
  const double share = static_cast<double>(bytes) / static_cast<double>(capacity);
  return static_cast<std::size_t>(
      std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(bar)));
}

// Draws collections from the left, then the memory in use that they do not explain.
void draw_bar(Row& row, const NodePicture& picture, const Paints& paints, double threshold,
              std::size_t bar) {
  const std::size_t begin = row.columns();
  const auto used = picture.node->used;
  const auto capacity = picture.node->capacity;
  Bytes sum = 0;
  for (const auto& [collection, bytes] : picture.held) {
    sum += bytes;
    const auto paint = paints.find(collection);
    const auto& [glyph, style] = paint == paints.end() ? kProcess : paint->second;
    const std::size_t end = begin + cells(std::min(sum, used), capacity, bar);
    if (end > row.columns()) row.add(end - row.columns(), glyph, style);
  }
  const std::size_t end = begin + cells(used, capacity, bar);
  if (end > row.columns()) row.add(end - row.columns(), kProcess.glyph, kProcess.style);
  row.fill_to(begin + bar);
  const auto mark = static_cast<std::size_t>(threshold * static_cast<double>(bar));
  row.put(begin + std::min(mark, bar - 1), "│", kMark);
}

// The widths left and right of the bars, the same for all nodes.
struct Columns {
  std::size_t width = 0;
  std::size_t label = 0;  // " node 12 "
  bool figures = true;    // bytes and segments, not the percentage alone
  std::size_t bar = 0;
};

constexpr std::size_t kCapacity = 10, kPercent = 9, kBytes = 11, kSegments = 14;

Columns columns_for(const std::vector<NodePicture>& pictures, std::size_t width) {
  Columns columns;
  columns.width = width;
  for (const auto& picture : pictures) {
    columns.label = std::max(columns.label, to_string(picture.node->id).size() + 7);
  }
  columns.figures = width >= kWideEnough;
  const std::size_t beside =
      columns.label + kPercent + (columns.figures ? kCapacity + kBytes + kSegments : 0);
  columns.bar = std::max(kMinBar, width > beside ? width - beside : 0);
  return columns;
}

std::string node_line(const NodePicture& picture, const Paints& paints, const Columns& columns,
                      double threshold, bool colour) {
  const auto& node = *picture.node;
  Row row;
  row.add(fmt::format(" node {}", to_string(node.id)), kBold);
  row.fill_to(columns.label);
  if (columns.figures) {
    row.add(fmt::format("{:>{}} ", node.capacity > 0 ? rules::format_bytes(node.capacity) : "?",
                        kCapacity - 1));
  }
  if (!picture.known()) {
    row.add(fmt::format("{}: {}", rules::name(node.health),
                        node.problem.empty() ? "no capacity known" : node.problem),
            kAlarm);
    return row.str(columns.width, colour);
  }
  draw_bar(row, picture, paints, threshold, columns.bar);
  const bool over = picture.ratio() > threshold;
  row.add(fmt::format("{:>{}}", rules::format_percent(picture.ratio()), kPercent),
          over ? kAlarm : kBold);
  if (columns.figures) {
    row.add(fmt::format("{:>{}}", rules::format_bytes(node.used), kBytes));
    row.add(fmt::format("{:>{}}", count_of(picture.segments, "segment"), kSegments), kDim);
  }
  return row.str(columns.width, colour);
}

std::string header(const loop::Snapshot& snapshot, std::size_t width, bool colour) {
  const auto& cluster = *snapshot.cluster;
  const auto& policy = snapshot.policy;
  const double now = spread(cluster);
  Row row;
  row.add(fmt::format(" {}, largest difference ", count_of(cluster.nodes.size(), "query node")));
  row.add(rules::format_points(now), now > policy.max_difference ? kAlarm : kBold);
  row.add(fmt::format(" (limit {}, levelled to {})", rules::points(policy.max_difference),
                      rules::points(policy.max_difference * policy.difference_stop)),
          kDim);
  return row.str(width, colour);
}

std::string legend(const loop::Snapshot& snapshot, const Paints& paints, std::size_t width,
                   bool colour) {
  Row row;
  row.add(" ");
  for (const auto& collection : snapshot.cluster->collections) {
    const auto& [glyph, style] = paints.at(collection.id);
    row.add(glyph, style);
    row.add(" " + collection.name + "   ");
  }
  row.add(kProcess.glyph, kProcess.style);
  row.add(" the process itself   ");
  row.add("│", kMark);
  row.add(" overloaded above " + rules::format_percent(snapshot.policy.overload_threshold));
  return row.str(width, colour);
}

std::string phase(const loop::Snapshot& snapshot, std::size_t width, bool colour) {
  Row row;
  row.add(" ");
  if (snapshot.cluster == nullptr) {
    row.add("waiting for the first look at the cluster");
  } else if (snapshot.moves_in_flight > 0) {
    row.add("moving " + count_of(snapshot.moves_in_flight, "segment"), kBold);
  } else if (snapshot.decisions.empty()) {
    row.add("waiting for the first round");
  } else {
    const auto& newest = *snapshot.decisions.front();
    row.add(loop::name(newest.outcome), kBold);
    row.add(": " + newest.words);
  }
  return row.str(width, colour);
}

std::string name_of(rules::CollectionId id, const loop::Snapshot& snapshot) {
  if (snapshot.cluster != nullptr) {
    for (const auto& collection : snapshot.cluster->collections) {
      if (collection.id == id) return collection.name;
    }
  }
  return "collection " + to_string(id);
}

std::string why(const rules::Move& move) {
  switch (move.urgency) {
    case rules::Urgency::overload:
      return fmt::format("node {} is overloaded", to_string(move.from));
    case rules::Urgency::drain:
      return fmt::format("node {} is drained", to_string(move.from));
    case rules::Urgency::difference:
      return fmt::format("node {} is fuller than node {}", to_string(move.from),
                         to_string(move.to));
    case rules::Urgency::asked:
      return "a person asked";
  }
  return {};
}

std::string printable(std::string_view text) {
  Row row;
  row.add(text);
  return row.plain();
}

}  // namespace

double spread(const rules::Cluster& cluster) {
  std::map<rules::NodeId, double> ratios;
  for (const auto& node : cluster.nodes) {
    if (node.health != rules::NodeHealth::up || node.capacity <= 0) continue;
    ratios[node.id] = static_cast<double>(node.used) / static_cast<double>(node.capacity);
  }
  double widest = 0;
  for (const auto& replica : cluster.replicas) {
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -lowest;
    for (const auto node : replica.nodes) {
      const auto ratio = ratios.find(node);
      if (ratio == ratios.end()) continue;
      lowest = std::min(lowest, ratio->second);
      highest = std::max(highest, ratio->second);
    }
    widest = std::max(widest, highest - lowest);
  }
  return widest;
}

std::vector<std::string> frame(const loop::Snapshot& snapshot, std::size_t width, bool colour) {
  std::vector<std::string> lines;
  if (snapshot.cluster != nullptr) {
    const auto paints = paints_of(*snapshot.cluster);
    const auto pictures = pictures_of(*snapshot.cluster);
    const auto columns = columns_for(pictures, width);
    lines.push_back(header(snapshot, width, colour));
    for (std::size_t i = 0; i < std::min(pictures.size(), kMaxNodes); ++i) {
      lines.push_back(
          node_line(pictures[i], paints, columns, snapshot.policy.overload_threshold, colour));
    }
    if (pictures.size() > kMaxNodes) {
      Row row;
      row.add(fmt::format(" and {}", count_of(pictures.size() - kMaxNodes, "more node")), kDim);
      lines.push_back(row.str(width, colour));
    }
    lines.push_back(legend(snapshot, paints, width, colour));
  }
  lines.push_back(phase(snapshot, width, colour));
  return lines;
}

std::string line(const loop::MoveRecord& record, const loop::Snapshot& snapshot) {
  const auto& move = record.move;
  const auto what =
      fmt::format("segment {} of {} ({})", to_string(move.segment),
                  name_of(move.collection, snapshot), rules::format_bytes(move.bytes));
  const auto from = to_string(move.from);
  const auto to = to_string(move.to);
  const auto detail = record.detail.empty() ? "" : ": " + record.detail;
  switch (record.result) {
    case loop::MoveResult::succeeded:
      return printable(fmt::format(
          "moved {} from node {} ({} → {}) to node {} ({} → {}): {}", what, from,
          rules::format_percent(move.from_before), rules::format_percent(move.from_after), to,
          rules::format_percent(move.to_before), rules::format_percent(move.to_after), why(move)));
    case loop::MoveResult::failed:
      return printable(
          fmt::format("could not move {} from node {} to node {}{}", what, from, to, detail));
    case loop::MoveResult::unknown:
      return printable(fmt::format("sent {} from node {} to node {}, and its end is unknown{}",
                                   what, from, to, detail));
    case loop::MoveResult::gone:
      return printable(
          fmt::format("{} was gone before it could leave node {}{}", what, from, detail));
  }
  return {};
}

std::string line(const loop::Decision& decision) {
  return printable(fmt::format("{}: {}", loop::name(decision.outcome), decision.words));
}

}  // namespace evenkeel::demo
