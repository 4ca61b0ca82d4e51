#include "rules/explain.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace evenkeel::rules {
namespace {

std::string one_decimal(double value) {
  std::array<char, 400> digits{};  // the longest double takes 312
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                          std::chars_format::fixed, 1);
  return error == std::errc() ? std::string(digits.data(), end) : "?";
}

std::string node(NodeId id) {
  return "node " + number(id);
}
std::string replica(ReplicaId id) {
  return "replica " + number(id);
}

std::string count(std::int64_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string change(double before, double after) {
  return format_percent(before) + " → " + format_percent(after);
}

std::string holds_unlisted() {
  return " holds a collection that no list names, and memory of that size";
}

// Why a replica is not judged: what its reason says is about the node, where it names one.
std::string cause_of(const ReplicaVerdict& verdict, const Policy& policy) {
  if (!verdict.node) return ": " + words(verdict.reason, policy);
  if (verdict.reason == Reason::memory_unlisted) {
    return ": " + node(*verdict.node) + holds_unlisted();
  }
  return " because of " + node(*verdict.node) + ": " + words(verdict.reason, policy);
}

std::string usage(const NodeVerdict& verdict) {
  std::string text = format_percent(verdict.ratio) + " (" + format_bytes(verdict.expected) +
                     " of " + format_bytes(verdict.capacity);
  if (verdict.expected != verdict.used) {
    text += ", counting moves; " + format_bytes(verdict.used) + " measured";
  }
  return text + ")";
}

std::string ends(const ReplicaVerdict& verdict) {
  if (!verdict.highest || !verdict.lowest) return "no node";
  return node(*verdict.highest) + " at " + format_percent(verdict.highest_ratio) + ", " +
         node(*verdict.lowest) + " at " + format_percent(verdict.lowest_ratio);
}

std::string why(Misfit misfit) {
  switch (misfit) {
    case Misfit::node_unknown:
      return "the node is gone, neither the node list nor a replica names it";
    case Misfit::replica_unknown:
      return "their replica is not known";
    case Misfit::other_collection:
      return "of another collection than their replica";
    case Misfit::outside_replica:
      return "the node is not one of their replica's";
    case Misfit::copies_disagree:
      return "listed more than once, and the entries differ";
    case Misfit::no_id:
      return "the segment or its node has no id";
    case Misfit::negative:
      return "a negative number of bytes or rows";
    case Misfit::larger_than_node:
      return "stated to take more memory than the node uses in all";
    case Misfit::stranded:
      return "sealed, on a streaming node, from which load_balance cannot take them";
  }
  return "unknown";
}

std::string why(const RejectedMove& rejected, const Policy& policy) {
  switch (rejected.why) {
    case Rejection::destination_overload:
      return "would pass the threshold of " + format_percent(policy.overload_threshold) +
             " there while it loads" +
             (rejected.to_after > 0
                  ? ", ending at " + format_percent(rejected.to_after) + " at best"
                  : "");
    case Rejection::destination_unhealthy:
      return "that node cannot be judged";
    case Rejection::no_improvement:
      return "that would make nothing better";
    case Rejection::cooling_down:
      return "moved too recently";
    case Rejection::resting:
      return "failed to move too often, resting";
    case Rejection::in_flight:
      return "a move is under way there";
    case Rejection::in_transit:
      return "on two nodes of the replica already";
    case Rejection::not_sealed:
      return "not sealed";
    case Rejection::too_small:
      return "has no bytes, moving it changes nothing";
    case Rejection::budget:
      return "the budget of the round is spent";
    case Rejection::data_incomplete:
      return "what was read of it is incomplete or contradictory";
    case Rejection::not_movable_there:
      return "on a streaming node, or on one that Milvus is emptying";
    case Rejection::outside_channel:
      return "not on a node of its channel, so the built-in balancer will fetch it";
    case Rejection::destination_resting:
      return "that node refused segments a moment ago, resting";
    case Rejection::capacity_doubted:
      return "no capacity is configured for that node, and some node that one is configured for is "
             "missing: it may be that node under a new id";
    case Rejection::memory_awaited:
      return "that node was relieved a moment ago, and its memory has not fallen yet";
    case Rejection::memory_stays:
      return "moving segments off that node does not lower its memory";
    case Rejection::no_other_node:
      return "the replica has no other node that may take it";
  }
  return "unknown";
}

constexpr const char* kCapacityDoubted =
    "the nodes that seem to have room may have less: a node that a capacity is configured for is "
    "missing, and they may be that node under a new id; configure theirs under [capacity] node";

std::string obstacle_to_relief(const Unfixable& unfixable) {
  switch (unfixable.obstacle) {
    case Obstacle::in_no_replica:
      return "nothing on it can move, since no replica names it";
    case Obstacle::nothing_movable:
      return "none of its segments may be moved now";
    case Obstacle::memory_stays:
      return kMemoryStays;
    case Obstacle::capacity_doubted:
      return kCapacityDoubted;
    default:
      return "the segments that may be moved off it now are not enough";
  }
}

std::string obstacle_to_levelling(const Unfixable& unfixable) {
  const std::string smallest = format_bytes(unfixable.smallest);
  switch (unfixable.obstacle) {
    case Obstacle::no_room:
      return "the smallest of its segments has " + smallest +
             ", and no other node has room for it below its threshold";
    case Obstacle::too_coarse:
      return "the smallest of its segments has " + smallest +
             ", and every other node would be too high with it";
    case Obstacle::nothing_movable:
    case Obstacle::in_no_replica:
      return "none of its segments may be moved now";
    case Obstacle::memory_stays:
      return kMemoryStays;
    case Obstacle::capacity_doubted:
      return kCapacityDoubted;
    case Obstacle::too_little:
      return "no move that is allowed would level it";
  }
  return "unknown";
}

std::string aim_of(Urgency urgency) {
  switch (urgency) {
    case Urgency::overload:
      return "to relieve an overloaded node";
    case Urgency::drain:
      return "to empty a drained node";
    case Urgency::difference:
      return "to make the difference smaller";
    case Urgency::asked:
      return "as a person asked";
  }
  return "unknown";
}

std::string would_do(std::int64_t further_nodes) {
  if (further_nodes == 0) return " would be enough";
  return " would be enough once " + count(further_nodes, "other node") + " of the replica that " +
         (further_nodes == 1 ? "is too high has" : "are too high have") + " more capacity, too";
}

std::string first_contradiction(const ReplicaVerdict& verdict, const Judgement& judgement) {
  if (verdict.reason != Reason::segments_contradictory) return "";
  const SetAside* first = nullptr;
  for (const SetAside& copies : judgement.set_aside) {
    if (!contradicts(copies.why)) continue;
    if (copies.replica == verdict.id) return ": " + words(copies);
    if (first == nullptr) first = &copies;
  }
  return first == nullptr ? "" : ": " + words(*first);
}

std::string waited_for(const Plan& plan, const Judgement& judgement, const Policy& policy) {
  if (plan.waits_for_node) {
    if (const auto* verdict = judgement.node(*plan.waits_for_node)) return words(*verdict, policy);
  }
  if (plan.waits_for_replica) {
    if (const auto* verdict = judgement.replica(*plan.waits_for_replica)) {
      return words(*verdict, policy) + first_contradiction(*verdict, judgement);
    }
  }
  if (judgement.unlisted_memory) {
    return node(*judgement.unlisted_memory) + holds_unlisted();
  }
  if (judgement.stuck && judgement.collections_complete) {
    return "collection " + number(*judgement.stuck) + ", which the others no longer wait for, " +
           "could not be read completely for ten minutes";
  }
  return "a collection could not be read completely; for ten minutes the others wait for it";
}

}  // namespace

std::string name_of(const Cluster& cluster, CollectionId id) {
  const Collection* collection = find_by_id(cluster.collections, id);
  return collection == nullptr ? number(id) : collection->name;
}

std::string format_bytes(Bytes bytes) {
  constexpr std::array kUnits{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  auto value = static_cast<double>(bytes);
  if (std::abs(value) < 1024) return std::to_string(bytes) + " B";
  value /= 1024;
  std::size_t unit = 0;
  // From 1023.95 on, one decimal would show 1024.0.
  for (; std::abs(value) >= 1023.95 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return one_decimal(value) + " " + kUnits[unit];
}

std::string format_percent(double ratio) {
  return std::isfinite(ratio) ? one_decimal(ratio * 100) + " %" : "unknown";
}

std::string points(double difference) {
  if (!std::isfinite(difference)) return "unknown";
  std::string text = one_decimal(difference * 100);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string format_points(double difference) {
  auto number = points(difference);
  if (!std::isfinite(difference)) return number;
  return number + (number == "1" ? " point" : " points");
}

std::string words(const NodeVerdict& verdict, const Policy& policy) {
  std::string who = node(verdict.id);
  const std::string threshold = format_percent(policy.overload_threshold);
  switch (verdict.state) {
    case NodeState::fine:
      return who + " is fine at " + usage(verdict) +
             (verdict.ahead ? ", and will be over its threshold of " + threshold + " soon" : "");
    case NodeState::overloaded:
      return who + " is overloaded at " + usage(verdict) + ", over its threshold of " + threshold +
             " in each of the last " + count(evidence_samples(policy), "sample") +
             (verdict.reason == Reason::none ? "" : "; " + words(verdict.reason, policy));
    case NodeState::gathering:
      return who + " is at " + usage(verdict) + ", over its threshold of " + threshold + ", but " +
             words(verdict.reason, policy);
    case NodeState::cannot_judge:
      return who + " cannot be judged: " + words(verdict.reason, policy);
    case NodeState::exempt:
      return who + " takes no part: " + words(verdict.reason, policy);
  }
  return who;
}

std::string words(const ReplicaVerdict& verdict, const Policy& policy) {
  std::string who = replica(verdict.id) + " of collection " + number(verdict.collection);
  const std::string spread = format_points(verdict.spread);
  const std::string differs =
      who + " differs by " + spread + " (limit " + points(verdict.limit) + ")";
  switch (verdict.state) {
    case ReplicaState::balanced:
      if (verdict.reason == Reason::single_node) {
        return who + " is balanced: " + words(verdict.reason, policy);
      }
      return who + " is balanced: " + ends(verdict) + ", " + spread + " apart";
    case ReplicaState::difference:
      return differs + ": " + ends(verdict);
    case ReplicaState::gathering:
      return differs + ", but " + words(verdict.reason, policy) + ": " + ends(verdict);
    case ReplicaState::cannot_judge:
      return who + (waits_alone(verdict) ? " waits" : " cannot be judged") +
             cause_of(verdict, policy);
  }
  return who;
}

std::string words(const SetAside& copies) {
  const bool known = copies.replica != ReplicaId{};
  return count(copies.count, "segment") + " of " +
         (known ? replica(copies.replica) : std::string("no single replica")) + " on " +
         node(copies.node) + " set aside: " + why(copies.why);
}

std::string words(const Move& move) {
  std::string aim = move.ahead ? "to relieve a node before it is overloaded" : aim_of(move.urgency);
  if (move.makes_room_for) {
    aim = "to make room for segment " + number(*move.makes_room_for) + " of an overloaded node";
  }
  if (move.exchange != 0) aim += ", in exchange " + std::to_string(move.exchange);
  return "segment " + number(move.segment) + " (" + format_bytes(move.bytes) + ") of collection " +
         number(move.collection) + ", " + replica(move.replica) + ", from " + node(move.from) +
         " (" + change(move.from_before, move.from_after) + ") to " + node(move.to) + " (" +
         change(move.to_before, move.to_after) + ") " + aim;
}

std::string words(const RejectedMove& rejected, const Policy& policy) {
  std::string what;
  if (rejected.segment) {
    what = "segment " + number(*rejected.segment);
  } else if (rejected.to) {
    what = "anything";
  } else {
    what = count(rejected.count, "candidate");
  }
  what += " of " + replica(rejected.replica) + " from " + node(rejected.from);
  if (rejected.to) what += " to " + node(*rejected.to);
  return what + ": " + why(rejected, policy);
}

std::string words(const Unfixable& unfixable) {
  const std::string excess = format_bytes(unfixable.excess);
  const std::string more = format_bytes(unfixable.own_capacity) + " more capacity for it";
  if (unfixable.urgency == Urgency::difference) {
    return node(unfixable.node) + " uses " + excess + " too much compared with the lowest node" +
           (unfixable.replica ? " of " + replica(*unfixable.replica) : "") + ": " +
           obstacle_to_levelling(unfixable) +
           (unfixable.own_capacity > 0 ? "; " + more + would_do(unfixable.further_nodes) : "");
  }
  const std::string over = node(unfixable.node) + " is over by " + excess;
  const std::string own = unfixable.own_capacity > 0 ? more + " would be enough" : "";
  if (unfixable.room_needed <= 0) {
    return over + ", and " + obstacle_to_relief(unfixable) + "; " +
           (own.empty() ? "load less" : own + ", or load less");
  }
  const std::string where =
      unfixable.replica ? replica(*unfixable.replica) : std::string("its replicas");
  return over + "; every other node of " + where + " would pass its threshold; add " +
         format_bytes(unfixable.room_needed) + " of capacity" + (own.empty() ? "" : ", or " + own);
}

std::string why_nothing(const Plan& plan, const Judgement& judgement, const Policy& policy) {
  switch (plan.why_nothing) {
    case WhyNothing::planned:
      return "";
    case WhyNothing::nothing_wrong:
      return "nothing is wrong";
    case WhyNothing::coordinator_incomplete:
      return "the proxy did not answer every question";
    case WhyNothing::policy_unusable:
      return "the thresholds are no numbers or contradict each other";
    case WhyNothing::waiting_for_evidence:
      return "something looks wrong, but not yet in " + count(evidence_samples(policy), "sample");
    case WhyNothing::waiting_for_health:
      return (judgement.different() ? "levelling waits until all can be judged: "
                                    : "what can be judged is in order; a part cannot be judged: ") +
             waited_for(plan, judgement, policy);
    case WhyNothing::budget:
      return "the budget of a round allows no move that helps";
    case WhyNothing::nothing_helps:
      return plan.unfixable.empty() ? "no move that is allowed would help"
                                    : words(plan.unfixable.front());
    case WhyNothing::outside_focus:
      return "none of the moves that would help concerns what was asked for";
  }
  return "unknown";
}

}  // namespace evenkeel::rules
