#include "rules/admit.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "rules/arithmetic.hpp"
#include "rules/explain.hpp"

namespace evenkeel::rules {
namespace {

std::string words_for(NodeId id) {
  return "node " + std::to_string(static_cast<std::int64_t>(id));
}

std::string words_for(SegmentId id) {
  return "segment " + std::to_string(static_cast<std::int64_t>(id));
}

// The reason why a gate holds a move, in one sentence; none: the gate is open.
using HeldReason = std::optional<std::string>;

// The arguments of admit() that gates go by.
struct World {
  const Cluster& cluster;
  const Judgement& judgement;
  const Policy& policy;
  const Ledger& ledger;
  const Conditions& conditions;
  TimePoint now;
};

// The distribution of the planned segments, and the members of their replicas.
class Distribution {
 public:
  Distribution(const Cluster& cluster, const Plan& plan) {
    for (const Move& move : plan.moves) {
      copies_[{move.segment, move.replica}];
      members_[move.replica];
    }
    for (const Segment& segment : cluster.segments) {
      const auto found = copies_.find({segment.id, segment.replica});
      if (found != copies_.end()) found->second.insert(segment.node);
    }
    for (const Replica& replica : cluster.replicas) {
      const auto found = members_.find(replica.id);
      if (found != members_.end()) found->second.insert(replica.nodes.begin(), replica.nodes.end());
    }
  }

  [[nodiscard]] HeldReason contradiction(const Move& move) const {
    if (move.from == move.to) return words_for(move.segment) + " would move to where it is";
    const std::set<NodeId>& members = members_.at(move.replica);
    for (const NodeId node : {move.from, move.to}) {
      if (!members.contains(node)) return words_for(node) + " is not in the segment's replica";
    }
    if (copies_.at({move.segment, move.replica}) != std::set{move.from}) {
      return words_for(move.segment) + " is no longer on " + words_for(move.from) + " alone";
    }
    return std::nullopt;
  }

 private:
  std::map<SegmentKey, std::set<NodeId>> copies_;
  std::map<ReplicaId, std::set<NodeId>> members_;
};

HeldReason held_by_data(const Move& move, const World& world, const Distribution& distribution) {
  for (const NodeId id : {move.from, move.to}) {
    const NodeVerdict* verdict = world.judgement.node(id);
    if (verdict == nullptr) return words_for(id) + " is not in the judgement";
    if (verdict->state == NodeState::cannot_judge) return words(*verdict, world.policy);
    const auto& samples = world.ledger.samples(id);
    const bool fresh =
        !samples.empty() && later(samples.back().at, world.policy.max_sample_age) >= world.now;
    if (!fresh) return words_for(id) + " has no fresh sample any more";
  }
  return distribution.contradiction(move);
}

HeldReason held_by_flight(const Move& move, const Ledger& ledger) {
  for (const NodeId node : {move.from, move.to}) {
    if (ledger.in_flight(node)) {
      return "a move from or to " + words_for(node) + " is under way or its end unknown";
    }
  }
  return std::nullopt;
}

// The part of the round's budget that admitted moves have left.
class Budget {
 public:
  explicit Budget(const Policy& policy)
      : moves_(std::max(policy.max_moves_per_round, 0)),
        bytes_(std::max<Bytes>(policy.max_bytes_per_round, 0)) {}

  // A spent budget stays closed: the plan is cut there.
  [[nodiscard]] HeldReason held_by_moves() const {
    if (moves_left() > 0) return std::nullopt;
    return "a round may make " + std::to_string(moves_) + " moves";
  }
  [[nodiscard]] HeldReason held_by_bytes(const Move& move) {
    bytes_spent_ = bytes_spent_ || move.bytes > bytes_ - bytes_used_;
    if (!bytes_spent_) return std::nullopt;
    return "a round may move " + format_bytes(bytes_);
  }
  void spend(const Move& move) {
    ++moves_used_;
    bytes_used_ += std::max<Bytes>(move.bytes, 0);
  }

 private:
  [[nodiscard]] int moves_left() const { return moves_ - moves_used_; }

  int moves_ = 0;
  int moves_used_ = 0;
  Bytes bytes_ = 0;
  Bytes bytes_used_ = 0;
  bool bytes_spent_ = false;
};

// The gates that concern single moves, by the move's own nodes, segment and size.
class MoveGates {
 public:
  MoveGates(const World& world, const Plan& plan)
      : world_(world), distribution_(world.cluster, plan), budget_(world.policy) {}

  // A gate that holds a move, and why.
  struct ClosedGate {
    Gate gate{};
    std::string detail;
  };
  // Must be called for the moves of the plan in their order.
  [[nodiscard]] std::optional<ClosedGate> closed_for(const Move& move) {
    std::optional<ClosedGate> closed_gate = closed_by_itself(move);
    if (!closed_gate) closed_gate = closed_by_earlier(move);
    if (!closed_gate) {
      budget_.spend(move);
    } else if (move.urgency == Urgency::difference) {
      held_.try_emplace(move.from, *closed_gate);
      held_.try_emplace(move.to, *closed_gate);
    }
    return closed_gate;
  }

 private:
  [[nodiscard]] std::optional<ClosedGate> closed_by_itself(const Move& move) {
    if (std::string why = held_by_window(move, world_.conditions); !why.empty()) {
      return ClosedGate{Gate::window, std::move(why)};
    }
    if (!world_.conditions.unheld.empty() && is_vain_if_undone(move.urgency)) {
      return ClosedGate{Gate::builtin_balancer, world_.conditions.unheld};
    }
    if (const HeldReason why = held_by_data(move, world_, distribution_)) {
      return ClosedGate{Gate::data_fresh, *why};
    }
    if (const HeldReason why = held_by_flight(move, world_.ledger)) {
      return ClosedGate{Gate::in_flight, *why};
    }
    if (const HeldReason why = budget_.held_by_moves()) return ClosedGate{Gate::budget_moves, *why};
    if (const HeldReason why = budget_.held_by_bytes(move)) {
      return ClosedGate{Gate::budget_bytes, *why};
    }
    return std::nullopt;
  }

  // A levelling move helps after the moves before it, and perhaps not without them.
  [[nodiscard]] std::optional<ClosedGate> closed_by_earlier(const Move& move) const {
    if (move.urgency != Urgency::difference) return std::nullopt;
    for (const NodeId node : {move.from, move.to}) {
      if (const auto found = held_.find(node); found != held_.end()) return found->second;
    }
    return std::nullopt;
  }

  const World& world_;
  Distribution distribution_;
  Budget budget_;
  std::map<NodeId, ClosedGate> held_;  // by node of a held levelling move
};

std::vector<GateVerdict> open_gates() {
  std::vector<GateVerdict> gates;
  for (const Gate gate :
       {Gate::auto_balance, Gate::dry_run, Gate::paused, Gate::shutting_down, Gate::turn,
        Gate::journal, Gate::version, Gate::coordinator, Gate::window, Gate::builtin_balancer,
        Gate::data_fresh, Gate::in_flight, Gate::budget_moves, Gate::budget_bytes}) {
    gates.push_back({gate, true, ""});
  }
  return gates;
}

// The first reason stays as the gate's detail.
void close(std::vector<GateVerdict>& gates, Gate gate, const std::string& detail) {
  GateVerdict& verdict = gates[static_cast<std::size_t>(gate)];
  assert(verdict.gate == gate && "every gate, in the order of the enum");
  if (verdict.open) verdict.detail = detail;
  verdict.open = false;
}

// An exchange is admitted as a whole or not at all.
using MoveIterator = std::vector<Move>::const_iterator;
MoveIterator end_of_exchange(MoveIterator first, MoveIterator last) {
  const std::uint32_t exchange = first->exchange;
  auto end = first + 1;
  while (exchange != 0 && end != last && end->exchange == exchange) ++end;
  return end;
}

}  // namespace

Bytes Call::bytes() const {
  Bytes sum = 0;
  for (const Move& move : moves) sum = saturating_add(sum, move.bytes);
  return sum;
}

std::string held_by_window(const Move& move, const Conditions& conditions) {
  const bool by_a_person = move.urgency == Urgency::asked || move.urgency == Urgency::drain;
  if (conditions.outside_windows.empty() || by_a_person) return {};
  if (!conditions.relief_outside_windows) {
    return "outside of maintenance windows nothing is moved; " + conditions.outside_windows;
  }
  if (move.urgency == Urgency::overload) return {};
  return "outside of maintenance windows only overload is relieved; " + conditions.outside_windows;
}

std::vector<Call> calls_of(const std::vector<Move>& moves, const Policy& policy) {
  const auto most = static_cast<std::size_t>(std::max(policy.max_segments_per_call, 1));
  std::vector<Call> calls;
  std::map<std::tuple<CollectionId, ReplicaId, NodeId, NodeId>, std::size_t> newest;
  for (const Move& move : moves) {
    const auto [found, is_new] =
        newest.try_emplace({move.collection, move.replica, move.from, move.to}, calls.size());
    if (!is_new && calls[found->second].moves.size() >= most) found->second = calls.size();
    if (found->second == calls.size()) {
      calls.push_back({move.collection, move.replica, move.from, move.to, {}});
    }
    calls[found->second].moves.push_back(move);
    assert(calls[found->second].moves.size() <= most);
  }
  return calls;
}

Admission admit(const Cluster& cluster, const Judgement& judgement, const Plan& plan,
                const Policy& policy, const Ledger& ledger, const Conditions& conditions,
                TimePoint now) {
  std::vector<GateVerdict> gates = open_gates();
  if (!conditions.auto_balance) close(gates, Gate::auto_balance, "auto_balance is off");
  if (conditions.dry_run) close(gates, Gate::dry_run, "this is a dry run");
  if (conditions.paused) close(gates, Gate::paused, "balancing is paused");
  if (conditions.shutting_down) close(gates, Gate::shutting_down, "the agent is shutting down");
  if (!conditions.not_its_turn.empty()) close(gates, Gate::turn, conditions.not_its_turn);
  if (!conditions.journal_trouble.empty()) close(gates, Gate::journal, conditions.journal_trouble);
  if (!conditions.untested.empty()) close(gates, Gate::version, conditions.untested);
  if (!cluster.coordinator_complete || !judgement.coordinator_complete) {
    close(gates, Gate::coordinator, "the proxy did not answer every question");
  }
  // These gates close for the whole plan; the others for the moves that they concern.
  const auto closed = std::find_if(gates.begin(), gates.end(),
                                   [](const GateVerdict& verdict) { return !verdict.open; });
  const bool all_held = closed != gates.end();
  const Gate held_by = all_held ? closed->gate : Gate{};

  const World world{cluster, judgement, policy, ledger, conditions, now};
  MoveGates move_gates(world, plan);
  Admission admission;
  std::vector<Move> admitted;
  for (auto first = plan.moves.begin(); first != plan.moves.end();) {
    const auto end = end_of_exchange(first, plan.moves.end());
    std::optional<MoveGates::ClosedGate> closed_gate;
    for (auto move = first; move != end; ++move) {
      const auto own = move_gates.closed_for(*move);
      if (own) close(gates, own->gate, own->detail);
      if (!closed_gate) closed_gate = own;
    }
    for (; first != end; ++first) {
      if (all_held || closed_gate) {
        admission.held.push_back({*first, all_held ? held_by : closed_gate->gate});
      } else {
        admitted.push_back(*first);
      }
    }
  }
  assert(admission.held.size() + admitted.size() == plan.moves.size());
  admission.calls = calls_of(admitted, policy);
  admission.gates = std::move(gates);
  return admission;
}

std::string_view name(Gate value) {
  switch (value) {
    case Gate::auto_balance:
      return "auto_balance";
    case Gate::dry_run:
      return "dry_run";
    case Gate::paused:
      return "paused";
    case Gate::shutting_down:
      return "shutting_down";
    case Gate::turn:
      return "turn";
    case Gate::journal:
      return "journal";
    case Gate::version:
      return "version";
    case Gate::coordinator:
      return "coordinator";
    case Gate::window:
      return "window";
    case Gate::builtin_balancer:
      return "builtin_balancer";
    case Gate::data_fresh:
      return "data_fresh";
    case Gate::in_flight:
      return "in_flight";
    case Gate::budget_moves:
      return "budget_moves";
    case Gate::budget_bytes:
      return "budget_bytes";
  }
  return "unknown";
}

std::string words(const GateVerdict& verdict) {
  const std::string gate(name(verdict.gate));
  if (verdict.open) return gate + ": open";
  return gate + ": closed" + (verdict.detail.empty() ? "" : ", " + verdict.detail);
}

}  // namespace evenkeel::rules
