#include "rules/foreign.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "rules/explain.hpp"

namespace evenkeel::rules {
namespace {

struct Copy {
  SegmentKey key{};
  NodeId node{};
  const Segment* segment = nullptr;

  [[nodiscard]] auto place() const { return std::pair(key, node); }
};

SegmentKey identity_of(const Segment& segment) {
  return {segment.id, segment.replica};
}

bool same_copy(const Segment& a, const Segment& b) {
  return a.id == b.id && a.replica == b.replica && a.node == b.node;
}

// The segments whose copies may differ, ascending. Milvus mostly lists in the same order again.
std::vector<SegmentKey> changed_between(const Cluster& before, const Cluster& now) {
  std::vector<SegmentKey> keys;
  const std::span<const Segment> old(before.segments), current(now.segments);
  for (std::size_t i = 0; i < std::max(old.size(), current.size()); ++i) {
    const bool in_both = i < old.size() && i < current.size();
    if (in_both && same_copy(old[i], current[i])) continue;
    if (i < old.size()) keys.push_back(identity_of(old[i]));
    if (i < current.size()) keys.push_back(identity_of(current[i]));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

// All copies of these segments, by segment and node.
std::vector<Copy> copies_of(const Cluster& cluster, const std::vector<SegmentKey>& keys) {
  std::vector<Copy> copies;
  for (const Segment& segment : cluster.segments) {
    const SegmentKey key = identity_of(segment);
    if (std::binary_search(keys.begin(), keys.end(), key)) {
      copies.push_back({key, segment.node, &segment});
    }
  }
  std::sort(copies.begin(), copies.end(),
            [](const Copy& a, const Copy& b) { return a.place() < b.place(); });
  return copies;
}

// Says where segments may be moved by choice.
class Membership {
 public:
  explicit Membership(const Cluster& cluster) : complete_(complete_collections(cluster)) {
    std::set<NodeId> fine;
    for (const Node& node : cluster.nodes) {
      if (node.health == NodeHealth::up && node.role == NodeRole::query) fine.insert(node.id);
    }
    for (const Replica& replica : cluster.replicas) {
      for (const NodeId node : replica.nodes) {
        if (fine.contains(node)) members_.emplace(replica.id, node);
      }
    }
  }

  [[nodiscard]] bool has(ReplicaId replica, NodeId node) const {
    return members_.contains({replica, node});
  }
  [[nodiscard]] bool has(const ForeignMove& move) const {
    return complete_.contains(move.collection) && has(move.replica, move.from) &&
           has(move.replica, move.to);
  }

 private:
  std::set<std::pair<ReplicaId, NodeId>> members_;
  std::set<CollectionId> complete_;
};

// Each copy that has left its node while another one is there.
std::vector<ForeignMove> departures(const Cluster& before, const Cluster& now) {
  const auto changed = changed_between(before, now);
  if (changed.empty()) return {};
  const auto old = copies_of(before, changed);
  const auto current = copies_of(now, changed);
  std::vector<ForeignMove> moves;
  for (const Copy& copy : old) {
    const auto [first, last] =
        std::equal_range(current.begin(), current.end(), copy,
                         [](const Copy& a, const Copy& b) { return a.key < b.key; });
    const bool stayed =
        std::any_of(first, last, [&](const Copy& each) { return each.node == copy.node; });
    if (first == last || stayed) continue;
    const bool sealed = copy.segment->state == SegmentState::sealed &&
                        first->segment->state == SegmentState::sealed;
    if (!sealed) continue;
    moves.push_back({copy.key.first, copy.key.second, copy.segment->collection, copy.node,
                     first->node, first->segment->bytes, now.observed_at, false});
  }
  return moves;
}

// A move of ours since that time explains where the segment is.
bool explained(const Ledger& ledger, const SegmentKey& key, TimePoint since) {
  if (ledger.sent(key)) return true;
  const SegmentHistory* history = ledger.history(key);
  if (history != nullptr && history->last_moved >= since) return true;
  const auto& given_up = ledger.given_up();
  return std::any_of(given_up.begin(), given_up.end(), [&](const Ledger::GivenUp& each) {
    return SegmentKey{each.flight.segment, each.flight.replica} == key;
  });
}

ForeignMove of(const Reversal& reversal, const Cluster& cluster) {
  ForeignMove move{
      reversal.move.segment, reversal.move.replica, {},  reversal.move.to, reversal.taken,
      reversal.move.bytes,   reversal.seen,         true};
  const Replica* replica = find_by_id(cluster.replicas, move.replica);
  if (replica != nullptr) move.collection = replica->collection;
  return move;
}

}  // namespace

std::vector<ForeignMove> ForeignMoves::observe(const Cluster* before, const Cluster& now,
                                               const Ledger& ledger,
                                               const std::vector<Reversal>& reversals) {
  std::vector<ForeignMove> certain;
  std::set<SegmentKey> reversed;
  for (const Reversal& reversal : reversals) {
    certain.push_back(of(reversal, now));
    reversed.emplace(reversal.move.segment, reversal.move.replica);
  }
  const bool comparable =
      before != nullptr && before->coordinator_complete && now.coordinator_complete;
  if (comparable) {
    auto departed = departures(*before, now);
    if (!departed.empty() || !suspected_.empty()) {
      const Membership then(*before), current(now);
      std::copy_if(suspected_.begin(), suspected_.end(), std::back_inserter(certain),
                   [&](const ForeignMove& move) { return current.has(move); });
      std::erase_if(departed, [&](const ForeignMove& move) {
        const SegmentKey key{move.segment, move.replica};
        return reversed.contains(key) || !then.has(move) || !current.has(move) ||
               explained(ledger, key, begun(*before));
      });
    }
    suspected_ = std::move(departed);
  }
  recent_.insert(recent_.end(), certain.begin(), certain.end());
  if (recent_.size() > kMost) {
    recent_.erase(recent_.begin(), recent_.end() - static_cast<std::ptrdiff_t>(kMost));
  }
  assert(recent_.size() <= kMost);
  return certain;
}

std::vector<ForeignMove> ForeignMoves::since(TimePoint time) const {
  std::vector<ForeignMove> moves;
  for (const auto* all : {&recent_, &suspected_}) {
    std::copy_if(all->begin(), all->end(), std::back_inserter(moves),
                 [&](const ForeignMove& move) { return move.seen >= time; });
  }
  std::stable_sort(moves.begin(), moves.end(),
                   [](const auto& a, const auto& b) { return a.seen < b.seen; });
  return moves;
}

std::string disquiet(const std::vector<ForeignMove>& recent, const Cluster& cluster,
                     Duration quiet) {
  if (recent.empty()) return {};
  const ForeignMove& last = recent.back();
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(quiet).count();
  const bool one = recent.size() == 1;
  return std::to_string(recent.size()) + (one ? " segment" : " segments") +
         " moved without this agent within " + std::to_string(seconds) + " s, " +
         (one ? "" : "the last ") + "of " + name_of(cluster, last.collection) + " from node " +
         number(last.from) + " to " + number(last.to) +
         ": somebody else balances, and levelling waits until none has moved for so long";
}

}  // namespace evenkeel::rules
