#include "rules/focus.hpp"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "rules/explain.hpp"

namespace evenkeel::rules {
namespace {

std::string words(const Scope& scope) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : " ") + part; };
  if (scope.replica) add("replica " + number(*scope.replica));
  if (scope.collection) {
    add((text.empty() ? "collection " : "of collection ") + number(*scope.collection));
  }
  if (scope.node) add((text.empty() ? "node " : "on node ") + number(*scope.node));
  return text;
}

// Segments that room is made for and that concern the focus.
std::set<SegmentId> beneficiaries(const Plan& plan, const Focus& focus, const Cluster& cluster) {
  std::set<SegmentId> wanted;
  for (const Move& move : plan.moves) {
    if (move.makes_room_for) wanted.insert(*move.makes_room_for);
  }
  std::set<SegmentId> found;
  if (wanted.empty()) return found;
  for (const Segment& segment : cluster.segments) {
    if (wanted.contains(segment.id) && focus.concerns(segment)) found.insert(segment.id);
  }
  return found;
}

// By move: whether it concerns the focus, by itself or through its exchange or the room it makes.
std::vector<bool> concerned(const Plan& plan, const Focus& focus, const Cluster& cluster) {
  std::set<std::uint32_t> exchanges;
  std::set<SegmentId> rooms = beneficiaries(plan, focus, cluster);
  std::vector<bool> stays(plan.moves.size());
  // A move may be part of an exchange and make room, so each one that stays may bring in more.
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < stays.size(); ++i) {
      if (stays[i]) continue;
      const Move& move = plan.moves[i];
      stays[i] = focus.concerns(move) || exchanges.contains(move.exchange) ||
                 (move.makes_room_for && rooms.contains(*move.makes_room_for));
      if (!stays[i]) continue;
      more = true;
      if (move.exchange != 0) exchanges.insert(move.exchange);
      if (move.makes_room_for) rooms.insert(*move.makes_room_for);
    }
  }
  return stays;
}

// The nodes' ratios as the moves change them.
class Ratios {
 public:
  explicit Ratios(const Judgement& judgement) {
    for (const NodeVerdict& verdict : judgement.nodes) {
      nodes_[verdict.id] = {static_cast<double>(verdict.expected),
                            static_cast<double>(verdict.capacity), verdict.drained};
    }
  }

  // Carries out the move, and returns it with its ratios before and after.
  Move make(Move move) {
    Use& from = nodes_[move.from];
    Use& to = nodes_[move.to];
    const auto bytes = static_cast<double>(move.bytes);
    move.from_before = from.ratio();
    move.to_before = to.ratio();
    from.bytes = std::max(0.0, from.bytes - bytes);
    to.bytes += bytes;
    move.from_after = from.ratio();
    move.to_after = to.ratio();
    return move;
  }

  [[nodiscard]] double highest() const {
    double highest = 0;
    for (const auto& [id, use] : nodes_) highest = std::max(highest, use.ratio());
    return highest;
  }
  [[nodiscard]] double spread(const Replica& replica) const {
    double highest = 0;
    double lowest = 0;
    bool first = true;
    for (const NodeId id : replica.nodes) {
      const auto found = nodes_.find(id);
      if (found != nodes_.end() && found->second.drained) continue;
      const double ratio = found == nodes_.end() ? 0 : found->second.ratio();
      highest = first ? ratio : std::max(highest, ratio);
      lowest = first ? ratio : std::min(lowest, ratio);
      first = false;
    }
    return highest - lowest;
  }

 private:
  // A node's expected bytes and its capacity.
  struct Use {
    double bytes = 0;
    double capacity = 0;
    bool drained = false;
    [[nodiscard]] double ratio() const { return capacity > 0 ? bytes / capacity : 0; }
  };
  std::map<NodeId, Use> nodes_;
};

// The moves, with their ratios, lower the potential Σ use² ÷ capacity.
bool helps(const std::vector<Move>& moves) {
  double rise = 0;
  for (const Move& move : moves) {
    rise += static_cast<double>(move.bytes) *
            (move.to_before + move.to_after - move.from_before - move.from_after);
  }
  return rise < 0;
}

// Moves that were left out may have made the room on this destination.
bool ends_too_high(const Move& planned, const Move& now) {
  return now.to_after > std::max(planned.to_after, now.from_before);
}

// A group stays or goes together: the next exchange, or one move.
std::size_t end_of_group(const std::vector<Move>& moves, std::size_t begin) {
  std::size_t end = begin + 1;
  while (moves[begin].exchange != 0 && end < moves.size() &&
         moves[end].exchange == moves[begin].exchange) {
    ++end;
  }
  return end;
}

void measure(Plan& plan, const Ratios& ratios, const Cluster& cluster, const Judgement& judgement) {
  plan.worst_ratio_after = ratios.highest();
  plan.worst_spread_after = 0;
  for (const Replica& replica : cluster.replicas) {
    const ReplicaVerdict* verdict = judgement.replica(replica.id);
    if (verdict == nullptr || !verdict->highest) continue;
    plan.worst_spread_after = std::max(plan.worst_spread_after, ratios.spread(replica));
  }
}

std::string words_of_left_out(std::size_t count, Bytes bytes, const Focus& focus) {
  return std::to_string(count) + (count == 1 ? " move (" : " moves (") + format_bytes(bytes) +
         ") left out, since " + words(focus) + " was asked for";
}

}  // namespace

void Focus::add(const Scope& scope) {
  if (scope != Scope{}) scopes_.insert(scope);
}

void Focus::widen(const Focus& other) {
  if (everything()) return;
  if (other.everything()) {
    scopes_.clear();
    return;
  }
  scopes_.insert(other.scopes_.begin(), other.scopes_.end());
  if (scopes_.size() > kMaxScopes) scopes_.clear();
}

bool Focus::concerns(const Move& move) const {
  if (everything()) return true;
  return std::any_of(scopes_.begin(), scopes_.end(), [&](const Scope& scope) {
    return (!scope.collection || *scope.collection == move.collection) &&
           (!scope.replica || *scope.replica == move.replica) &&
           (!scope.node || *scope.node == move.from || *scope.node == move.to);
  });
}

bool Focus::concerns(const Segment& segment) const {
  Move staying;
  staying.collection = segment.collection;
  staying.replica = segment.replica;
  staying.from = staying.to = segment.node;
  return concerns(staying);
}

std::string words(const Focus& focus) {
  constexpr std::size_t kNamed = 3;
  std::string text;
  std::size_t named = 0;
  for (const Scope& scope : focus.scopes()) {
    if (named == kNamed) break;
    text += (named++ == 0 ? "" : " or ") + words(scope);
  }
  const std::size_t others = focus.scopes().size() - named;
  return others == 0 ? text : text + " or " + std::to_string(others) + " others";
}

FocusedPlan cut(Plan plan, const Focus& focus, const Cluster& cluster, const Judgement& judgement) {
  if (focus.everything()) return {std::move(plan), 0, ""};
  const std::vector<bool> stays = concerned(plan, focus, cluster);
  const std::vector<Move> planned = std::exchange(plan.moves, {});
  Ratios ratios(judgement);
  FocusedPlan focused;
  Bytes bytes = 0;
  for (std::size_t begin = 0, end = 0; begin < planned.size(); begin = end) {
    end = end_of_group(planned, begin);
    Ratios after = ratios;
    std::vector<Move> group;
    bool good = stays[begin];
    for (std::size_t i = begin; i < end; ++i) {
      group.push_back(after.make(planned[i]));
      if (planned[i].urgency != Urgency::difference) continue;
      good = good && !ends_too_high(planned[i], group.back());
    }
    good = good && (planned[begin].urgency != Urgency::difference || helps(group));
    if (good) {
      ratios = std::move(after);
      plan.moves.insert(plan.moves.end(), group.begin(), group.end());
    } else {
      focused.left_out += group.size();
      for (const Move& move : group) bytes += move.bytes;
    }
  }
  assert(plan.moves.size() + focused.left_out == planned.size());
  if (focused.left_out > 0) {
    focused.words = words_of_left_out(focused.left_out, bytes, focus);
    if (plan.moves.empty()) plan.why_nothing = WhyNothing::outside_focus;
    measure(plan, ratios, cluster, judgement);
  }
  focused.plan = std::move(plan);
  return focused;
}

}  // namespace evenkeel::rules
