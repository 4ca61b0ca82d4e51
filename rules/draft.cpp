#include "rules/draft.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {
namespace {

bool alike(const Segment& a, const Segment& b) {
  return a.collection == b.collection && a.rows == b.rows && a.bytes == b.bytes &&
         a.state == b.state;
}

// Why a segment in its place may not be moved now, as far as the segment alone decides.
std::optional<Rejection> why_not(const std::vector<const Segment*>& copies, bool flying,
                                 const SegmentHistory* history, const Policy& policy,
                                 TimePoint now) {
  const Segment& segment = *copies.front();
  if (flying) return Rejection::in_flight;
  if (copies.back()->node != segment.node) return Rejection::in_transit;
  const bool agree = std::all_of(copies.begin(), copies.end(),
                                 [&](const Segment* copy) { return alike(*copy, segment); });
  if (!agree) return Rejection::data_incomplete;
  if (segment.state != SegmentState::sealed) return Rejection::not_sealed;
  if (history != nullptr && history->resting_until > now) return Rejection::resting;
  const bool moved = history != nullptr && history->last_moved > TimePoint{};
  if (moved && later(history->last_moved, policy.segment_cooldown) > now) {
    return Rejection::cooling_down;
  }
  if (segment.bytes <= 0) return Rejection::too_small;
  return std::nullopt;
}

}  // namespace

double DraftNode::ratio() const {
  return ratio_of(now, capacity);
}

Draft::Draft(const Cluster& cluster, const Judgement& judgement, const Policy& policy,
             const Ledger& ledger, TimePoint now)
    : policy_(policy), bytes_left_(std::max<Bytes>(policy.max_bytes_per_round, 0)) {
  add_nodes(judgement, ledger);
  add_sets(cluster, judgement);
  add_segments(cluster, ledger, now);
  plan_.worst_spread_before = worst_spread();
  plan_.worst_ratio_before = worst_ratio();
}

void Draft::add_nodes(const Judgement& judgement, const Ledger& ledger) {
  for (const NodeVerdict& verdict : judgement.nodes) {
    DraftNode node;
    node.id = verdict.id;
    node.capacity = verdict.capacity;
    node.limit = scaled_down(verdict.capacity, policy_.overload_threshold);
    node.before = node.now = verdict.expected;
    node.kept_free = verdict.kept_free;
    node.judged = verdict.state != NodeState::cannot_judge;
    node.overloaded = verdict.state == NodeState::overloaded;
    node.in_flight = ledger.in_flight(verdict.id);
    nodes_.push_back(node);
  }
}

void Draft::add_sets(const Cluster& cluster, const Judgement& judgement) {
  std::map<ReplicaId, const ReplicaVerdict*> verdicts;
  for (const ReplicaVerdict& verdict : judgement.replicas) verdicts[verdict.id] = &verdict;
  std::vector<const Replica*> replicas;
  replicas.reserve(cluster.replicas.size());
  for (const Replica& replica : cluster.replicas) replicas.push_back(&replica);
  std::sort(replicas.begin(), replicas.end(),
            [](const Replica* a, const Replica* b) { return a->id < b->id; });

  std::map<std::vector<Index>, Index> known;
  for (const Replica* replica : replicas) {
    const bool listed_twice = !places_.empty() && places_.back().id == replica->id;
    const auto verdict = verdicts.find(replica->id);
    if (listed_twice || verdict == verdicts.end() || replica->id == ReplicaId{}) continue;
    if (verdict->second->reason == Reason::collection_incomplete) continue;

    std::vector<Index> nodes;
    for (const NodeId id : replica->nodes) {
      // The judgement has a verdict on each node that a replica names.
      if (const DraftNode* node = find_node(id)) nodes.push_back(node - nodes_.data());
    }
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());

    const auto [found, is_new] = known.try_emplace(nodes, sets_.size());
    const Index place = found->second;
    if (is_new) {
      NodeSet set;
      set.nodes = nodes;
      set.replica = replica->id;
      sets_.push_back(std::move(set));
      for (const Index node : nodes) nodes_[node].sets.push_back(place);
    }
    sets_[place].different |= verdict->second->state == ReplicaState::difference;
    places_.push_back({replica->id, replica->collection, place});
  }
  for (NodeSet& set : sets_) measure(set);
}

void Draft::add_segments(const Cluster& cluster, const Ledger& ledger, TimePoint now) {
  std::vector<const Segment*> all;
  all.reserve(cluster.segments.size());
  for (const Segment& segment : cluster.segments) all.push_back(&segment);
  std::sort(all.begin(), all.end(), [](const Segment* a, const Segment* b) {
    return std::tie(a->replica, a->id, a->node) < std::tie(b->replica, b->id, b->node);
  });

  std::set<SegmentKey> flying;
  for (const Flight& flight : ledger.flights()) flying.insert({flight.segment, flight.replica});

  Copies copies;
  for (Index first = 0; first < all.size();) {
    const SegmentKey key{all[first]->id, all[first]->replica};
    copies.clear();
    for (; first < all.size() && SegmentKey{all[first]->id, all[first]->replica} == key; ++first) {
      copies.push_back(all[first]);
    }
    add_copies(copies, flying.contains(key), ledger.history(key), now);
  }

  const auto order = [](const auto& entry) {
    return std::tuple(entry.node, entry.set, entry.segment->bytes, entry.segment->id,
                      entry.segment->replica);
  };
  const auto sorted = [order](const auto& a, const auto& b) { return order(a) < order(b); };
  std::sort(movable_.begin(), movable_.end(), sorted);
  std::sort(unmovable_.begin(), unmovable_.end(), sorted);
}

void Draft::add_copies(const Copies& copies, bool flying, const SegmentHistory* history,
                       TimePoint now) {
  const ReplicaPlace* place = find_place(copies.front()->replica);
  const Index set = place == nullptr ? kNoSet : place->set;
  const DraftNode* last_node = nullptr;
  for (const Segment* copy : copies) {
    const DraftNode* node = find_node(copy->node);
    if (node == nullptr || node == last_node) continue;  // gone, or the same copy again
    last_node = node;
    const Index at = node - nodes_.data();

    std::optional<Rejection> why = why_not(copies, flying, history, policy_, now);
    const bool placed = place != nullptr && place->collection == copy->collection &&
                        std::binary_search(sets_[set].nodes.begin(), sets_[set].nodes.end(), at);
    // A segment larger than what its node uses: its size cannot be right.
    if (!placed || copy->bytes > node->before) why = why.value_or(Rejection::data_incomplete);
    if (why) {
      unmovable_.push_back({at, set, copy, *why});
    } else {
      movable_.push_back({copy, at, set, false});
    }
  }
}

const DraftNode* Draft::find_node(NodeId id) const {
  const auto found =
      std::lower_bound(nodes_.begin(), nodes_.end(), id,
                       [](const DraftNode& node, NodeId wanted) { return node.id < wanted; });
  return found != nodes_.end() && found->id == id ? &*found : nullptr;
}

const Draft::ReplicaPlace* Draft::find_place(ReplicaId id) const {
  const auto found = std::lower_bound(
      places_.begin(), places_.end(), id,
      [](const ReplicaPlace& place, ReplicaId wanted) { return place.id < wanted; });
  return found != places_.end() && found->id == id ? &*found : nullptr;
}

std::span<const Movable> Draft::movable_on(Index node) const {
  const auto [first, last] =
      std::equal_range(movable_.begin(), movable_.end(), Movable{nullptr, node, 0, false},
                       [](const Movable& a, const Movable& b) { return a.node < b.node; });
  return {first, last};
}

std::span<const Movable> Draft::movable_on(Index node, Index set) const {
  const auto [first, last] =
      std::equal_range(movable_.begin(), movable_.end(), Movable{nullptr, node, set, false},
                       [](const Movable& a, const Movable& b) {
                         return std::tie(a.node, a.set) < std::tie(b.node, b.set);
                       });
  return {first, last};
}

Bytes Draft::room(Index node) const {
  const DraftNode& target = nodes_[node];
  const Bytes free =
      saturating_subtract(target.limit, saturating_add(target.before, target.kept_free));
  const Bytes loadable = scaled_down(free, 1 / policy_.loading_peak);
  return std::max<Bytes>(0, loadable - target.arriving);
}

bool Draft::full() const {
  return plan_.moves.size() >= static_cast<std::size_t>(std::max(policy_.max_moves_per_round, 0));
}

void Draft::take(const Movable& movable, Index to, Urgency urgency) {
  const Segment& segment = *movable.segment;
  DraftNode& source = nodes_[movable.node];
  DraftNode& destination = nodes_[to];

  Move move;
  move.segment = segment.id;
  move.collection = segment.collection;
  move.replica = segment.replica;
  move.from = source.id;
  move.to = destination.id;
  move.rows = segment.rows;
  move.bytes = segment.bytes;
  move.urgency = urgency;
  move.from_before = source.ratio();
  move.to_before = destination.ratio();

  movable_[&movable - movable_.data()].taken = true;
  bytes_left_ -= segment.bytes;
  source.now = std::max<Bytes>(0, source.now - segment.bytes);
  destination.now = saturating_add(destination.now, segment.bytes);
  destination.arriving = saturating_add(destination.arriving, segment.bytes);
  for (const Index set : source.sets) measure(sets_[set]);
  for (const Index set : destination.sets) measure(sets_[set]);

  move.from_after = source.ratio();
  move.to_after = destination.ratio();
  plan_.moves.push_back(move);
}

void Draft::reject(const Candidate& candidate) {
  const FoldKey key{candidate.from, candidate.replica, candidate.why};
  const auto found = rejected_.find(key);
  if (found == rejected_.end()) {
    if (rejected_.size() < kMaxRejected) rejected_.emplace(key, Noted{candidate, scan_});
    return;
  }
  auto& [known, scan] = found->second;
  if (scan != scan_) {
    found->second = Noted{candidate, scan_};
    return;
  }
  if (known.segment != candidate.segment) known.segment.reset();
  if (known.to != candidate.to) known.to.reset();
  known.to_after = std::min(known.to_after, candidate.to_after);
  known.count = saturating_add(known.count, candidate.count);
}

void Draft::reject(const Unmovable& unmovable) {
  Candidate candidate;
  candidate.segment = unmovable.segment->id;
  candidate.replica = unmovable.segment->replica;
  candidate.from = nodes_[unmovable.node].id;
  candidate.why = unmovable.why;
  reject(candidate);
}

void Draft::reject_unmovable_on(Index node) {
  for (auto it = std::lower_bound(
           unmovable_.begin(), unmovable_.end(), node,
           [](const Unmovable& unmovable, Index wanted) { return unmovable.node < wanted; });
       it != unmovable_.end() && it->node == node; ++it) {
    reject(*it);
  }
}

void Draft::reject_unmovable_on(Index node, Index set) {
  const auto before = [](const Unmovable& unmovable, const std::pair<Index, Index>& wanted) {
    return std::pair(unmovable.node, unmovable.set) < wanted;
  };
  for (auto it =
           std::lower_bound(unmovable_.begin(), unmovable_.end(), std::pair(node, set), before);
       it != unmovable_.end() && it->node == node && it->set == set; ++it) {
    reject(*it);
  }
}

Plan Draft::finish() {
  plan_.worst_spread_after = worst_spread();
  plan_.worst_ratio_after = worst_ratio();
  for (const auto& [key, noted] : rejected_) plan_.rejected.push_back(noted.candidate);
  return std::move(plan_);
}

void Draft::measure(NodeSet& set) const {
  set.judged = !set.nodes.empty();
  set.highest = set.lowest = 0;
  bool first = true;
  for (const Index index : set.nodes) {
    const DraftNode& node = nodes_[index];
    if (!node.judged) {
      set.judged = false;
      continue;
    }
    const double ratio = node.ratio();
    set.highest = first ? ratio : std::max(set.highest, ratio);
    set.lowest = first ? ratio : std::min(set.lowest, ratio);
    first = false;
  }
}

double Draft::worst_spread() const {
  double worst = 0;
  for (const NodeSet& set : sets_) {
    if (set.judged) worst = std::max(worst, set.spread());
  }
  return worst;
}

double Draft::worst_ratio() const {
  double worst = 0;
  for (const DraftNode& node : nodes_) {
    if (node.judged) worst = std::max(worst, node.ratio());
  }
  return worst;
}

}  // namespace evenkeel::rules
