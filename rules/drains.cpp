#include "rules/drains.hpp"

#include <algorithm>
#include <utility>

#include "rules/arithmetic.hpp"
#include "rules/explain.hpp"
#include "rules/nearest.hpp"

namespace evenkeel::rules {
namespace {

bool among(const std::vector<NodeId>& nodes, NodeId id) {
  return std::find(nodes.begin(), nodes.end(), id) != nodes.end();
}

// The node has segments of the replica, and no other member could take them.
bool is_last_of(const Replica& replica, const Cluster& cluster, const Drains& drains, NodeId node) {
  const bool others = std::any_of(replica.nodes.begin(), replica.nodes.end(), [&](NodeId each) {
    return each != node && !drains.contains(each);
  });
  return !others &&
         std::any_of(cluster.segments.begin(), cluster.segments.end(), [&](const Segment& segment) {
           return segment.node == node && segment.replica == replica.id &&
                  segment.collection == replica.collection;
         });
}

}  // namespace

void Drains::begin(NodeId node, Drain drain) {
  const auto known = drains_.find(node);
  if (known != drains_.end()) drain.since = known->second.since;
  drains_.insert_or_assign(node, std::move(drain));
}

void Drains::observe(const Cluster& cluster) {
  for (const Node& node : cluster.nodes) {
    const auto found = drains_.find(node.id);
    if (found != drains_.end()) found->second.seen = cluster.observed_at;
  }
  std::erase_if(drains_, [&](const auto& entry) {
    return later(entry.second.seen, kForgetDrain) < cluster.observed_at;
  });
}

std::string why_not_drained(const Cluster& cluster, const Drains& drains, NodeId id) {
  if (!cluster.coordinator_complete) return "the proxy did not answer every question; ask again";
  const std::string who = "node " + number(id);
  const Node* node = find_node(cluster, id);
  if (node == nullptr) return "there is no query node " + number(id) + instead_of_node(cluster, id);
  if (node->role == NodeRole::streaming) {
    return who + " is a streaming node: it holds growing segments, and nothing is moved off it";
  }
  if (node->role == NodeRole::leaving) return who + " is being emptied by Milvus already";
  for (const Replica& replica : cluster.replicas) {
    const bool part = !among(replica.streaming, id) && !among(replica.leaving, id);
    if (!part || !is_last_of(replica, cluster, drains, id)) continue;
    return who + " is the last node of replica " + number(replica.id) + " of collection " +
           name_of(cluster, replica.collection) +
           " that may hold its segments: add a node to its resource group, or release it, first";
  }
  return "";
}

Remainder remainder_on(const Cluster& cluster, NodeId node) {
  Remainder left;
  for (const Segment& segment : cluster.segments) {
    if (segment.node != node) continue;
    if (segment.state == SegmentState::growing) {
      ++left.growing;
      continue;
    }
    ++left.segments;
    left.bytes = saturating_add(left.bytes, std::max<Bytes>(segment.bytes, 0));
  }
  return left;
}

std::vector<std::string> why_they_stay(NodeId node, const Judgement& judgement, const Plan& plan,
                                       const Policy& policy) {
  std::vector<std::string> reasons;
  const NodeVerdict* verdict = judgement.node(node);
  if (verdict != nullptr && verdict->state == NodeState::cannot_judge) {
    reasons.push_back(words(*verdict, policy));
  }
  for (const RejectedMove& rejected : plan.rejected) {
    if (rejected.from == node) reasons.push_back(words(rejected, policy));
  }
  return reasons;
}

}  // namespace evenkeel::rules
