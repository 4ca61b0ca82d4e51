#include "rules/planner/draft.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {
namespace {

// The rest or cool-down that keeps a segment where it is, if there is one.
std::optional<Rejection> held_by(const SegmentHistory& history, const Policy& policy,
                                 TimePoint now) {
  if (history.resting_until > now) return Rejection::resting;
  if (cools_down(history, policy, now)) return Rejection::cooling_down;
  return std::nullopt;
}

}  // namespace

double DraftNode::ratio() const {
  return ratio_of(now, capacity);
}

Draft::Draft(const Inventory& inventory, const Judgement& judgement, const Policy& policy,
             const Ledger& ledger, TimePoint now)
    : inventory_(&inventory),
      policy_(policy),
      bytes_left_(std::max<Bytes>(policy.max_bytes_per_round, 0)),
      movable_(inventory),
      rejections_(inventory.node_segments().size()),
      exchanges_rest_(ledger.exchanges().rest(policy, now)) {
  add_nodes(judgement, ledger, now);
  leave_out_drained();
  add_sets(judgement);
  block(ledger, now);
  worst_spread_before_ = worst_spread();
  worst_ratio_before_ = worst_ratio();
}

void Draft::add_nodes(const Judgement& judgement, const Ledger& ledger, TimePoint now) {
  nodes_.resize(inventory_->nodes().size());
  for (Index i = 0; i < nodes_.size(); ++i) nodes_[i].id = inventory_->nodes()[i];
  for (const NodeVerdict& verdict : judgement.nodes) {
    const Index index = inventory_->node(verdict.id);
    if (index == kNone) continue;
    DraftNode& node = nodes_[index];
    node.capacity = verdict.capacity;
    node.room = room_on(verdict, policy_);
    node.now = verdict.expected;
    node.drained = verdict.drained;
    node.to_grow = verdict.ahead && !verdict.drained ? verdict.to_grow : 0;
    node.judged = was_judged(verdict);
    if (ledger.destination_rests(verdict.id, now)) node.closed = Rejection::destination_resting;
    node.in_flight = ledger.in_flight(verdict.id);
    if (verdict.drained) continue;  // it is emptied, whatever its memory does
    node.memory_stays = verdict.memory_stays;
    node.awaited = !judgement.overloaded() && ledger.effects().awaited(verdict.id, now, policy_);
    node.overloaded = verdict.state == NodeState::overloaded || verdict.ahead;
  }
  for (const Node& node : inventory_->cluster().nodes) {
    const Index index = inventory_->node(node.id);
    if (node.capacity_doubted) nodes_[index].closed = Rejection::capacity_doubted;
  }
  for (const Landed& landed : ledger.landed()) {
    const Index source = inventory_->node(landed.flight.from);
    if (source != kNone) nodes_[source].draining = true;
  }
  std::vector<Bytes> most;
  for (const DraftNode& node : nodes_) {
    ratios_.push_back(node.ratio());
    most.push_back(node.room.expected);
  }
  movable_.bound(std::move(most));
}

void Draft::leave_out_drained() {
  const auto drained = [this](Index node) { return nodes_[node].drained; };
  if (std::none_of(nodes_.begin(), nodes_.end(), std::mem_fn(&DraftNode::drained))) return;
  for (const Inventory::NodeSet& set : inventory_->sets()) {
    undrained_.push_back(set.nodes);
    std::erase_if(undrained_.back(), drained);
  }
}

void Draft::add_sets(const Judgement& judgement) {
  sets_.resize(inventory_->sets().size());
  std::vector<Index> channels;
  std::map<std::pair<CollectionId, ReplicaId>, ReplicaState> states;
  for (const ReplicaVerdict& verdict : judgement.replicas) {
    if (verdict.state != ReplicaState::difference) continue;
    states.emplace(std::pair(verdict.collection, verdict.id), verdict.state);
  }
  for (const Inventory::ListedReplica& replica : inventory_->replicas()) {
    if (replica.set == kNone || !states.contains({replica.collection, replica.id})) continue;
    if (replica.channel_sets.empty()) sets_[replica.set].different = true;
    for (const Index set : replica.channel_sets) channels.push_back(set);
  }
  for (Index set = 0; set < sets_.size(); ++set) {
    const std::vector<Index>& members = nodes_of(set);
    sets_[set].judged =
        !members.empty() &&
        std::all_of(members.begin(), members.end(), [this](Index i) { return nodes_[i].judged; });
    measure(set);
  }
  // The difference may lie between the nodes of two channels, where no segment may go.
  for (const Index set : channels) {
    const DraftSet& of = sets_[set];
    sets_[set].different = of.highest - of.lowest > policy_.max_difference;
  }
}

void Draft::block(const Ledger& ledger, TimePoint now) {
  for (const Flight& flight : ledger.flights()) {
    movable_.block({flight.segment, flight.replica}, Rejection::in_flight);
  }
  for (const auto& [key, history] : ledger.histories()) {
    if (const auto why = held_by(history, policy_, now)) movable_.block(key, *why);
  }
  for (Index node = 0; node < nodes_.size(); ++node) {
    if (nodes_[node].memory_stays) movable_.block_all(node, Rejection::memory_stays);
    if (nodes_[node].awaited) movable_.block_all(node, Rejection::memory_awaited);
  }
}

Bytes Draft::room(Index node) const {
  return nodes_[node].closed ? 0 : nodes_[node].room.left(policy_);
}

std::size_t Draft::moves_left() const {
  const auto most = static_cast<std::size_t>(std::max(policy_.max_moves_per_round, 0));
  return most > planned_.size() ? most - planned_.size() : 0;
}

std::uint32_t Draft::next_exchange() const {
  std::uint32_t highest = 0;
  for (const Planned& planned : planned_) highest = std::max(highest, planned.purpose.exchange);
  return highest + 1;
}

void Draft::add_move(const SegmentRef& segment, Index to, Urgency urgency, const Purpose& purpose) {
  assert(to != segment.node);
  assert(!full() && 0 < segment.bytes() && segment.bytes() <= bytes_left_);
  movable_.remove(segment);
  DraftNode& source = nodes_[segment.node];
  DraftNode& destination = nodes_[to];
  const double source_before = ratios_[segment.node];
  const double destination_before = ratios_[to];
  const Bytes bytes = segment.bytes();
  bytes_left_ -= bytes;
  bytes_planned_ = saturating_add(bytes_planned_, bytes);
  set_used(segment.node, std::max<Bytes>(0, source.now - bytes));
  set_used(to, saturating_add(destination.now, bytes));
  destination.room.to_come = saturating_add(destination.room.to_come, bytes);
  update_bounds(segment.node, source_before);
  update_bounds(to, destination_before);
  planned_.push_back({segment, to, urgency, purpose});
  assert(bytes_left_ >= 0 && bytes_planned_ >= bytes);
}

RejectedMove Draft::rejected_move(const SegmentRef& segment, Rejection why) const {
  RejectedMove result;
  result.segment = segment.copy->id;
  result.replica = movable_.replica_of(segment);
  result.from = nodes_[segment.node].id;
  result.why = why;
  return result;
}

Draft Draft::without_budget() const {
  Draft unlimited = *this;
  unlimited.bytes_left_ = kMostBytes;
  unlimited.policy_.max_moves_per_round = std::numeric_limits<int>::max();
  return unlimited;
}

std::size_t Draft::add_first_moves_of(const Draft& whole) {
  const std::size_t before = planned_.size();
  while (planned_.size() < whole.planned_.size()) {
    const Planned& next = whole.planned_[planned_.size()];
    if (full() || next.segment.bytes() > bytes_left_) {
      RejectedMove rejected = rejected_move(next.segment, Rejection::budget);
      rejected.to = nodes_[next.to].id;
      rejections_.add(rejected);
      return planned_.size() - before;
    }
    add_move(next.segment, next.to, next.urgency, next.purpose);
  }
  rejections_ = whole.rejections_;
  unfixable_ = whole.unfixable_;
  return planned_.size() - before;
}

void Draft::reject_unmovable_on(Index node) {
  for (const Inventory::NodeSegments& held : inventory_->segments_on(node)) {
    rejections_.add_unmovable(*inventory_, movable_, node, held);
  }
}

void Draft::reject_unmovable_on(Index node, Index set) {
  const Inventory::NodeSegments* held = inventory_->segments_on(node, set);
  if (held != nullptr) rejections_.add_unmovable(*inventory_, movable_, node, *held);
}

Plan Draft::finish() const {
  Plan plan;
  plan.worst_spread_before = worst_spread_before_;
  plan.worst_ratio_before = worst_ratio_before_;
  plan.worst_spread_after = worst_spread();
  plan.worst_ratio_after = worst_ratio();
  plan.unfixable = unfixable_;
  plan.rejected = rejections_.all();

  std::vector<DraftNode> nodes = nodes_;
  for (DraftNode& node : nodes) node.now = node.room.expected;
  plan.moves.reserve(planned_.size());
  for (const Planned& planned : planned_) {
    const Inventory::ListedReplica& replica = inventory_->replicas()[planned.segment.copy->replica];
    DraftNode& source = nodes[planned.segment.node];
    DraftNode& destination = nodes[planned.to];
    Move move;
    move.segment = planned.segment.copy->id;
    move.collection = replica.collection;
    move.replica = replica.id;
    move.from = source.id;
    move.to = destination.id;
    const Segment* segment = inventory_->segment({move.segment, move.replica});
    move.rows = segment == nullptr ? 0 : segment->rows;
    move.bytes = planned.segment.bytes();
    move.urgency = planned.urgency;
    move.ahead = source.to_grow > 0;
    move.exchange = planned.purpose.exchange;
    move.makes_room_for = planned.purpose.makes_room_for;
    move.from_before = source.ratio();
    move.to_before = destination.ratio();
    source.now = std::max<Bytes>(0, source.now - move.bytes);
    destination.now = saturating_add(destination.now, move.bytes);
    move.from_after = source.ratio();
    move.to_after = destination.ratio();
    plan.moves.push_back(move);
  }
  return plan;
}

void Draft::set_used(Index node, Bytes bytes) {
  nodes_[node].now = bytes;
  ratios_[node] = nodes_[node].ratio();
}

// A set that could not be judged as a whole is not measured: nothing is levelled there.
void Draft::measure(Index index) const {
  DraftSet& set = sets_[index];
  if (!set.judged) return;
  const std::vector<Index>& members = nodes_of(index);
  set.highest = set.lowest = ratios_[members.front()];
  for (const Index member : members) {
    set.highest = std::max(set.highest, ratios_[member]);
    set.lowest = std::min(set.lowest, ratios_[member]);
  }
  set.highest_at_least = set.highest;
  set.lowest_at_most = set.lowest;
}

// The bounds of a set that was measured before contain its exact ends.
void Draft::remeasure(Index index) const {
  [[maybe_unused]] const DraftSet bounds = sets_[index];
  measure(index);
  [[maybe_unused]] const DraftSet& exact = sets_[index];
  assert(bounds.highest_at_least <= exact.highest && exact.highest <= bounds.highest);
  assert(bounds.lowest <= exact.lowest && exact.lowest <= bounds.lowest_at_most);
}

const DraftSet& Draft::set(Index set) const {
  if (!sets_[set].exact()) remeasure(set);
  return sets_[set];
}

double Draft::lowest(Index set) const {
  if (sets_[set].lowest != sets_[set].lowest_at_most) remeasure(set);
  return sets_[set].lowest;
}

bool Draft::above_all(Index index, double ratio) const {
  return ratio > sets_[index].highest_at_least && ratio > set(index).highest;
}

bool Draft::below_all(Index index, double ratio) const {
  return ratio < sets_[index].lowest_at_most && ratio < lowest(index);
}

// Updates the bounds of the node's sets from its own ratio, without a look at the other nodes.
void Draft::update_bounds(Index node, double before) {
  if (nodes_[node].drained) return;  // of no set
  const double after = ratios_[node];
  for (const Index index : inventory_->sets_of(node)) {
    DraftSet& set = sets_[index];
    if (!set.judged) continue;
    const bool was_highest = before >= set.highest_at_least;  // possibly
    const bool was_lowest = before <= set.lowest_at_most;
    set.highest_at_least = was_highest ? after : std::max(set.highest_at_least, after);
    set.lowest_at_most = was_lowest ? after : std::min(set.lowest_at_most, after);
    set.highest = std::max(set.highest, after);
    set.lowest = std::min(set.lowest, after);
    assert(set.highest_at_least <= set.highest && set.lowest <= set.lowest_at_most);
  }
}

double Draft::worst_spread() const {
  double worst = 0;
  for (Index index = 0; index < sets_.size(); ++index) {
    if (sets_[index].judged && sets_[index].spread() > worst) {
      worst = std::max(worst, set(index).spread());
    }
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
