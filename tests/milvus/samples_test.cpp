// Everything that a real 2.6.19 answered, with authorization and without, read by the parser that
// its path has. samples-2.6.19.txt says what comes out: "file | parser | value", a line each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "agent/milvus/answers.hpp"
#include "tests/milvus/samples.hpp"

namespace evenkeel::milvus::samples_test {
namespace {

constexpr const char* kTable = EVENKEEL_SOURCE_DIR "/tests/milvus/samples-2.6.19.txt";

std::string str(rules::NodeId id) {
  return std::to_string(static_cast<std::int64_t>(id));
}

std::string str(const std::vector<rules::NodeId>& nodes) {
  std::string text;
  for (const auto node : nodes) text += (text.empty() ? "" : ",") + str(node);
  return text.empty() ? "none" : text;
}

std::string number(auto id) {
  return std::to_string(static_cast<std::int64_t>(id));
}

std::string in_words(const SystemInfo& system) {
  std::string text = system.version;
  for (const auto& node : system.nodes) {
    text += ", " + std::string(node.streaming ? "streaming " : "") + str(node.id) + " at " +
            node.address + " uses " + number(node.memory_used >> 20) + " of " +
            number(node.memory >> 20) + " MiB";
  }
  return text;
}

std::string in_words(const std::vector<CollectionInfo>& collections) {
  std::string text;
  for (const auto& collection : collections) {
    text += (text.empty() ? "" : ", ") + collection.name + "=" + number(collection.id) + " " +
            number(collection.loaded_percentage) + "%";
  }
  return text;
}

std::string in_words(const std::vector<ReplicaInfo>& replicas) {
  std::string text = replicas.empty() ? "none" : "";
  for (const auto& replica : replicas) {
    text += (text.empty() ? "" : ", ") + number(replica.id) + " of " + number(replica.collection) +
            " on " + str(replica.nodes) + " led by " + str(replica.leaders) + " in " +
            replica.resource_group;
  }
  return text;
}

std::string in_words(const std::vector<SegmentInfo>& segments) {
  std::map<std::string, std::int64_t> rows;
  for (const auto& segment : segments) {
    if (segment.state == rules::SegmentState::sealed) rows[str(segment.nodes)] += segment.rows;
  }
  std::string text = number(segments.size());
  for (const auto& [nodes, of_them] : rows) text += ", rows on " + nodes + ": " + number(of_them);
  return text;
}

std::string in_words(const std::vector<SegmentSize>& copies) {
  std::map<rules::NodeId, std::pair<std::int64_t, rules::Bytes>> by_node;
  for (const auto& copy : copies) {
    if (!copy.sealed || static_cast<std::int64_t>(copy.collection) == 0) continue;
    by_node[copy.node].first += copy.rows;
    by_node[copy.node].second += copy.bytes;
  }
  std::string text = number(copies.size());
  for (const auto& [node, held] : by_node) {
    text += ", on " + str(node) + ": " + number(held.first) + " rows of " + number(held.second) +
            " bytes";
  }
  return text;
}

std::string in_words(const std::vector<ReplicaRoles>& replicas) {
  std::string text;
  for (const auto& replica : replicas) {
    text += (text.empty() ? "" : ", ") + number(replica.id) + " of " + number(replica.collection) +
            " on " + str(replica.nodes) + " leaving " + str(replica.read_only) + " channels " +
            number(replica.channels.size());
  }
  return text;
}

std::string in_words(const std::vector<ResourceGroup>& groups) {
  std::string text;
  for (const auto& group : groups) text += group.name + " has " + str(group.nodes);
  return text;
}

std::string in_words(const std::vector<SegmentChannel>& segments) {
  std::map<std::string, int> of;
  for (const auto& segment : segments) ++of[segment.channel];
  std::string text;
  for (const auto& [channel, count] : of)
    text += (text.empty() ? "" : ", ") + channel + " has " + number(count);
  return text;
}

std::string in_words(const Databases& databases) {
  std::string text = databases.all ? "all:" : "not all:";
  for (const auto& name : databases.names) text += " " + name;
  return text;
}

std::string in_words(rules::Bytes bytes) {
  return std::to_string(bytes) + " bytes a row";
}

std::string in_words(bool active) {
  return active ? "active" : "suspended";
}

std::string in_words(const Failure& failure) {
  return std::string(name(failure.kind)) + " " + std::to_string(failure.code) + ": " +
         failure.message;
}

// A name, and what the parser makes of an answer.
struct Parser {
  const char* name;
  std::function<std::string(std::string_view)> words;
};

template <typename T>
Parser parser(const char* name, Result<T> (*parse)(std::string_view)) {
  return {name, [parse](std::string_view text) {
            const auto value = parse(text);
            if (!value) return in_words(value.error());
            if constexpr (std::is_void_v<T>) {
              return std::string("done");
            } else {
              return in_words(*value);
            }
          }};
}

// By the path that is asked for it.
const std::map<std::string, Parser>& parsers() {
  static const std::map<std::string, Parser> all = {
      {"/api/v1/metrics", parser("system_info", parse_system_info)},
      {"/api/v1/collections", parser("collections", parse_collections)},
      {"/api/v1/collection", parser("row_bytes", parse_row_bytes)},
      {"/api/v1/replicas", parser("replicas", parse_replicas)},
      {"/api/v1/query-segment-info", parser("segments", parse_segments)},
      {"/api/v1/load-balance", parser("status", parse_status)},
      {"/api/v1/_qn/segments", parser("segment_sizes", parse_segment_sizes)},
      // Without in=qc, or with another, it is the same list.
      {"/api/v1/_qc/segments", parser("segment_sizes", parse_segment_sizes)},
      {"/api/v1/_qc/segments?in=qn", parser("segment_sizes", parse_segment_sizes)},
      {"/api/v1/_qc/segments?in=qc", parser("segment_channels", parse_segment_channels)},
      {"/api/v1/_qc/replica", parser("replica_roles", parse_replica_roles)},
      {"/api/v1/_qc/resource_group", parser("resource_groups", parse_resource_groups)},
      {"/api/v1/_db/list", parser("databases", parse_databases)},
      {"/management/querycoord/balance/status", parser("balancer", parse_balancer_active)},
  };
  return all;
}

std::string line_of(const std::string& file) {
  const auto asked = exchange(file);
  const auto found = parsers().find(asked.path);
  if (asked.status == 401 || asked.status == 400) {
    return file + " | refusal | " + in_words(parse_refusal(asked.answer));
  }
  if (found == parsers().end()) return file + " | not one of our answers | " + asked.path;
  return file + " | " + found->second.name + " | " + found->second.words(asked.answer);
}

// Those of the API, and those of /management that are asked for.
std::set<std::string> files() {
  const std::filesystem::path root = EVENKEEL_SOURCE_DIR "/tests/samples/2.6.19";
  std::set<std::string> found{"management/balance-status.txt",
                              "management/balance-status-suspended.txt"};
  for (const auto& folder : std::filesystem::directory_iterator(root)) {
    const auto name = folder.path().filename().string();
    if (!name.starts_with("noauth") && !name.starts_with("auth-")) continue;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      found.insert(name + "/" + file.path().filename().string());
    }
  }
  return found;
}

std::vector<std::string> table() {
  std::ifstream file(kTable);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST(Samples2619, AreAllRead) {
  std::vector<std::string> lines;
  for (const auto& file : files()) lines.push_back(line_of(file));
  EXPECT_GT(lines.size(), 120U);
  if (std::getenv("EVENKEEL_WRITE_SAMPLES") != nullptr) {
    std::ofstream out(kTable);
    for (const auto& line : lines) out << line << '\n';
  }
  EXPECT_EQ(lines, table()) << "each sample, the parser of its path and what it gives";
}

TEST(Samples2619, ThoseThatAreNotOursAreListsThatNobodyAsksFor) {
  std::set<std::string> others;
  for (const auto& line : table()) {
    if (line.find("| not one of our answers |") == std::string::npos) continue;
    others.insert(line.substr(line.rfind("| ") + 2));
  }
  EXPECT_THAT(others,
              testing::ElementsAre(
                  "/api/v1/_cluster/dependencies", "/api/v1/_cluster/info",
                  "/api/v1/_collection/desc?collection_name=book", "/api/v1/_collection/list",
                  "/api/v1/_dc/dist", "/api/v1/_dc/segments", "/api/v1/_dn/segments",
                  "/api/v1/_qc/dist", "/api/v1/_qc/dist?collection_id=470781385398290103",
                  "/api/v1/_qc/target", "/api/v1/_qc/tasks", "/api/v1/_qn/channels", "/healthz",
                  "/management/querycoord/node/list", "/metrics"));
}

}  // namespace
}  // namespace evenkeel::milvus::samples_test
