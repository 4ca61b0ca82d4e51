#include "rules/draft.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {
namespace {

// Why its history keeps a segment where it is, if it does.
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
      explained_(inventory.shelves().size(), false) {
  add_nodes(judgement, ledger, now);
  add_sets(judgement);
  number_holdings();
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
    node.judged = was_judged(verdict);
    if (ledger.turned_away(verdict.id, now)) node.closed = Rejection::destination_resting;
    node.memory_stays = verdict.memory_stays;
    node.awaited = !judgement.overloaded() && ledger.effects().awaited(verdict.id, now, policy_);
    node.overloaded = verdict.state == NodeState::overloaded;
    node.in_flight = ledger.in_flight(verdict.id);
  }
  for (const Node& node : inventory_->cluster().nodes) {
    const Index index = inventory_->node(node.id);
    if (node.capacity_doubted) nodes_[index].closed = Rejection::capacity_doubted;
  }
  for (const Landed& landed : ledger.landed()) {
    const Index source = inventory_->node(landed.flight.from);
    if (source != kNone) nodes_[source].draining = true;
  }
  for (const DraftNode& node : nodes_) ratios_.push_back(node.ratio());
}

void Draft::add_sets(const Judgement& judgement) {
  sets_.resize(inventory_->sets().size());
  std::vector<Index> channels;
  std::map<std::pair<CollectionId, ReplicaId>, ReplicaState> states;
  for (const ReplicaVerdict& verdict : judgement.replicas) {
    if (verdict.state != ReplicaState::difference) continue;
    states.emplace(std::pair(verdict.collection, verdict.id), verdict.state);
  }
  for (const Inventory::Place& place : inventory_->places()) {
    if (place.set == kNone || !states.contains({place.collection, place.id})) continue;
    if (place.channel_sets.empty()) sets_[place.set].different = true;
    for (const Index set : place.channel_sets) channels.push_back(set);
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

void Draft::number_holdings() {
  first_number_.reserve(inventory_->shelves().size() + 1);
  Index number = 0;
  for (const Inventory::Shelf& shelf : inventory_->shelves()) {
    first_number_.push_back(number);
    number += shelf.holdings.size();
  }
  first_number_.push_back(number);
  upwards_.resize(number + 1);
  std::iota(upwards_.begin(), upwards_.end(), 0U);
  downwards_ = upwards_;
}

void Draft::block(const Ledger& ledger, TimePoint now) {
  for (const Flight& flight : ledger.flights()) {
    block({flight.segment, flight.replica}, Rejection::in_flight);
  }
  for (const auto& [key, history] : ledger.histories()) {
    if (const auto why = held_by(history, policy_, now)) block(key, *why);
  }
  for (Index node = 0; node < nodes_.size(); ++node) {
    if (nodes_[node].memory_stays) block_all(node, Rejection::memory_stays);
    if (nodes_[node].awaited) block_all(node, Rejection::memory_awaited);
  }
}

void Draft::block_all(Index node, Rejection why) {
  for (const Inventory::Shelf& shelf : inventory_->shelves(node)) {
    const auto index = static_cast<Index>(&shelf - inventory_->shelves().data());
    Index number = first_number_[index];
    for (const Inventory::Holding& holding : shelf.holdings) {
      const Index at = number++;
      if (upwards_[at] != at) continue;  // for another reason already
      use_up(at);
      blocked_[index].push_back({{holding.id, inventory_->places()[holding.place].id}, why});
    }
  }
}

void Draft::block(const SegmentKey& key, Rejection why) {
  const Segment* segment = inventory_->segment(key);
  const Index node = segment == nullptr ? kNone : inventory_->node(segment->node);
  if (node == kNone) return;
  for (const Inventory::Shelf& shelf : inventory_->shelves(node)) {
    const auto at = std::lower_bound(
        shelf.holdings.begin(), shelf.holdings.end(), segment->bytes,
        [](const Inventory::Holding& holding, Bytes bytes) { return holding.bytes < bytes; });
    const auto found = std::find_if(at, shelf.holdings.end(), [&](const auto& holding) {
      return holding.bytes != segment->bytes ||
             (holding.id == key.first && inventory_->places()[holding.place].id == key.second);
    });
    if (found == shelf.holdings.end() || found->bytes != segment->bytes) continue;
    const Index index = static_cast<Index>(&shelf - inventory_->shelves().data());
    const Index number = first_number_[index] + static_cast<Index>(found - shelf.holdings.begin());
    if (upwards_[number] != number) return;  // for another reason already
    use_up(number);
    blocked_[index].push_back({key, why});
    return;
  }
}

void Draft::use_up(Index number) {
  upwards_[number] = static_cast<std::uint32_t>(number + 1);
  downwards_[number + 1] = static_cast<std::uint32_t>(number);
}

// Both shorten the way for those who come later.
Index Draft::next_free(Index number) const {
  while (upwards_[number] != number) {
    upwards_[number] = upwards_[upwards_[number]];
    number = upwards_[number];
  }
  return number;
}

Index Draft::last_free(Index number) const {
  while (downwards_[number] != number) {
    downwards_[number] = downwards_[downwards_[number]];
    number = downwards_[number];
  }
  return number;
}

// A segment larger than what its node uses: its size cannot be right.
std::optional<Piece> Draft::piece(Index node, Index shelf, Index number) const {
  if (number < first_number_[shelf] || number >= first_number_[shelf + 1]) return std::nullopt;
  const Inventory::Shelf& held = inventory_->shelves()[shelf];
  const Inventory::Holding& holding = held.holdings[number - first_number_[shelf]];
  if (holding.bytes > nodes_[node].room.expected) return std::nullopt;
  return Piece{node, held.set, number, &holding};
}

std::optional<Piece> Draft::smallest_from(Index node, Index set, Bytes bytes) const {
  const Inventory::Shelf* shelf = inventory_->shelf(node, set);
  if (shelf == nullptr) return std::nullopt;
  const auto at = std::partition_point(shelf->holdings.begin(), shelf->holdings.end(),
                                       [bytes](const auto& held) { return held.bytes < bytes; });
  const Index index = static_cast<Index>(shelf - inventory_->shelves().data());
  const Index from = first_number_[index] + static_cast<Index>(at - shelf->holdings.begin());
  return piece(node, index, next_free(from));
}

std::optional<Piece> Draft::largest_up_to(Index node, Index set, Bytes bytes) const {
  const Inventory::Shelf* shelf = inventory_->shelf(node, set);
  if (shelf == nullptr) return std::nullopt;
  bytes = std::min(bytes, nodes_[node].room.expected);
  const auto end = std::partition_point(shelf->holdings.begin(), shelf->holdings.end(),
                                        [bytes](const auto& held) { return held.bytes <= bytes; });
  const Index index = static_cast<Index>(shelf - inventory_->shelves().data());
  const Index past = first_number_[index] + static_cast<Index>(end - shelf->holdings.begin());
  const Index last = last_free(past);
  return last == 0 ? std::nullopt : piece(node, index, last - 1);
}

std::optional<Piece> Draft::larger(const Piece& from) const {
  const Inventory::Shelf* shelf = inventory_->shelf(from.node, from.set);
  const Index index = static_cast<Index>(shelf - inventory_->shelves().data());
  return piece(from.node, index, next_free(from.number + 1));
}

std::optional<Piece> Draft::smaller(const Piece& from) const {
  const Inventory::Shelf* shelf = inventory_->shelf(from.node, from.set);
  const Index index = static_cast<Index>(shelf - inventory_->shelves().data());
  const Index last = last_free(from.number);
  return last == 0 ? std::nullopt : piece(from.node, index, last - 1);
}

std::vector<Piece> Draft::pieces_on(Index node) const {
  std::vector<Piece> pieces;
  for (const Index set : inventory_->sets_of(node)) {
    for (auto next = smallest_from(node, set, 1); next; next = larger(*next)) {
      pieces.push_back(*next);
    }
  }
  std::sort(pieces.begin(), pieces.end(), [this](const Piece& a, const Piece& b) {
    return std::tuple(a.bytes(), a.holding->id, replica_of(a)) <
           std::tuple(b.bytes(), b.holding->id, replica_of(b));
  });
  return pieces;
}

ReplicaId Draft::replica_of(const Piece& piece) const {
  return inventory_->places()[piece.holding->place].id;
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

void Draft::take(const Piece& piece, Index to, Urgency urgency, const Purpose& purpose) {
  use_up(piece.number);
  DraftNode& source = nodes_[piece.node];
  DraftNode& destination = nodes_[to];
  const double source_before = ratios_[piece.node];
  const double destination_before = ratios_[to];
  const Bytes bytes = piece.bytes();
  bytes_left_ -= bytes;
  bytes_planned_ = saturating_add(bytes_planned_, bytes);
  use(piece.node, std::max<Bytes>(0, source.now - bytes));
  use(to, saturating_add(destination.now, bytes));
  destination.room.to_come = saturating_add(destination.room.to_come, bytes);
  follow(piece.node, source_before);
  follow(to, destination_before);
  planned_.push_back({piece, to, urgency, purpose});
}

Draft Draft::without_budget() const {
  Draft unlimited = *this;
  unlimited.bytes_left_ = kMostBytes;
  unlimited.policy_.max_moves_per_round = std::numeric_limits<int>::max();
  return unlimited;
}

std::size_t Draft::take_first_of(const Draft& whole) {
  const std::size_t before = planned_.size();
  while (planned_.size() < whole.planned_.size()) {
    const Planned& next = whole.planned_[planned_.size()];
    if (full() || next.piece.bytes() > bytes_left_) {
      Candidate rejected;
      rejected.segment = next.piece.holding->id;
      rejected.replica = replica_of(next.piece);
      rejected.from = nodes_[next.piece.node].id;
      rejected.to = nodes_[next.to].id;
      rejected.why = Rejection::budget;
      reject(rejected);
      return planned_.size() - before;
    }
    take(next.piece, next.to, next.urgency, next.purpose);
  }
  rejected_ = whole.rejected_;
  unfixable_ = whole.unfixable_;
  return planned_.size() - before;
}

bool Draft::cut() const {
  return std::any_of(rejected_.begin(), rejected_.end(), [](const auto& each) {
    return std::get<Rejection>(each.first) == Rejection::budget;
  });
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

void Draft::reject_unmovable(Index node, const SegmentKey& key, Rejection why) {
  Candidate candidate;
  candidate.segment = key.first;
  candidate.replica = key.second;
  candidate.from = nodes_[node].id;
  candidate.why = why;
  reject(candidate);
}

void Draft::reject_unmovable_on(Index node) {
  for (Index shelf = inventory_->first_shelf(node); shelf < inventory_->first_shelf(node + 1);
       ++shelf) {
    reject_shelf(node, shelf);
  }
}

void Draft::reject_unmovable_on(Index node, Index set) {
  const Inventory::Shelf* shelf = inventory_->shelf(node, set);
  if (shelf != nullptr)
    reject_shelf(node, static_cast<Index>(shelf - inventory_->shelves().data()));
}

// Once is enough: what may not move at all does not change while the plan is made.
void Draft::reject_shelf(Index node, Index shelf) {
  if (explained_[shelf]) return;
  explained_[shelf] = true;
  const Index scan = std::exchange(scan_, 0);  // a scan of its own, the same for all shelves
  const Inventory::Shelf& held = inventory_->shelves()[shelf];
  for (const Inventory::Flawed& flawed : held.flawed) {
    reject_unmovable(node, {flawed.id, flawed.replica}, flawed.why);
  }
  if (const auto found = blocked_.find(shelf); found != blocked_.end()) {
    for (const Blocked& blocked : found->second) reject_unmovable(node, blocked.key, blocked.why);
  }
  const auto larger_than_node = std::partition_point(
      held.holdings.begin(), held.holdings.end(),
      [&](const auto& holding) { return holding.bytes <= nodes_[node].room.expected; });
  for (auto it = larger_than_node; it != held.holdings.end(); ++it) {
    reject_unmovable(node, {it->id, inventory_->places()[it->place].id},
                     Rejection::data_incomplete);
  }
  scan_ = scan;
}

Plan Draft::finish() const {
  Plan plan;
  plan.worst_spread_before = worst_spread_before_;
  plan.worst_ratio_before = worst_ratio_before_;
  plan.worst_spread_after = worst_spread();
  plan.worst_ratio_after = worst_ratio();
  plan.unfixable = unfixable_;
  for (const auto& [key, noted] : rejected_) plan.rejected.push_back(noted.candidate);

  std::vector<DraftNode> nodes = nodes_;
  for (DraftNode& node : nodes) node.now = node.room.expected;
  plan.moves.reserve(planned_.size());
  for (const Planned& planned : planned_) {
    const Inventory::Place& place = inventory_->places()[planned.piece.holding->place];
    DraftNode& source = nodes[planned.piece.node];
    DraftNode& destination = nodes[planned.to];
    Move move;
    move.segment = planned.piece.holding->id;
    move.collection = place.collection;
    move.replica = place.id;
    move.from = source.id;
    move.to = destination.id;
    const Segment* segment = inventory_->segment({move.segment, move.replica});
    move.rows = segment == nullptr ? 0 : segment->rows;
    move.bytes = planned.piece.bytes();
    move.urgency = planned.urgency;
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

void Draft::use(Index node, Bytes bytes) {
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

const DraftSet& Draft::set(Index set) const {
  if (!sets_[set].exact()) measure(set);
  return sets_[set];
}

double Draft::lowest(Index set) const {
  if (sets_[set].lowest != sets_[set].lowest_at_most) measure(set);
  return sets_[set].lowest;
}

bool Draft::above_all(Index index, double ratio) const {
  return ratio > sets_[index].highest_at_least && ratio > set(index).highest;
}

bool Draft::below_all(Index index, double ratio) const {
  return ratio < sets_[index].lowest_at_most && ratio < lowest(index);
}

// What the move of a node says of the ends of its sets, without a look at the other nodes.
void Draft::follow(Index node, double before) {
  const double after = ratios_[node];
  for (const Index index : inventory_->sets_of(node)) {
    DraftSet& set = sets_[index];
    if (!set.judged) continue;
    const bool was_highest = before >= set.highest_at_least;  // maybe
    const bool was_lowest = before <= set.lowest_at_most;
    set.highest_at_least = was_highest ? after : std::max(set.highest_at_least, after);
    set.lowest_at_most = was_lowest ? after : std::min(set.lowest_at_most, after);
    set.highest = std::max(set.highest, after);
    set.lowest = std::min(set.lowest, after);
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
