#pragma once
// A simulated world before it begins: plain data, so that it can be drawn by seed, written by hand
// and shrunk.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/milvus/version.hpp"
#include "agent/settings/settings.hpp"
#include "rules/cluster.hpp"
#include "tests/sim/events.hpp"

namespace evenkeel::sim {

using rules::Bytes;
using rules::CollectionId;
using rules::Duration;
using rules::NodeId;
using rules::ReplicaId;
using rules::SegmentId;
using rules::TimePoint;

inline constexpr Bytes kMiB = Bytes{1} << 20;
inline constexpr Bytes kGiB = Bytes{1} << 30;

std::string text(auto id) {
  return std::to_string(static_cast<std::int64_t>(id));
}

struct NodeSpec {
  NodeId id{};
  Bytes capacity = 0;  // what the coordinator gives as its memory; 0: it does not say
  Bytes base = 0;      // what the process uses without any segment
  int group = 0;       // its resource group
  // From 2.6 on: holds growing segments and leads shards. A member of the replicas of that group,
  // though not in the group itself.
  bool streaming = false;
};

struct ReplicaSpec {
  ReplicaId id{};
  std::uint32_t groups = 1;  // bit g: it lives on the nodes of resource group g
};

struct SegmentSpec {
  SegmentId id{};
  std::int64_t rows = 0;
  bool growing = false;
  std::vector<NodeId> nodes;  // one a replica, in the order of the collection's replicas
};

struct CollectionSpec {
  CollectionId id{};
  std::string name;
  Bytes row_bytes = 1024;  // what one row really takes
  double weight = 1;       // that ÷ what is stated of it: quantised and mapped rows take less
  std::string database = "default";
  std::vector<ReplicaSpec> replicas;
  std::vector<SegmentSpec> segments;
};

// How the size of a segment can be known.
enum class Sizes { reported, figures, schema };

// How the cluster behaves between events.
struct Manners {
  Duration answer_time{0};        // of each answer of coordinator and nodes
  Bytes load_speed = 256 * kMiB;  // a second
  double peak = 1.0;              // what a segment takes while it loads, × its bytes
  double noise = 0;               // of a memory figure, as a share of it, up or down
  double kept = 0;  // the share of a segment's memory that its source keeps until `fall` has passed
  Duration fall{0};
  bool transit_shown = true;  // a segment that moves is listed on both nodes
  Sizes sizes = Sizes::reported;
  double schema_error = 1;     // the schema's bytes a row ÷ the real ones
  bool stale_figures = false;  // entity_size stays when the segments have left
  double mapped = 0;  // 2.6: resident memory has so much more of file pages, as a share of the rest
  bool lists = true;  // from 2.5 on: the console's lists are there
  // 3.0: each channel's segments belong on some of a replica's nodes, and the built-in balancer
  // pulls them back there.
  bool exclusive = false;
  bool balancer_active = true;
  std::array<int, kMoveEnds.size()> move_ends{100};  // weights of how calls come out
};

inline constexpr std::array<const char*, 7> kEras{"2.2.16", "2.3.5",  "2.4.9", "2.5.6",
                                                  "2.6.5",  "2.6.19", "3.0.0"};

struct World {
  std::uint64_t seed = 0;           // for what is drawn while it runs
  std::string era = "2.3.5";        // which Milvus it behaves like
  std::optional<std::string> says;  // what it gives as its version, where that is another
  settings::Settings settings;
  Manners manners;
  std::vector<NodeSpec> nodes;
  std::vector<CollectionSpec> collections;
  std::vector<Event> events;
  Duration busy = std::chrono::minutes{5};  // then no call fails and nothing happens any more
  // A second agent, by the same settings, begins so long after the first.
  std::optional<Duration> second_agent;
  std::optional<Duration> lease;  // the two take turns, each of which a lease of this keeps
  bool holds = false;             // agents hold Milvus's own balancer off
  // Between these times after the start they cannot reach that by which they hold it.
  std::optional<std::pair<Duration, Duration>> etcd_away;
  bool remembers = false;  // an agent that starts again knows what its journal has kept
  // Between these times after the start, whole minutes, no maintenance window is open.
  std::optional<std::pair<Duration, Duration>> closed;
  Duration stop_at{0};  // when the agent is told to stop; 0: after it came to rest

  [[nodiscard]] std::string version() const { return says.value_or(era); }
  // It behaves like that version or a later one.
  [[nodiscard]] bool since(int major, int minor, int patch = 0) const {
    return milvus::parse_version(era).value() >= milvus::Version{major, minor, patch};
  }
  // The databases that the agent gets to see.
  [[nodiscard]] std::vector<std::string> seen_databases() const;
  [[nodiscard]] bool sees(std::string_view database) const;
  // Node memory is what system_info says of it, not what the nodes' own metrics do.
  [[nodiscard]] bool memory_by_milvus() const;
};

// Node n's address (gRPC) and the target of its metrics.
[[nodiscard]] std::string address_of(NodeId id);

}  // namespace evenkeel::sim
