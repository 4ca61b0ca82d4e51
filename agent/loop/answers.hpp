#pragma once
// What coordinator and nodes answered in one observation, before it is put together.

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

// What is remembered of nodes and resource groups from one observation to the next.
struct CapacityMemory {
  std::map<rules::NodeId, std::set<std::string>> groups;  // as last read
  // The nodes that were there when every key had one, and all of those answered; none yet: no such
  // look.
  std::optional<std::set<rules::NodeId>> seen;
};

// What was answered of one loaded collection.
struct CollectionAnswers {
  milvus::CollectionInfo info;
  milvus::Result<std::vector<milvus::ReplicaInfo>> replicas;
  milvus::Result<std::vector<milvus::SegmentInfo>> segments;
};

// All answers of one observation.
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

}  // namespace evenkeel::loop
