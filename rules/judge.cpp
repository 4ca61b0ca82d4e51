#include "rules/judge.hpp"

#include <algorithm>
#include <compare>
#include <deque>
#include <ranges>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {
namespace {

// What a node's expected ratio was over the last usable samples.
struct Evidence {
  double lowest = 0;
  double highest = 0;
  Reason missing = Reason::none;  // why there is not enough of it
};

struct JudgedNode {
  NodeVerdict verdict;
  Evidence evidence;
};

using JudgedNodes = std::vector<JudgedNode>;  // sorted by id

Reason unjudgeable_health(NodeHealth health) {
  switch (health) {
    case NodeHealth::up:
      return Reason::none;
    case NodeHealth::unreachable:
      return Reason::node_unreachable;
    case NodeHealth::ambiguous:
      return Reason::node_ambiguous;
    case NodeHealth::unlisted:
      return Reason::node_unlisted;
    case NodeHealth::stopping:
      return Reason::node_stopping;
    case NodeHealth::invalid:
      return Reason::node_invalid;
  }
  return Reason::node_invalid;
}

Reason unjudgeable(const Node& node, const std::deque<Sample>& samples, const Policy& policy,
                   TimePoint now) {
  if (const Reason reason = unjudgeable_health(node.health); reason != Reason::none) return reason;
  if (node.capacity <= 0) return Reason::capacity_unknown;
  if (samples.empty()) return Reason::sample_missing;
  if (later(samples.back().at, policy.max_sample_age) < now) return Reason::sample_stale;
  return Reason::none;
}

// Newest samples first, none from before the last move that touched the node, and none from before
// a gap in which samples failed to come.
Evidence gather(NodeVerdict& verdict, const std::deque<Sample>& samples, const Policy& policy,
                const Ledger& ledger, TimePoint now) {
  Evidence evidence{verdict.ratio, verdict.ratio, Reason::none};
  const int wanted = evidence_samples(policy);
  const TimePoint touched = ledger.touched(verdict.id);
  bool moved = false;
  TimePoint next = samples.back().at;
  for (const Sample& sample : samples | std::views::reverse) {
    moved = sample.at <= touched;
    const bool gap = later(sample.at, policy.max_sample_age) < next;
    if (moved || gap || verdict.samples == wanted) break;
    const double ratio =
        ratio_of(ledger.expected(verdict.id, sample, now, policy), verdict.capacity);
    evidence.lowest = std::min(evidence.lowest, ratio);
    evidence.highest = std::max(evidence.highest, ratio);
    ++verdict.samples;
    next = sample.at;
  }
  if (ledger.in_flight(verdict.id)) {
    evidence.missing = Reason::move_in_flight;
  } else if (verdict.samples < wanted) {
    evidence.missing = moved ? Reason::moved_since : Reason::too_few_samples;
  }
  return evidence;
}

JudgedNode judge_node(const Node& node, const Policy& policy, const Ledger& ledger, TimePoint now) {
  const std::deque<Sample>& samples = ledger.samples(node.id);
  JudgedNode judged;
  NodeVerdict& verdict = judged.verdict;
  verdict.id = node.id;
  verdict.capacity = std::max<Bytes>(node.capacity, 0);
  verdict.used = samples.empty() ? 0 : samples.back().used;
  verdict.expected = samples.empty() ? 0 : ledger.expected(node.id, samples.back(), now, policy);
  verdict.unexplained = ledger.unexplained().of(node.id);
  verdict.kept_free = ledger.unexplained().kept_free(node.id, now, policy);
  verdict.reason = unjudgeable(node, samples, policy, now);
  if (verdict.reason != Reason::none) return judged;

  verdict.ratio = ratio_of(verdict.expected, verdict.capacity);
  judged.evidence = gather(verdict, samples, policy, ledger, now);
  const Reason missing = judged.evidence.missing;
  if (!(verdict.ratio > policy.overload_threshold)) {
    verdict.state = NodeState::fine;
  } else if (missing == Reason::none && judged.evidence.lowest > policy.overload_threshold) {
    verdict.state = NodeState::overloaded;
  } else {
    verdict.state = NodeState::gathering;
    verdict.reason = missing == Reason::none ? Reason::too_few_samples : missing;
  }
  return judged;
}

JudgedNode unjudged(NodeId id, Reason reason) {
  JudgedNode judged;
  judged.verdict.id = id;
  judged.verdict.reason = reason;
  return judged;
}

bool lower_id(const JudgedNode& judged, NodeId id) {
  return judged.verdict.id < id;
}

const JudgedNode* find(const JudgedNodes& nodes, NodeId id) {
  const auto found = std::lower_bound(nodes.begin(), nodes.end(), id, lower_id);
  return found != nodes.end() && found->verdict.id == id ? &*found : nullptr;
}

JudgedNodes judge_nodes(const Cluster& cluster, const Policy& policy, const Ledger& ledger,
                        TimePoint now) {
  const auto by_id = [](const JudgedNode& a, const JudgedNode& b) {
    return a.verdict.id < b.verdict.id;
  };
  const auto same_id = [](const JudgedNode& a, const JudgedNode& b) {
    return a.verdict.id == b.verdict.id;
  };

  JudgedNodes nodes;
  for (const Node& node : cluster.nodes) nodes.push_back(judge_node(node, policy, ledger, now));
  std::sort(nodes.begin(), nodes.end(), by_id);
  for (auto twin = std::adjacent_find(nodes.begin(), nodes.end(), same_id); twin != nodes.end();
       twin = std::adjacent_find(twin + 1, nodes.end(), same_id)) {
    *twin = *(twin + 1) = unjudged(twin->verdict.id, Reason::node_ambiguous);
  }
  nodes.erase(std::unique(nodes.begin(), nodes.end(), same_id), nodes.end());

  // Replicas go on naming a dead node for a while after the node list has dropped it.
  JudgedNodes unknown;
  for (const Replica& replica : cluster.replicas) {
    for (const NodeId id : replica.nodes) {
      if (find(nodes, id) == nullptr) unknown.push_back(unjudged(id, Reason::node_unreachable));
    }
  }
  nodes.insert(nodes.end(), unknown.begin(), unknown.end());
  std::sort(nodes.begin(), nodes.end(), by_id);
  nodes.erase(std::unique(nodes.begin(), nodes.end(), same_id), nodes.end());
  return nodes;
}

template <typename Id>
void sort_unique(std::vector<Id>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

template <typename Id>
bool contains(const std::vector<Id>& sorted, Id id) {
  return std::binary_search(sorted.begin(), sorted.end(), id);
}

// What stands in the way of judging replicas, by id; each list sorted.
struct Obstacles {
  std::vector<CollectionId> complete;    // collections
  std::vector<ReplicaId> contradictory;  // listed twice and not alike
  std::vector<ReplicaId> in_transit;
};

std::vector<CollectionId> complete_collections(const Cluster& cluster) {
  std::vector<CollectionId> complete;
  std::vector<CollectionId> incomplete;
  for (const Collection& collection : cluster.collections) {
    (collection.complete ? complete : incomplete).push_back(collection.id);
  }
  sort_unique(complete);
  sort_unique(incomplete);
  std::erase_if(complete, [&](CollectionId id) { return contains(incomplete, id); });
  return complete;
}

std::vector<ReplicaId> contradictory_replicas(const Cluster& cluster) {
  struct Listed {
    ReplicaId id;
    CollectionId collection;
    std::vector<NodeId> nodes;
  };
  std::vector<Listed> listed;
  for (const Replica& replica : cluster.replicas) {
    listed.push_back({replica.id, replica.collection, replica.nodes});
    sort_unique(listed.back().nodes);
  }
  std::sort(listed.begin(), listed.end(),
            [](const Listed& a, const Listed& b) { return a.id < b.id; });
  std::vector<ReplicaId> contradictory;
  for (std::size_t i = 1; i < listed.size(); ++i) {
    const Listed& a = listed[i - 1];
    const Listed& b = listed[i];
    const bool alike = a.collection == b.collection && a.nodes == b.nodes;
    if (a.id == b.id && !alike) contradictory.push_back(a.id);
  }
  sort_unique(contradictory);
  return contradictory;
}

std::vector<ReplicaId> replicas_in_transit(const Cluster& cluster) {
  struct Copy {
    ReplicaId replica;
    SegmentId segment;
    NodeId node;
    auto operator<=>(const Copy&) const = default;
  };
  std::vector<Copy> copies;
  copies.reserve(cluster.segments.size());
  std::vector<ReplicaId> in_transit;
  for (const Segment& segment : cluster.segments) {
    copies.push_back({segment.replica, segment.id, segment.node});
    if (segment.state == SegmentState::loading) in_transit.push_back(segment.replica);
  }
  std::sort(copies.begin(), copies.end());
  for (std::size_t i = 1; i < copies.size(); ++i) {
    const Copy& a = copies[i - 1];
    const Copy& b = copies[i];
    const bool same_segment = a.replica == b.replica && a.segment == b.segment;
    if (same_segment && a.node != b.node) in_transit.push_back(a.replica);
  }
  sort_unique(in_transit);
  return in_transit;
}

// Fills in highest, lowest and spread, and returns the two nodes. All nodes can be judged.
std::pair<const JudgedNode*, const JudgedNode*> measure(
    ReplicaVerdict& verdict, const std::vector<const JudgedNode*>& nodes) {
  const auto lower_ratio = [](const JudgedNode* a, const JudgedNode* b) {
    return a->verdict.ratio < b->verdict.ratio;
  };
  const JudgedNode* highest = *std::max_element(nodes.begin(), nodes.end(), lower_ratio);
  const JudgedNode* lowest = *std::min_element(nodes.begin(), nodes.end(), lower_ratio);
  verdict.highest = highest->verdict.id;
  verdict.lowest = lowest->verdict.id;
  verdict.highest_ratio = highest->verdict.ratio;
  verdict.lowest_ratio = lowest->verdict.ratio;
  verdict.spread = verdict.highest_ratio - verdict.lowest_ratio;
  return {highest, lowest};
}

ReplicaVerdict judge_replica(const Replica& replica, const JudgedNodes& all_nodes,
                             const Obstacles& obstacles, const Policy& policy) {
  ReplicaVerdict verdict;
  verdict.id = replica.id;
  verdict.collection = replica.collection;

  std::vector<NodeId> ids = replica.nodes;
  sort_unique(ids);
  std::vector<const JudgedNode*> nodes;
  Reason node_reason = Reason::none;
  for (const NodeId id : ids) {
    nodes.push_back(find(all_nodes, id));
    const NodeVerdict& node = nodes.back()->verdict;
    if (node_reason == Reason::none && node.state == NodeState::cannot_judge) {
      node_reason = node.reason;
    }
  }

  const auto cannot = [&verdict](Reason reason) {
    verdict.reason = reason;
    return verdict;
  };
  const bool readable = contains(obstacles.complete, replica.collection) &&
                        !contains(obstacles.contradictory, replica.id);
  if (!readable) return cannot(Reason::collection_incomplete);
  if (nodes.empty()) return cannot(Reason::no_nodes);
  if (node_reason != Reason::none) return cannot(node_reason);
  const auto [highest, lowest] = measure(verdict, nodes);
  if (contains(obstacles.in_transit, replica.id)) return cannot(Reason::segment_in_transit);

  verdict.state = ReplicaState::balanced;
  if (nodes.size() == 1) verdict.reason = Reason::single_node;
  if (!(verdict.spread > policy.max_difference)) return verdict;

  Reason missing = highest->evidence.missing;
  if (missing == Reason::none) missing = lowest->evidence.missing;
  const double held = highest->evidence.lowest - lowest->evidence.highest;
  if (missing == Reason::none && held > policy.max_difference) {
    verdict.state = ReplicaState::difference;
  } else {
    verdict.state = ReplicaState::gathering;
    verdict.reason = missing == Reason::none ? Reason::too_few_samples : missing;
  }
  return verdict;
}

}  // namespace

const NodeVerdict* Judgement::node(NodeId id) const {
  const auto found = std::lower_bound(
      nodes.begin(), nodes.end(), id,
      [](const NodeVerdict& verdict, NodeId wanted) { return verdict.id < wanted; });
  return found != nodes.end() && found->id == id ? &*found : nullptr;
}

const ReplicaVerdict* Judgement::replica(ReplicaId id) const {
  const auto found = std::find_if(replicas.begin(), replicas.end(),
                                  [id](const ReplicaVerdict& verdict) { return verdict.id == id; });
  return found != replicas.end() ? &*found : nullptr;
}

bool Judgement::overloaded() const {
  return std::any_of(nodes.begin(), nodes.end(), [](const NodeVerdict& verdict) {
    return verdict.state == NodeState::overloaded;
  });
}

bool Judgement::different() const {
  return std::any_of(replicas.begin(), replicas.end(), [](const ReplicaVerdict& verdict) {
    return verdict.state == ReplicaState::difference;
  });
}

bool Judgement::gathering() const {
  return std::any_of(
             nodes.begin(), nodes.end(),
             [](const NodeVerdict& verdict) { return verdict.state == NodeState::gathering; }) ||
         std::any_of(replicas.begin(), replicas.end(), [](const ReplicaVerdict& verdict) {
           return verdict.state == ReplicaState::gathering;
         });
}

bool Judgement::all_healthy() const {
  return coordinator_complete && collections_complete &&
         std::none_of(
             nodes.begin(), nodes.end(),
             [](const NodeVerdict& verdict) { return verdict.state == NodeState::cannot_judge; }) &&
         std::none_of(replicas.begin(), replicas.end(), [](const ReplicaVerdict& verdict) {
           const bool nothing_to_level =
               verdict.reason == Reason::single_node || verdict.reason == Reason::no_nodes;
           return verdict.state == ReplicaState::cannot_judge && !nothing_to_level;
         });
}

bool Judgement::balanced() const {
  return all_healthy() && !overloaded() && !different() && !gathering();
}

double Judgement::worst_spread() const {
  double worst = 0;
  for (const ReplicaVerdict& verdict : replicas) worst = std::max(worst, verdict.spread);
  return worst;
}

Judgement judge(const Cluster& cluster, const Policy& policy, const Ledger& ledger, TimePoint now) {
  const JudgedNodes nodes = judge_nodes(cluster, policy, ledger, now);
  const Obstacles obstacles{complete_collections(cluster), contradictory_replicas(cluster),
                            replicas_in_transit(cluster)};
  Judgement judgement;
  judgement.coordinator_complete = cluster.coordinator_complete;
  judgement.collections_complete =
      std::all_of(cluster.collections.begin(), cluster.collections.end(),
                  [](const Collection& collection) { return collection.complete; });
  for (const JudgedNode& node : nodes) judgement.nodes.push_back(node.verdict);
  for (const Replica& replica : cluster.replicas) {
    judgement.replicas.push_back(judge_replica(replica, nodes, obstacles, policy));
  }
  const auto key = [](const ReplicaVerdict& verdict) {
    return std::pair(verdict.collection, verdict.id);
  };
  std::sort(judgement.replicas.begin(), judgement.replicas.end(),
            [key](const auto& a, const auto& b) { return key(a) < key(b); });
  judgement.replicas.erase(
      std::unique(judgement.replicas.begin(), judgement.replicas.end(),
                  [key](const auto& a, const auto& b) { return key(a) == key(b); }),
      judgement.replicas.end());
  return judgement;
}

}  // namespace evenkeel::rules
