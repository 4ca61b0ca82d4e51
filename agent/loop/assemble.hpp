#pragma once
// From what coordinator and nodes answered to one Cluster value. Pure: every oddity of the wire
// that concerns how the answers fit together is dealt with here.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/loop/capacities.hpp"
#include "agent/loop/row_sizes.hpp"
#include "agent/milvus/coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "agent/settings/settings.hpp"
#include "rules/cluster.hpp"
#include "rules/weights.hpp"

namespace evenkeel::loop {

struct CollectionAnswers {
  milvus::CollectionInfo info;
  milvus::Result<std::vector<milvus::ReplicaInfo>> replicas;
  milvus::Result<std::vector<milvus::SegmentInfo>> segments;
};

struct Answers {
  milvus::Result<std::vector<milvus::QueryNode>> nodes;
  milvus::Result<std::vector<milvus::CollectionInfo>> collections;  // of all databases
  std::vector<CollectionAnswers> distribution;                      // one a loaded collection
  std::vector<scrape::TargetResult> scraped;
  rules::TimePoint begun{};     // when the first question was asked; the epoch: now
  rules::TimePoint nodes_at{};  // when the list of nodes was asked for
  std::string version;          // of Milvus, as system_info last said
  std::vector<std::string> databases;
  bool all_databases = true;  // there are no others
  // The console's lists (2.5 and later), where they were had.
  std::optional<std::vector<milvus::ReplicaRoles>> roles;
  std::optional<std::vector<milvus::ResourceGroup>> groups;
  // Channels of segments, where replicas are in exclusive mode and the built-in balancer is on.
  std::map<rules::SegmentId, std::string> channels;
  // What query nodes said of their segments; also of an earlier time.
  std::map<std::pair<rules::SegmentId, rules::NodeId>, rules::Bytes> reported;
  std::set<rules::CollectionId> once_listed;  // collections that a list has named before
  std::vector<std::string> list_problems;     // in words: the console's lists that failed
  std::string memory_source = "auto";         // [memory] source
  std::string cut_short;  // in words: why the coordinator was asked no further; empty: it was
  CapacityMemory capacity_memory;  // with what these answers say
};

// Every replica was read, and none has a node.
[[nodiscard]] bool no_nodes_named(const Answers& answers);

// `known`: the nodes of the last complete answer, used where this time the coordinator does not
// say. `weights` correct all sizes but those reported for the very segment.
[[nodiscard]] rules::Cluster assemble(const Answers& answers,
                                      const std::vector<milvus::QueryNode>& known,
                                      const RowSizes& sizes, const rules::Weights& weights,
                                      const settings::Settings::Capacity& capacity,
                                      rules::TimePoint now);

// Why nothing is moved on this Milvus, in words; empty: it may be.
[[nodiscard]] std::string not_acted_on(const rules::Cluster& cluster,
                                       const settings::Settings::Milvus& settings);

// Newer samples of its nodes alone; a scrape that failed changes nothing, so that its node's sample
// grows old.
void read_again(rules::Cluster& cluster, const std::vector<scrape::TargetResult>& scraped);

}  // namespace evenkeel::loop
