#include "rules/judge.hpp"

#include <algorithm>
#include <cassert>
#include <deque>
#include <map>
#include <optional>
#include <ranges>
#include <set>

#include "rules/arithmetic.hpp"
#include "rules/inventory.hpp"

namespace evenkeel::rules {
namespace {

// A node's expected ratios over the last usable samples.
struct Evidence {
  double lowest = 0;
  double highest = 0;
  Reason missing = Reason::none;  // the reason why there is not enough of it
};

// A node's verdict, and the evidence for it.
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

// A node whose newest figure is unusable is not judged by its older ones.
Reason why_not_judged(const Node& node, const std::deque<Sample>& samples, const Policy& policy,
                      TimePoint now) {
  if (!usable(policy)) return Reason::policy_unusable;
  if (node.id == NodeId{}) return Reason::no_id;
  if (node.role == NodeRole::unknown) return Reason::role_unknown;
  if (const Reason reason = unjudgeable_health(node.health); reason != Reason::none) return reason;
  if (node.used < 0) return Reason::node_invalid;
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

// The reason why a node takes no part; none: it does.
Reason exempt_for(const Node& node) {
  switch (node.role) {
    case NodeRole::streaming:
      return Reason::streaming_node;
    case NodeRole::leaving:
      return Reason::node_leaving;
    case NodeRole::query:
    case NodeRole::unknown:
      return Reason::none;
  }
  return Reason::none;
}

// Looks at what the node's memory will be, if it goes on as it does.
void look_ahead(NodeVerdict& verdict, Reason missing, const Policy& policy, const Ledger& ledger,
                TimePoint now) {
  verdict.growth = ledger.courses().growth(verdict.id);
  if (!verdict.growth) return;
  const Bytes limit = scaled_down(verdict.capacity, policy.overload_threshold);
  verdict.forecast = forecast(verdict.expected, limit, *verdict.growth, now);
  verdict.to_grow = sure_growth(*verdict.growth, policy.act_ahead);
  const bool passes = saturating_add(verdict.expected, verdict.to_grow) > limit;
  const bool proved = ledger.courses().undisturbed(verdict.id) >= kLeastCourse;
  verdict.ahead = verdict.state == NodeState::fine && verdict.to_grow > 0 && passes && proved &&
                  missing == Reason::none && !verdict.memory_stays;
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
  verdict.memory_stays = ledger.effects().memory_stays(node.id, now, policy);
  if (const Reason reason = exempt_for(node); reason != Reason::none && node.id != NodeId{}) {
    verdict.state = NodeState::exempt;
    verdict.reason = reason;
    verdict.ratio = ratio_of(verdict.expected, verdict.capacity);
    return judged;
  }
  verdict.reason = why_not_judged(node, samples, policy, now);
  if (verdict.reason != Reason::none) return judged;

  verdict.ratio = ratio_of(verdict.expected, verdict.capacity);
  judged.evidence = gather(verdict, samples, policy, ledger, now);
  const Reason missing = judged.evidence.missing;
  if (!(verdict.ratio > policy.overload_threshold)) {
    verdict.state = NodeState::fine;
  } else if (missing == Reason::none && judged.evidence.lowest > policy.overload_threshold) {
    verdict.state = NodeState::overloaded;
    if (verdict.memory_stays) verdict.reason = Reason::memory_stays;
  } else {
    verdict.state = NodeState::gathering;
    verdict.reason = missing == Reason::none ? Reason::too_few_samples : missing;
  }
  look_ahead(verdict, missing, policy, ledger, now);
  return judged;
}

JudgedNode unjudged(NodeId id, Reason reason) {
  JudgedNode judged;
  judged.verdict.id = id;
  judged.verdict.reason = reason;
  return judged;
}

// Bytes by node. A segment on two nodes of its replica, and not by our hand, counts for both.
std::map<NodeId, Bytes> may_arrive(const Inventory& inventory, const Policy& policy,
                                   const Ledger& ledger) {
  std::map<NodeId, Bytes> bytes;
  const auto add = [&](NodeId node, Bytes size) {
    bytes[node] =
        saturating_add(bytes[node], scaled_up(std::max<Bytes>(size, 0), policy.loading_peak));
  };
  for (const Segment* segment : inventory.in_transit()) {
    if (!ledger.sent({segment->id, segment->replica})) add(segment->node, segment->bytes);
  }
  for (const Ledger::GivenUp& each : ledger.given_up()) add(each.flight.to, each.flight.bytes);
  return bytes;
}

// In the order of Inventory::nodes().
JudgedNodes judge_nodes(const Inventory& inventory, const Policy& policy, const Ledger& ledger,
                        TimePoint now) {
  std::vector<std::optional<JudgedNode>> listed(inventory.nodes().size());
  for (const Node& node : inventory.cluster().nodes) {
    std::optional<JudgedNode>& judged = listed[inventory.node(node.id)];
    judged = judged ? unjudged(node.id, Reason::node_listed_twice)
                    : judge_node(node, policy, ledger, now);
  }
  assert(std::is_sorted(inventory.nodes().begin(), inventory.nodes().end()));
  JudgedNodes nodes;
  nodes.reserve(listed.size());
  for (Index i = 0; i < listed.size(); ++i) {
    // Only a replica names the node.
    const JudgedNode unknown = unjudged(inventory.nodes()[i], Reason::node_unreachable);
    nodes.push_back(listed[i].value_or(unknown));
    NodeVerdict& verdict = nodes.back().verdict;
    verdict.drained = ledger.drains().contains(verdict.id);
    const bool bound = verdict.state == NodeState::overloaded && !inventory.in_replica(i);
    if (bound) verdict.reason = Reason::in_no_replica;
  }
  return nodes;
}

// The extremes of a set's nodes, whatever replica lives there, but for drained ones.
struct JudgedSet {
  std::size_t nodes = 0;
  Reason reason = Reason::none;    // that of the first node that cannot be judged
  std::optional<NodeId> unjudged;  // this node; none: all can be
  const JudgedNode* highest = nullptr;
  const JudgedNode* lowest = nullptr;
};

JudgedSet judge_set(const Inventory::NodeSet& set, const JudgedNodes& nodes) {
  JudgedSet judged;
  for (const Index index : set.nodes) {
    const JudgedNode& node = nodes[index];
    if (node.verdict.drained) continue;
    ++judged.nodes;
    if (!was_judged(node.verdict) && judged.reason == Reason::none) {
      judged.reason = node.verdict.reason;
      judged.unjudged = node.verdict.id;
    }
    const double ratio = node.verdict.ratio;
    if (judged.highest == nullptr || ratio > judged.highest->verdict.ratio) judged.highest = &node;
    if (judged.lowest == nullptr || ratio < judged.lowest->verdict.ratio) judged.lowest = &node;
  }
  if (judged.nodes == 0) judged.reason = Reason::no_nodes;
  return judged;
}

using Collections = std::set<CollectionId>;

// The collections that the others no longer wait for.
Collections stuck_collections(const Cluster& cluster, const Ledger& ledger, TimePoint now) {
  Collections stuck;
  for (const Collection& collection : cluster.collections) {
    const bool is = !collection.complete && ledger.stuck(collection.id, now);
    if (is) stuck.insert(collection.id);
  }
  return stuck;
}

// The reason why a replica has no set.
Reason why_not_believed(const Inventory::ListedReplica& replica, const Collections& stuck) {
  if (replica.id == ReplicaId{}) return Reason::no_id;
  if (replica.contradictory) return Reason::replica_contradictory;
  if (!replica.collection_listed) return Reason::collection_unlisted;
  if (!replica.complete) {
    return stuck.contains(replica.collection) ? Reason::collection_stuck
                                              : Reason::collection_incomplete;
  }
  return Reason::nodes_leaving;
}

// Nodes whose metrics name a collection that no list has, and that have unexplained memory of its
// size: in the order of Inventory::nodes().
std::vector<bool> nodes_with_unlisted(const Inventory& inventory, const JudgedNodes& nodes) {
  // Less than this part of a node is not worth waiting for, nor distinguishable from its own needs.
  constexpr double kWorth = 0.02;
  std::vector<Bytes> unlisted(nodes.size(), 0);
  for (const UnlistedCollection& each : inventory.cluster().unlisted) {
    const Index node = inventory.node(each.node);
    if (node != kNone)
      unlisted[node] = saturating_add(unlisted[node], std::max<Bytes>(each.bytes, 0));
  }
  std::vector<bool> found(nodes.size(), false);
  for (Index i = 0; i < nodes.size(); ++i) {
    const NodeVerdict& verdict = nodes[i].verdict;
    const bool counts = unlisted[i] > scaled_down(verdict.capacity, kWorth);
    found[i] = counts && verdict.unexplained >= unlisted[i];
  }
  return found;
}

ReplicaVerdict judge_replica(const Inventory::ListedReplica& replica,
                             const std::vector<JudgedSet>& sets, const std::vector<bool>& unlisted,
                             const Collections& stuck, const Inventory& inventory,
                             const Policy& policy, const Ledger& ledger) {
  ReplicaVerdict verdict;
  verdict.id = replica.id;
  verdict.collection = replica.collection;
  verdict.limit = usable(policy) ? policy.max_difference : 0;
  if (ledger.levelling(replica.id)) verdict.limit *= policy.difference_stop;
  const auto cannot = [&verdict](Reason reason, std::optional<NodeId> node = std::nullopt) {
    verdict.reason = reason;
    verdict.node = node;
    return verdict;
  };
  if (replica.set == kNone) return cannot(why_not_believed(replica, stuck));
  const JudgedSet& set = sets[replica.set];
  if (set.reason != Reason::none) return cannot(set.reason, set.unjudged);
  const NodeVerdict& highest = set.highest->verdict;
  const NodeVerdict& lowest = set.lowest->verdict;
  verdict.highest = highest.id;
  verdict.lowest = lowest.id;
  verdict.highest_ratio = highest.ratio;
  verdict.lowest_ratio = lowest.ratio;
  verdict.spread = highest.ratio - lowest.ratio;
  assert(verdict.spread >= 0);
  if (replica.in_transit > 0) return cannot(Reason::segment_in_transit);
  if (inventory.contradicted(replica)) return cannot(Reason::segments_contradictory);
  const std::vector<Index>& members = inventory.sets()[replica.set].nodes;
  const auto found =
      std::find_if(members.begin(), members.end(), [&](Index i) { return unlisted[i]; });
  if (found != members.end()) {
    return cannot(Reason::memory_unlisted, inventory.nodes()[*found]);
  }

  verdict.state = ReplicaState::balanced;
  if (set.nodes == 1) verdict.reason = Reason::single_node;
  if (!(verdict.spread > verdict.limit)) return verdict;

  Reason missing = set.highest->evidence.missing;
  if (missing == Reason::none) missing = set.lowest->evidence.missing;
  const double held = set.highest->evidence.lowest - set.lowest->evidence.highest;
  if (missing == Reason::none && held > verdict.limit) {
    verdict.state = ReplicaState::difference;
  } else {
    verdict.state = ReplicaState::gathering;
    verdict.reason = missing == Reason::none ? Reason::too_few_samples : missing;
  }
  return verdict;
}

void set_aside(Judgement& judgement, const SetAside& copies) {
  judgement.set_aside_copies += copies.count;
  if (judgement.set_aside.size() < kMaxSetAside) judgement.set_aside.push_back(copies);
}

// Searches each node's sorted segments instead of scanning all.
void set_aside_the_large(Judgement& judgement, const Inventory& inventory) {
  std::vector<int> replicas(inventory.sets().size(), 0);
  for (const auto& replica : inventory.replicas()) {
    if (replica.set != kNone) ++replicas[replica.set];
  }
  for (Index i = 0; i < judgement.nodes.size(); ++i) {
    const NodeVerdict& node = judgement.nodes[i];
    if (node.state == NodeState::cannot_judge) continue;
    for (const Inventory::NodeSegments& held : inventory.segments_on(i)) {
      if (held.movable.empty() || held.movable.back().bytes <= node.expected) continue;
      const auto large = std::partition_point(
          held.movable.begin(), held.movable.end(),
          [&](const Inventory::MovableCopy& copy) { return copy.bytes <= node.expected; });
      const ReplicaId replica =
          replicas[held.set] == 1 ? inventory.sets()[held.set].replica : ReplicaId{};
      set_aside(judgement,
                {replica, node.id, Misfit::larger_than_node, held.movable.end() - large});
    }
  }
}

void set_aside_misfits(Judgement& judgement, const Inventory& inventory) {
  for (const auto& [key, count] : inventory.misfits()) {
    const auto& [why, replica, node] = key;
    set_aside(judgement, {replica, node, why, count});
  }
}

}  // namespace

Judgement judge(const Inventory& inventory, const Policy& policy, const Ledger& ledger,
                TimePoint now) {
  const Cluster& cluster = inventory.cluster();
  const JudgedNodes nodes = judge_nodes(inventory, policy, ledger, now);
  std::vector<JudgedSet> sets;
  sets.reserve(inventory.sets().size());
  for (const auto& set : inventory.sets()) sets.push_back(judge_set(set, nodes));

  Judgement judgement;
  judgement.coordinator_complete = cluster.coordinator_complete;
  const Collections stuck = stuck_collections(cluster, ledger, now);
  if (!stuck.empty()) judgement.stuck = *stuck.begin();
  judgement.collections_complete = std::all_of(
      cluster.collections.begin(), cluster.collections.end(), [&](const Collection& collection) {
        return collection.complete || stuck.contains(collection.id);
      });
  judgement.nodes.reserve(nodes.size());
  for (const JudgedNode& node : nodes) judgement.nodes.push_back(node.verdict);
  const std::map<NodeId, Bytes> arriving = may_arrive(inventory, policy, ledger);
  for (NodeVerdict& verdict : judgement.nodes) {
    if (const auto found = arriving.find(verdict.id); found != arriving.end()) {
      verdict.may_arrive = found->second;
    }
  }
  judgement.replicas.reserve(inventory.replicas().size());
  const std::vector<bool> unlisted = nodes_with_unlisted(inventory, nodes);
  const auto first = std::find(unlisted.begin(), unlisted.end(), true);
  if (first != unlisted.end()) {
    judgement.unlisted_memory = inventory.nodes()[static_cast<Index>(first - unlisted.begin())];
  }
  for (const auto& replica : inventory.replicas()) {
    judgement.replicas.push_back(
        judge_replica(replica, sets, unlisted, stuck, inventory, policy, ledger));
  }
  std::sort(judgement.replicas.begin(), judgement.replicas.end(),
            [](const ReplicaVerdict& a, const ReplicaVerdict& b) {
              return std::pair(a.collection, a.id) < std::pair(b.collection, b.id);
            });
  set_aside_misfits(judgement, inventory);
  set_aside_the_large(judgement, inventory);
  return judgement;
}

Judgement judge(const Cluster& cluster, const Policy& policy, const Ledger& ledger, TimePoint now) {
  return judge(Inventory(borrowed(cluster)), policy, ledger, now);
}

}  // namespace evenkeel::rules
