#pragma once
// The raw answers of the coordinator and the nodes in one observation, before assemble().

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/milvus/coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::loop {

// Node facts that are kept from one observation to the next.
struct CapacityMemory {
  std::map<rules::NodeId, std::set<std::string>> groups;  // resource groups, as last read
  // The nodes of the newest observation in which every [capacity] key matched a node and all
  // matched nodes answered; nullopt: there was none yet.
  std::optional<std::set<rules::NodeId>> seen;
};

// The answers about one loaded collection.
struct CollectionAnswers {
  milvus::CollectionInfo info;
  milvus::Result<std::vector<milvus::ReplicaInfo>> replicas;
  milvus::Result<std::vector<milvus::SegmentInfo>> segments;
};

// The failure of all problems that come of a Milvus which gives no answer.
inline constexpr const char* kNoAnswer = "Milvus gives no answer";

// All answers of one observation.
struct Answers {
  milvus::Result<std::vector<milvus::QueryNode>> nodes;
  milvus::Result<std::vector<milvus::CollectionInfo>> collections;  // in all databases
  std::vector<CollectionAnswers> distribution;                      // one entry a loaded collection
  std::vector<scrape::TargetResult> scraped;
  rules::TimePoint begun{};     // when the first request was sent; the epoch means now
  rules::TimePoint nodes_at{};  // when the list of nodes was requested
  std::string version;          // Milvus's, as system_info last said
  std::vector<std::string> databases;
  bool all_databases = true;  // `databases` has all there are
  // The console's lists (Milvus 2.5 and later); nullopt if they could not be read.
  std::optional<std::vector<milvus::ReplicaRoles>> roles;
  std::optional<std::vector<milvus::ResourceGroup>> groups;
  // Each segment's channel; read only if a replica is in exclusive mode, unless the built-in
  // balancer is off.
  std::map<rules::SegmentId, std::string> channels;
  // Bytes of each copy of a segment as its node reports them, possibly from an earlier observation.
  std::map<std::pair<rules::SegmentId, rules::NodeId>, rules::Bytes> reported;
  std::set<rules::CollectionId> once_listed;  // collections that a list has named before
  std::vector<rules::Problem> list_problems;  // of lists and scrapes that failed
  std::string memory_source = "auto";         // [memory] source
  std::string cut_short;                      // in words: why not all was asked; empty: all was
  CapacityMemory capacity_memory;             // these answers included
};

}  // namespace evenkeel::loop
