#pragma once
// Roles of the nodes, derived from system_info, the console's lists, the leaders of shards and the
// nodes' own metrics. Internal to assemble.

#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "agent/loop/answers.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::loop {

class Roles {
 public:
  // Both must outlive it. `known`: the nodes of the last complete answer.
  Roles(const Answers& answers, const std::vector<milvus::QueryNode>& known);

  [[nodiscard]] rules::NodeRole of(rules::NodeId node) const;
  // The replica with its members sorted by role.
  [[nodiscard]] rules::Replica replica(const milvus::ReplicaInfo& replica,
                                       rules::CollectionId collection) const;
  // The channels of a replica in exclusive mode, numbered from 1 as in Replica::channels.
  [[nodiscard]] std::map<std::string, std::uint32_t> channel_numbers(
      rules::ReplicaId replica) const;
  // Gives the role `leaving` to query nodes that leave every replica they are in.
  void name_leaving_nodes(rules::Cluster& cluster) const;

 private:
  [[nodiscard]] rules::NodeRole judge(const milvus::QueryNode& node) const;
  [[nodiscard]] bool in_a_group(rules::NodeId node) const { return grouped_.contains(node); }

  const Answers& answers_;
  std::unordered_map<rules::NodeId, rules::NodeRole> roles_;
  std::map<rules::ReplicaId, const milvus::ReplicaRoles*> replicas_;
  std::unordered_set<rules::NodeId> grouped_;    // in some resource group
  std::unordered_set<rules::NodeId> leaders_;    // lead some shard
  std::unordered_set<rules::NodeId> read_only_;  // read-only in some replica
  std::unordered_map<rules::NodeId, bool> wal_;  // has a WAL; only nodes whose metrics were read
};

// Adds collections that are in nodes' metrics but in no list. `row_bytes`: bytes a row, if unknown.
void add_unlisted(rules::Cluster& cluster, const Answers& answers, rules::Bytes row_bytes);

}  // namespace evenkeel::loop
