#include "agent/loop/roles.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "agent/milvus/version.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::loop {
namespace {

using rules::NodeId;
using rules::NodeRole;

// At most this many unlisted collections are named one by one.
constexpr std::size_t kMostNamed = 20;

// True if the metrics show segments of the collection on the node. The bytes may stay forever after
// the segments have left; the number of segments and rows does not (seen on 2.3.5).
bool holds(const scrape::NodeFigures& node, const scrape::CollectionFigures& figures) {
  if (node.counts_segments) return figures.segment_num > 0;
  return figures.entity_num > 0;
}

}  // namespace

Roles::Roles(const Answers& answers, const std::vector<milvus::QueryNode>& known)
    : answers_(answers) {
  if (answers.groups) {
    for (const auto& group : *answers.groups) {
      grouped_.insert(group.nodes.begin(), group.nodes.end());
    }
  }
  if (answers.roles) {
    for (const auto& replica : *answers.roles) {
      replicas_[replica.id] = &replica;
      read_only_.insert(replica.read_only.begin(), replica.read_only.end());
    }
  }
  for (const auto& collection : answers.distribution) {
    if (!collection.replicas) continue;
    for (const auto& replica : *collection.replicas) {
      leaders_.insert(replica.leaders.begin(), replica.leaders.end());
    }
  }
  for (const auto& result : answers.scraped) {
    if (result.good() && result.figures.id) wal_[*result.figures.id] = result.figures.wal;
  }
  for (const auto& node : answers.nodes ? *answers.nodes : known) roles_[node.id] = judge(node);
}

NodeRole Roles::judge(const milvus::QueryNode& node) const {
  if (node.streaming) return NodeRole::streaming;
  const std::string& version = node.version.empty() ? answers_.version : node.version;
  if (!milvus::may_have_streaming_nodes(version)) return NodeRole::query;
  const auto metrics = wal_.find(node.id);
  const bool read = metrics != wal_.end();
  if (read && metrics->second) return NodeRole::streaming;
  if (milvus::names_streaming_nodes(version)) return NodeRole::query;
  // In the other versions system_info calls a streaming node a query node, too.
  if (milvus::parse_version(version) && leaders_.contains(node.id)) return NodeRole::streaming;
  if (!grouped_.empty() && milvus::groups_tell_streaming_nodes(version)) {
    if (in_a_group(node.id) || read_only_.contains(node.id)) return NodeRole::query;
    return NodeRole::streaming;
  }
  return read ? NodeRole::query : NodeRole::unknown;
}

NodeRole Roles::of(NodeId node) const {
  const auto found = roles_.find(node);
  return found == roles_.end() ? NodeRole::query : found->second;
}

rules::Replica Roles::replica(const milvus::ReplicaInfo& info,
                              rules::CollectionId collection) const {
  rules::Replica replica{info.id, collection, info.resource_group, {}};
  const auto found = replicas_.find(info.id);
  const milvus::ReplicaRoles* listed = found == replicas_.end() ? nullptr : found->second;
  const auto is_leaving = [&](NodeId node) {
    if (listed == nullptr) return false;
    const auto& read_only = listed->read_only;
    if (std::binary_search(read_only.begin(), read_only.end(), node)) return true;
    // A suspended node is in no resource group. One that is not listed at all has died.
    return !grouped_.empty() && roles_.contains(node) && !in_a_group(node);
  };
  for (const NodeId node : info.nodes) {
    if (of(node) == NodeRole::streaming) {
      replica.streaming.push_back(node);
    } else if (is_leaving(node)) {
      replica.leaving.push_back(node);
    } else {
      replica.nodes.push_back(node);
    }
  }
  const auto told = static_cast<std::int64_t>(replica.leaving.size());
  replica.unknown_leaving = std::max<std::int64_t>(0, info.outbound - told);
  if (listed != nullptr && !answers_.channels.empty()) {
    for (const auto& channel : listed->channels) {
      std::vector<NodeId> nodes;
      std::set_intersection(channel.nodes.begin(), channel.nodes.end(), replica.nodes.begin(),
                            replica.nodes.end(), std::back_inserter(nodes));
      replica.channels.push_back(std::move(nodes));
    }
  }
  return replica;
}

std::map<std::string, std::uint32_t> Roles::channel_numbers(rules::ReplicaId replica) const {
  std::map<std::string, std::uint32_t> numbers;
  const auto found = replicas_.find(replica);
  if (found == replicas_.end()) return numbers;
  for (const auto& channel : found->second->channels) {
    numbers.emplace(channel.channel, static_cast<std::uint32_t>(numbers.size() + 1));
  }
  return numbers;
}

void Roles::name_leaving_nodes(rules::Cluster& cluster) const {
  std::unordered_set<NodeId> leaving;
  std::unordered_set<NodeId> staying;
  for (const auto& replica : cluster.replicas) {
    leaving.insert(replica.leaving.begin(), replica.leaving.end());
    staying.insert(replica.nodes.begin(), replica.nodes.end());
  }
  for (rules::Node& node : cluster.nodes) {
    const bool leaves = leaving.contains(node.id) && !staying.contains(node.id);
    if (leaves && node.role == NodeRole::query) node.role = NodeRole::leaving;
  }
}

void add_unlisted(rules::Cluster& cluster, const Answers& answers, rules::Bytes row_bytes) {
  if (!answers.collections) return;
  std::set<rules::CollectionId> listed;
  for (const auto& collection : *answers.collections) listed.insert(collection.id);
  std::map<rules::CollectionId, std::string> nodes_of;
  for (const auto& result : answers.scraped) {
    if (!result.good() || !result.figures.id) continue;
    for (const auto& [id, figures] : result.figures.collections) {
      if (listed.contains(id) || answers.once_listed.contains(id)) continue;
      if (!holds(result.figures, figures)) continue;
      const rules::Bytes by_rows = std::min(figures.entity_num, rules::Bytes{1} << 40) * row_bytes;
      // From 2.4 on entity_size leaves out indexes and mapped columns: a few bytes a row.
      const bool partial = milvus::entity_size_is_partial(answers.version);
      const rules::Bytes bytes =
          partial ? std::max(figures.entity_size, by_rows) : figures.entity_size;
      cluster.unlisted.push_back({id, *result.figures.id, bytes > 0 ? bytes : by_rows});
      std::string& nodes = nodes_of[id];
      nodes += (nodes.empty() ? "" : ", ") + to_string(*result.figures.id);
    }
  }
  std::sort(cluster.unlisted.begin(), cluster.unlisted.end(), [](const auto& a, const auto& b) {
    return std::pair(a.id, a.node) < std::pair(b.id, b.node);
  });
  const std::string advice =
      answers.all_databases
          ? "; it is of a database that [milvus] databases leaves out, or it is gone and the "
            "metrics are stale"
          : "; it is of a database that this Milvus does not list: name all of them in [milvus] "
            "databases, or set rest_address (2.4 and later); or it is gone and the metrics are "
            "stale";
  std::size_t named = 0;
  for (const auto& [id, nodes] : nodes_of) {
    if (++named > kMostNamed) break;
    std::string problem = "collection " + to_string(id);
    problem += " is on node ";
    problem += nodes;
    problem += " by the metrics, and no list of collections has it";
    problem += advice;
    cluster.problems.push_back({std::move(problem)});
  }
  if (nodes_of.size() > kMostNamed) {
    cluster.problems.push_back({"and " + std::to_string(nodes_of.size() - kMostNamed) +
                                " more collections that no list has"});
  }
}

}  // namespace evenkeel::loop
