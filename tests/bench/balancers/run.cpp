#include "tests/bench/balancers/run.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "rules/arithmetic.hpp"

namespace evenkeel::balancers {
namespace {

using rules::NodeId;

constexpr int kSamplesARound = 3;
constexpr rules::Duration kRound = std::chrono::seconds{60};

class Course {
 public:
  Course(const Instance& instance, const Asked& asked, const Entry& balancer)
      : world_(instance), asked_(asked), balancer_(balancer.make(world_)) {}

  Result run() {
    result_.before = result_.after = state_of(world_, asked_);
    // A segment that rests may move again when its cool-down is over, so waiting is not the end.
    const auto rest = world_.policy().segment_cooldown / kRound + 2;
    std::vector<State> states{result_.before};
    for (int round = 1; round <= kMostRounds; ++round) {
      for (int i = 0; i < kSamplesARound; ++i) {
        world_.sample(kRound / kSamplesARound);
        balancer_->observe(world_);
      }
      const std::vector<Move> moves = balancer_->round(world_);
      if (!moves.empty()) {
        result_.rounds = round;
        carry_out(moves);
      }
      states.push_back(state_of(world_, asked_));
      if (round - result_.rounds >= (balancer_->waits() ? rest : 1)) break;
    }
    result_.after = states.back();
    if (result_.rounds == kMostRounds && !better(states)) ++result_.violations.never_stable;
    return result_;
  }

 private:
  static bool better(const std::vector<State>& states) {
    const State& then = states[states.size() - 101];
    const State& now = states.back();
    return std::tie(now.overload, now.spread) < std::tie(then.overload, then.spread);
  }

  void carry_out(const std::vector<Move>& moves) {
    std::map<NodeId, Bytes> arriving;
    std::map<NodeId, double> worst;  // of the replicas that the destination gets something of
    std::map<std::tuple<rules::CollectionId, rules::ReplicaId, NodeId, NodeId>, int> calls;
    std::vector<const Move*> sound;
    for (const Move& move : moves) {
      if (!possible(move)) {
        ++result_.violations.left_replica;
        continue;
      }
      sound.push_back(&move);
      arriving[move.to] += move.bytes;
      for (const NodeId node : world_.replica(move.replica).nodes) {
        worst[move.to] = std::max(worst[move.to], world_.ratio(node));
      }
      ++calls[{move.collection, move.replica, move.from, move.to}];
    }
    for (const auto& [node, bytes] : arriving) check_loading(node, bytes);
    for (const Move* move : sound) carry_out(*move);
    for (const auto& [node, highest] : worst) {
      if (world_.ratio(node) > highest + 1e-9) ++result_.violations.made_worst;
    }
    const int most = world_.policy().max_segments_per_call;
    for (const auto& [where, segments] : calls) result_.calls += (segments + most - 1) / most;
  }

  [[nodiscard]] bool possible(const Move& move) const {
    const rules::Segment* segment = world_.segment(move);
    if (segment == nullptr || segment->node != move.from || move.from == move.to) return false;
    const std::vector<NodeId>& members = world_.replica(move.replica).nodes;
    return segment->bytes == move.bytes &&
           std::find(members.begin(), members.end(), move.to) != members.end();
  }

  // All of it loads at once, before anything that leaves is freed.
  void check_loading(NodeId id, Bytes bytes) {
    const rules::Node& node = world_.cluster().nodes[World::place(id)];
    const rules::Policy& policy = world_.policy();
    const double peak =
        static_cast<double>(node.used) + policy.loading_peak * static_cast<double>(bytes);
    const double most = policy.overload_threshold * static_cast<double>(node.capacity);
    if (peak > most + 2) ++result_.violations.over_threshold;
  }

  void carry_out(const Move& move) {
    auto& left = left_[{move.segment, move.replica}];
    left.insert(move.from);
    if (left.contains(move.to)) ++result_.violations.back_again;
    world_.carry_out(move);
    result_.bytes += move.bytes;
    ++result_.moves;
  }

  World world_;
  const Asked& asked_;
  std::unique_ptr<Balancer> balancer_;
  std::map<rules::SegmentKey, std::set<NodeId>> left_;
  Result result_;
};

}  // namespace

Violations& Violations::operator+=(const Violations& other) {
  over_threshold += other.over_threshold;
  made_worst += other.made_worst;
  back_again += other.back_again;
  left_replica += other.left_replica;
  never_stable += other.never_stable;
  return *this;
}

Result run(const Instance& instance, const Asked& asked, const Entry& balancer) {
  return Course(instance, asked, balancer).run();
}

}  // namespace evenkeel::balancers
