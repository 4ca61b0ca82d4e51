#pragma once
// What must hold of a plan, whoever made it: replays it move by move on what the judgement expected
// of the nodes. Every broken promise is a sentence; no sentence, all is well.
//
// The potential and the spreads are those of the plan as a whole; that no node is made worse than
// the worst was holds after each move, or where several form an exchange, after the last of them.

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "rules/arithmetic.hpp"
#include "rules/explain.hpp"
#include "tests/rules/build.hpp"

namespace evenkeel::rules::test {

using Broken = std::vector<std::string>;

inline bool cut_by_budget(const Plan& plan) {
  return std::any_of(plan.rejected.begin(), plan.rejected.end(), [](const RejectedMove& rejected) {
    return rejected.why == Rejection::budget;
  });
}

inline bool plans(const Plan& plan, Urgency urgency) {
  return std::any_of(plan.moves.begin(), plan.moves.end(),
                     [urgency](const Move& move) { return move.urgency == urgency; });
}

// What helps follows in a later round.
inline bool makes_room(const Plan& plan) {
  return std::any_of(plan.moves.begin(), plan.moves.end(),
                     [](const Move& move) { return move.makes_room_for.has_value(); });
}

class Replay {
 public:
  Replay(const Cluster& cluster, const Judgement& judgement, const Policy& policy,
         const Ledger& ledger)
      : cluster_(cluster), judgement_(judgement), policy_(policy), ledger_(ledger) {
    for (const NodeVerdict& node : judgement.nodes) {
      use_[node.id] = node.expected;
      if (node.state != NodeState::cannot_judge) worst_ = std::max(worst_, node.ratio);
    }
  }

  [[nodiscard]] Broken check(const Plan& plan) {
    check_budgets(plan);
    if (plan.moves.empty()) return std::move(broken_);
    for (const Move& move : plan.moves) touched_.insert({move.from, move.to});
    const long double potential_before = potential(touched_);
    const long double excess_before = excess();
    for (auto first = plan.moves.begin(); first != plan.moves.end();) {
      auto end = first + 1;
      while (first->exchange != 0 && end != plan.moves.end() && end->exchange == first->exchange) {
        ++end;
      }
      check_together({first, end});
      first = end;
    }
    require(plans(plan, Urgency::drain) ||
                plan.worst_ratio_after <= plan.worst_ratio_before * (1 + 1e-12),
            "the worst ratio grows");
    for (const auto& [node, bytes] : arriving_) check_room(node, bytes);
    if (plans(plan, Urgency::difference)) {
      require(judgement_.all_healthy(), "levels a cluster that is not healthy");
      require(!judgement_.overloaded(), "levels while a node is overloaded");
      require(potential(touched_) < potential_before, "the potential does not fall");
      check_spreads();
      require(plan.worst_spread_after <= plan.worst_spread_before + 1e-9, "the worst spread grows");
    } else if (plans(plan, Urgency::drain)) {
      require(!plans(plan, Urgency::overload), "a drain beside relief");
    } else if (plan.moves.front().ahead) {
      require(!judgement_.overloaded(), "acts ahead while a node is overloaded");
    } else if (!makes_room(plan)) {
      require(excess() < excess_before, "what is over the thresholds does not fall");
    }
    return std::move(broken_);
  }

 private:
  void require(bool holds, const std::string& otherwise) {
    if (!holds) broken_.push_back(otherwise);
  }

  [[nodiscard]] double ratio(NodeId node) const {
    return ratio_of(use_.at(node), judgement_.node(node)->capacity);
  }

  // Of these nodes: Σ use² ÷ capacity, without the mean, which no move changes.
  [[nodiscard]] long double potential(const std::set<NodeId>& touched) const {
    long double sum = 0;
    for (const NodeId node : touched) {
      const auto use = static_cast<long double>(use_.at(node));
      sum += use * use / static_cast<long double>(judgement_.node(node)->capacity);
    }
    return sum;
  }

  // Of the nodes that the plan touches: bytes over their thresholds.
  [[nodiscard]] long double excess() const {
    long double sum = 0;
    for (const NodeId node : touched_) {
      const Bytes limit = scaled_down(judgement_.node(node)->capacity, policy_.overload_threshold);
      sum +=
          static_cast<long double>(std::max<Bytes>(0, saturating_subtract(use_.at(node), limit)));
    }
    return sum;
  }

  void check(const Move& move) {
    check_place(move);
    require(!judgement_.node(move.to)->drained, words(move) + ": to a drained node");
    for (const NodeId node : {move.from, move.to}) {
      require(judgement_.node(node)->state != NodeState::cannot_judge,
              words(move) + ": a node cannot be judged");
      require(!ledger_.in_flight(node), words(move) + ": a node has a move in flight");
    }
    require(same(move.from_before, ratio(move.from)) && same(move.to_before, ratio(move.to)),
            words(move) + ": the ratios before are wrong");
    use_[move.from] = std::max<Bytes>(0, use_[move.from] - move.bytes);
    use_[move.to] = saturating_add(use_[move.to], move.bytes);
    arriving_[move.to] = saturating_add(arriving_[move.to], move.bytes);
    require(same(move.from_after, ratio(move.from)) && same(move.to_after, ratio(move.to)),
            words(move) + ": the ratios after are wrong");
  }

  // A move by itself, or those of an exchange: what one of them makes worse the others put right.
  void check_together(std::span<const Move> moves) {
    const Move& move = moves.front();
    require((move.exchange == 0) == (moves.size() == 1), words(move) + ": an exchange of one");
    std::set<NodeId> touched;
    for (const Move& each : moves) touched.insert({each.from, each.to});
    const long double before = potential(touched);
    for (const Move& each : moves) check(each);
    for (const NodeId node : touched) {
      require(move.urgency == Urgency::drain || ratio(node) <= worst_,
              words(move) + ": worse than the worst was");
    }
    if (move.urgency == Urgency::difference) {
      require(potential(touched) < before, words(move) + ": the potential does not fall");
    } else if (move.urgency == Urgency::drain) {
      require(judgement_.node(move.from)->drained,
              words(move) + ": empties a node of its own accord");
    } else if (!move.makes_room_for && move.exchange == 0) {
      require(move.to_after < move.from_before, words(move) + ": worse than the source was");
      const NodeVerdict& source = *judgement_.node(move.from);
      require(move.ahead ? source.ahead : source.state == NodeState::overloaded,
              words(move) + ": relieves a node that is not overloaded");
    }
  }

  static bool same(double a, double b) { return std::abs(a - b) <= 1e-9 * std::max(1.0, b); }

  void check_place(const Move& move) {
    require(move.from != move.to, words(move) + ": to where it is");
    require(move.bytes > 0, words(move) + ": nothing to move");
    require(moved_.insert({move.segment, move.replica}).second, words(move) + ": moved twice");
    const auto has = [](const Replica& replica, NodeId node) {
      return std::find(replica.nodes.begin(), replica.nodes.end(), node) != replica.nodes.end();
    };
    for (const Replica& replica : cluster_.replicas) {
      if (replica.id != move.replica) continue;
      require(replica.collection == move.collection, words(move) + ": of another collection");
      require(has(replica, move.from) && has(replica, move.to),
              words(move) + ": leaves its replica");
    }
    bool found = false;
    for (const Segment& segment : cluster_.segments) {
      if (segment.id != move.segment || segment.replica != move.replica) continue;
      found = true;
      require(segment.node == move.from, words(move) + ": is elsewhere");
      require(segment.state == SegmentState::sealed, words(move) + ": is not sealed");
      require(segment.bytes == move.bytes, words(move) + ": has another size");
    }
    require(found, words(move) + ": is not there");
  }

  // With all of it loading at once, and nothing that leaves freed.
  void check_room(NodeId node, Bytes arriving) {
    const NodeVerdict& verdict = *judgement_.node(node);
    const double peak = static_cast<double>(verdict.expected) +
                        static_cast<double>(arriving) * policy_.loading_peak;
    const double limit = policy_.overload_threshold * static_cast<double>(verdict.capacity);
    require(peak <= limit + 2, words(verdict, policy_) + ": would pass its threshold");
  }

  void check_budgets(const Plan& plan) {
    require(plan.moves.size() <= static_cast<std::size_t>(std::max(0, policy_.max_moves_per_round)),
            "more moves than a round may make");
    require(plan.bytes() <= policy_.max_bytes_per_round, "more bytes than a round may move");
    require(plan.rejected.size() <= kMaxRejected, "more rejections than a plan may hold");
  }

  void check_spreads() {
    for (const ReplicaVerdict& verdict : judgement_.replicas) {
      if (verdict.reason == Reason::collection_stuck) continue;  // the others do not wait for it
      double highest = 0;
      double lowest = std::numeric_limits<double>::infinity();
      for (const Replica& replica : cluster_.replicas) {
        if (replica.id != verdict.id) continue;
        for (const NodeId node : replica.nodes) {
          if (judgement_.node(node)->drained) continue;
          highest = std::max(highest, ratio(node));
          lowest = std::min(lowest, ratio(node));
        }
      }
      // A replica that differs may wait for its turn, but never as the worst.
      const bool differs = verdict.state == ReplicaState::difference;
      const double limit =
          std::max(verdict.spread, differs ? judgement_.worst_spread() : policy_.max_difference);
      require(highest - lowest <= limit + 1e-9, words(verdict, policy_) + ": its spread grows");
    }
  }

  const Cluster& cluster_;
  const Judgement& judgement_;
  const Policy& policy_;
  const Ledger& ledger_;
  double worst_ = 0;  // the highest ratio when planning began
  std::set<NodeId> touched_;
  std::map<NodeId, Bytes> use_;
  std::map<NodeId, Bytes> arriving_;
  std::set<SegmentKey> moved_;
  Broken broken_;
};

// Of a plan on a cluster that is as it was planned on: every move passes the gates.
[[nodiscard]] inline Broken broken_by(const World& world, const Plan& plan) {
  const Judgement judgement = world.judged();
  Broken broken = Replay(world.cluster, judgement, world.policy, world.ledger).check(plan);
  const Admission admission = world.admitted(plan);
  const auto most = static_cast<std::size_t>(std::max(world.policy.max_segments_per_call, 1));
  std::size_t moves = 0;
  for (const Call& call : admission.calls) {
    moves += call.moves.size();
    if (call.moves.empty() || call.moves.size() > most) broken.push_back("a call of a wrong size");
  }
  if (!admission.held.empty()) broken.push_back("held: " + words(admission.held.front().move));
  if (moves != plan.moves.size()) broken.push_back("not every move is in a call");
  return broken;
}

// A rerun on the planned outcome plans nothing. Relief leaves differences as they are, for the next
// round. Where the plan is cut, gives something up, or waits for samples or flights, a rerun may
// well go on.
[[nodiscard]] inline Broken check_rerun(const Cluster& cluster, const Judgement& judgement,
                                        const Policy& policy, const Ledger& ledger,
                                        const Plan& first) {
  const bool final = !cut_by_budget(first) && !makes_room(first) && first.unfixable.empty() &&
                     judgement.all_healthy() && !judgement.waiting_alone() &&
                     !judgement.gathering() && ledger.flights().empty();
  if (first.moves.empty() || !final) return {};
  World world;
  world.cluster = cluster;
  world.policy = policy;
  world.now = cluster.observed_at;
  world.ledger.drains() = ledger.drains();
  for (Node& node : world.cluster.nodes) {
    if (const NodeVerdict* verdict = judgement.node(node.id)) node.used = verdict->expected;
  }
  world.sample(evidence_samples(policy));
  world.carry_out(first);
  world.sample(evidence_samples(policy));
  const Plan second = world.planned();
  const bool again =
      plans(first, Urgency::difference) ? !second.moves.empty() : plans(second, Urgency::overload);
  // Levelling may have made the room that a segment of a drained node lacked.
  if (!again || plans(second, Urgency::drain)) return {};
  // What rests, or is kept free, is free in the rerun, whose ledger is new.
  const Move& next = second.moves.front();
  const NodeVerdict* target = judgement.node(next.to);
  if (target != nullptr && (target->kept_free > 0 || target->may_arrive > 0)) return {};
  if (const SegmentHistory* history = ledger.history({next.segment, next.replica})) {
    const bool cools = history->last_moved > TimePoint{} &&
                       later(history->last_moved, cooldown(*history, policy)) > cluster.observed_at;
    if (cools || history->resting_until > cluster.observed_at) return {};
  }
  return {"a rerun on the planned outcome plans on: " + words(second.moves.front())};
}

}  // namespace evenkeel::rules::test
