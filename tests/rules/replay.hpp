#pragma once
// Replays plans on what was expected of the nodes, and holds every move against what is promised.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>

#include "rules/arithmetic.hpp"
#include "tests/rules/build.hpp"

namespace evenkeel::rules::test {

inline bool cut_by_budget(const Plan& plan) {
  return std::any_of(plan.rejected.begin(), plan.rejected.end(),
                     [](const Candidate& candidate) { return candidate.why == Rejection::budget; });
}

inline bool plans(const Plan& plan, Urgency urgency) {
  return std::any_of(plan.moves.begin(), plan.moves.end(),
                     [urgency](const Move& move) { return move.urgency == urgency; });
}

inline bool makes_room(const Plan& plan) {
  return std::any_of(plan.moves.begin(), plan.moves.end(),
                     [](const Move& move) { return move.makes_room_for.has_value(); });
}

// Replays a plan move by move on what the judgement expected of the nodes.
class Replay {
 public:
  explicit Replay(const World& world) : world_(world), judgement_(world.judged()) {
    for (const NodeVerdict& node : judgement_.nodes) use_[node.id] = node.expected;
  }

  void check(const Plan& plan) {
    for (auto move = plan.moves.begin(); move != plan.moves.end();) {
      auto end = move + 1;
      while (end != plan.moves.end() && move->exchange != 0 && end->exchange == move->exchange)
        ++end;
      if (end == move + 1) {
        check(*move);
      } else {
        check_exchange({move, end});
      }
      move = end;
    }
    for (const auto& [node, bytes] : arriving_) check_room(node, bytes);
    check_budgets(plan);
    EXPECT_LE(plan.worst_ratio_after, plan.worst_ratio_before * (1 + 1e-12));
    if (plans(plan, Urgency::difference)) {
      EXPECT_TRUE(judgement_.all_healthy());
      EXPECT_FALSE(judgement_.overloaded());
      check_spreads();
      EXPECT_LE(plan.worst_spread_after, plan.worst_spread_before + 1e-9);
    }
  }

 private:
  [[nodiscard]] double ratio(NodeId node) const {
    return ratio_of(use_.at(node), judgement_.node(node)->capacity);
  }

  // Of the nodes that moves touch, without the mean, which no move changes: Σ use² ÷ capacity.
  [[nodiscard]] long double potential(std::span<const Move> moves) const {
    std::map<NodeId, Bytes> touched;
    for (const Move& move : moves) {
      for (const NodeId node : {move.from, move.to}) touched[node] = use_.at(node);
    }
    long double sum = 0;
    for (const auto& [node, bytes] : touched) {
      const Bytes capacity = judgement_.node(node)->capacity;
      const auto use = static_cast<long double>(bytes);
      if (capacity > 0) sum += use * use / static_cast<long double>(capacity);
    }
    return sum;
  }

  [[nodiscard]] double worst_ratio() const {
    double worst = 0;
    for (const auto& [node, bytes] : use_) worst = std::max(worst, ratio(node));
    return worst;
  }

  [[nodiscard]] double worst_ratio_of(ReplicaId id) const {
    double worst = 0;
    for (const Replica& replica : world_.cluster.replicas) {
      if (replica.id != id) continue;
      for (const NodeId node : replica.nodes) worst = std::max(worst, ratio(node));
    }
    return worst;
  }

  void check_place(const Move& move) {
    EXPECT_NE(move.from, move.to);
    for (const Replica& replica : world_.cluster.replicas) {
      if (replica.id != move.replica) continue;
      EXPECT_EQ(replica.collection, move.collection);
      EXPECT_THAT(replica.nodes, testing::Contains(move.from));
      EXPECT_THAT(replica.nodes, testing::Contains(move.to));
    }
    for (const Segment& segment : world_.cluster.segments) {
      if (segment.id != move.segment || segment.replica != move.replica) continue;
      EXPECT_EQ(segment.node, move.from);
      EXPECT_EQ(segment.state, SegmentState::sealed);
      EXPECT_EQ(segment.bytes, move.bytes);
    }
    EXPECT_TRUE(moved_.insert({move.segment, move.replica}).second) << "moved twice";
    EXPECT_GT(move.bytes, 0);
  }

  void check(const Move& move) {
    SCOPED_TRACE(words(move));
    EXPECT_EQ(move.exchange, 0U) << "an exchange of one";
    const long double before = potential({&move, 1});
    const double worst = move.makes_room_for ? worst_ratio_of(move.replica) : worst_ratio();
    carry_out(move);
    if (move.makes_room_for) {
      EXPECT_EQ(move.urgency, Urgency::overload);
      EXPECT_LE(move.to_after, worst) << "worse than the worst of its replica was";
      return;
    }
    if (move.urgency == Urgency::difference) {
      EXPECT_LT(move.to_after, worst * (1 + 1e-12)) << "worse than the worst was";
      EXPECT_LT(potential({&move, 1}), before);
    } else {
      EXPECT_LT(move.to_after, move.from_before) << "worse than the source was";
      EXPECT_EQ(judgement_.node(move.from)->state, NodeState::overloaded);
    }
  }

  // Together they have to be better, and nobody worse off than the worst was.
  void check_exchange(std::span<const Move> moves) {
    SCOPED_TRACE("exchange " + std::to_string(moves.front().exchange));
    const long double before = potential(moves);
    const double worst = worst_ratio();
    for (const Move& move : moves) carry_out(move);
    EXPECT_LT(potential(moves), before);
    EXPECT_LE(worst_ratio(), worst * (1 + 1e-12));
  }

  void carry_out(const Move& move) {
    check_place(move);
    for (const NodeId node : {move.from, move.to}) {
      EXPECT_NE(judgement_.node(node)->state, NodeState::cannot_judge);
      EXPECT_FALSE(world_.ledger.in_flight(node));
    }
    EXPECT_DOUBLE_EQ(move.from_before, ratio(move.from));
    EXPECT_DOUBLE_EQ(move.to_before, ratio(move.to));
    use_[move.from] = std::max<Bytes>(0, use_[move.from] - move.bytes);
    use_[move.to] += move.bytes;
    arriving_[move.to] += move.bytes;
    EXPECT_DOUBLE_EQ(move.from_after, ratio(move.from));
    EXPECT_DOUBLE_EQ(move.to_after, ratio(move.to));
  }

  // With all of it loading at once, and nothing that leaves freed.
  void check_room(NodeId node, Bytes arriving) const {
    const NodeVerdict& verdict = *judgement_.node(node);
    const double peak = static_cast<double>(verdict.expected) +
                        static_cast<double>(arriving) * world_.policy.loading_peak;
    EXPECT_LE(peak, world_.policy.overload_threshold * static_cast<double>(verdict.capacity) + 2);
  }

  void check_budgets(const Plan& plan) const {
    EXPECT_LE(plan.moves.size(), static_cast<std::size_t>(world_.policy.max_moves_per_round));
    EXPECT_LE(plan.bytes(), world_.policy.max_bytes_per_round);
    EXPECT_LE(plan.rejected.size(), kMaxRejected);
  }

  void check_spreads() const {
    for (const ReplicaVerdict& verdict : judgement_.replicas) {
      double highest = 0;
      double lowest = std::numeric_limits<double>::infinity();
      for (const Replica& replica : world_.cluster.replicas) {
        if (replica.id != verdict.id) continue;
        for (const NodeId node : replica.nodes) {
          highest = std::max(highest, ratio(node));
          lowest = std::min(lowest, ratio(node));
        }
      }
      // A replica that differs may wait for its turn, but never as the worst.
      const bool differs = verdict.state == ReplicaState::difference;
      const double limit = std::max(
          verdict.spread, differs ? judgement_.worst_spread() : world_.policy.max_difference);
      EXPECT_LE(highest - lowest, limit + 1e-9) << words(verdict, world_.policy);
    }
  }

  const World& world_;
  Judgement judgement_;
  std::map<NodeId, Bytes> use_;
  std::map<NodeId, Bytes> arriving_;
  std::set<SegmentKey> moved_;
};

inline void expect_admitted(const World& world, const Plan& plan) {
  const Admission admission = world.admitted(plan);
  EXPECT_THAT(admission.held, testing::IsEmpty());
  std::size_t moves = 0;
  for (const Call& call : admission.calls) {
    moves += call.moves.size();
    EXPECT_FALSE(call.moves.empty());
    EXPECT_LE(call.moves.size(), static_cast<std::size_t>(world.policy.max_segments_per_call));
  }
  EXPECT_EQ(moves, plan.moves.size());
}

}  // namespace evenkeel::rules::test
