#include "agent/cli/plan_file.hpp"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/journal/codec.hpp"
#include "agent/util/json_view.hpp"

namespace evenkeel::cli {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "evenkeel plan 1";

// As the file has it.
struct WrittenMove {
  rules::SegmentId segment{};
  rules::CollectionId collection{};
  std::string collection_name;
  rules::ReplicaId replica{};
  rules::NodeId from{};
  rules::NodeId to{};
  std::int64_t rows = 0;
  rules::Bytes bytes = 0;
  std::string words;

  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("segment", self.segment);
    visit("collection", self.collection);
    visit("collection_name", self.collection_name);
    visit("replica", self.replica);
    visit("from", self.from);
    visit("to", self.to);
    visit("rows", self.rows);
    visit("bytes", self.bytes);
    visit("words", self.words);
  }
};

struct Written {
  rules::TimePoint made_at{};
  std::string made;
  std::string milvus;
  std::string version;
  std::string digest;
  std::vector<WrittenMove> moves;

  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("made_at", self.made_at);
    visit("made", self.made);
    visit("milvus", self.milvus);
    visit("milvus_version", self.version);
    visit("digest", self.digest);
    visit("moves", self.moves);
  }
};

std::string sha256(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), bytes.data(), &size, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += "0123456789abcdef"[bytes.at(i) >> 4];
    hex += "0123456789abcdef"[bytes.at(i) & 15];
  }
  return hex;
}

WrittenMove written(const PlanFile::Entry& entry) {
  const rules::Move& move = entry.move;
  return {.segment = move.segment,
          .collection = move.collection,
          .collection_name = entry.collection_name,
          .replica = move.replica,
          .from = move.from,
          .to = move.to,
          .rows = move.rows,
          .bytes = move.bytes,
          .words = entry.words};
}

PlanFile::Entry entry_of(WrittenMove&& written) {
  PlanFile::Entry entry;
  entry.move.segment = written.segment;
  entry.move.collection = written.collection;
  entry.move.replica = written.replica;
  entry.move.from = written.from;
  entry.move.to = written.to;
  entry.move.rows = written.rows;
  entry.move.bytes = written.bytes;
  entry.move.urgency = rules::Urgency::asked;
  entry.collection_name = std::move(written.collection_name);
  entry.words = std::move(written.words);
  return entry;
}

// Negative figures have no meaning, and would give room.
bool sensible(const Written& plan) {
  for (const WrittenMove& move : plan.moves) {
    if (move.rows < 0 || move.bytes <= 0) return false;
  }
  return !plan.moves.empty();
}

tl::unexpected<std::string> refused(std::string why) {
  return tl::unexpected(std::move(why));
}

tl::unexpected<std::string> system_error(const std::string& path) {
  return tl::unexpected(path + ": " + std::strerror(errno));
}

}  // namespace

std::vector<rules::Move> PlanFile::moves() const {
  std::vector<rules::Move> moves;
  moves.reserve(entries.size());
  for (const Entry& entry : entries) moves.push_back(entry.move);
  return moves;
}

std::string text_of(const PlanFile& plan) {
  Written content{plan.made_at, plan.made, plan.milvus, plan.version, plan.digest, {}};
  for (const auto& entry : plan.entries) content.moves.push_back(written(entry));
  const std::string text = journal::encode(content);
  const json file = {{"format", kFormat}, {"checksum", sha256(text)}, {"plan", json::parse(text)}};
  return file.dump(2) + '\n';
}

tl::expected<void, std::string> write_plan(const std::string& path, const PlanFile& plan) {
  const std::string unfinished = path + ".new";
  {
    std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
    if (!file) return system_error(unfinished);
    file << text_of(plan) << std::flush;
    if (!file) return system_error(unfinished);
  }
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) return system_error(path);
  return {};
}

tl::expected<PlanFile, std::string> parse_plan(const std::string& text) {
  const auto file = parse_json(text);
  if (!file) return refused("it is no JSON: " + file.error());
  const auto member = [&file](const char* name) {
    const auto found = file->is_object() ? file->find(name) : file->end();
    return found == file->end() ? json() : *found;
  };
  const json format = member("format");
  if (format != kFormat) {
    return tl::unexpected(format.is_string() ? "its format is \"" + format.get<std::string>() +
                                                   "\", this program knows \"" + kFormat + "\""
                                             : std::string("it is no plan of `evenkeel plan -o`"));
  }
  const std::string plan_text = member("plan").dump(-1, ' ', false, json::error_handler_t::replace);
  if (member("checksum") != sha256(plan_text)) {
    return refused("it was changed after it was written: its checksum is another one");
  }
  auto content = journal::decode<Written>(plan_text);
  if (!content) return refused("its plan cannot be read: " + content.error());
  if (!sensible(*content)) return refused("it has no moves, or moves of nothing");
  PlanFile plan{content->made_at, content->made,   content->milvus,
                content->version, content->digest, {}};
  for (WrittenMove& move : content->moves) plan.entries.push_back(entry_of(std::move(move)));
  return plan;
}

tl::expected<PlanFile, std::string> read_plan(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return system_error(path);
  std::string text(kMaxPlanFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad() || (file.fail() && !file.eof())) return tl::unexpected(path + ": cannot be read");
  if (text.size() > kMaxPlanFile) return tl::unexpected(path + ": longer than any plan, 16 MiB");
  return parse_plan(text).map_error([&path](const std::string& why) { return path + ": " + why; });
}

}  // namespace evenkeel::cli
