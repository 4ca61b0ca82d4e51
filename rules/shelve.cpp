// How an inventory puts segments on its shelves and takes them off again, and sets aside those that
// do not fit the cluster's other lists.

#include <algorithm>
#include <tuple>

#include "rules/inventory.hpp"

namespace evenkeel::rules {
namespace {

// Two copies of one segment say the same of it.
bool agree(const Segment& a, const Segment& b) {
  return a.collection == b.collection && a.rows == b.rows && a.bytes == b.bytes &&
         a.state == b.state;
}

std::optional<Rejection> flaw_of(const Segment& segment) {
  if (segment.state != SegmentState::sealed) return Rejection::not_sealed;
  if (segment.bytes == 0) return Rejection::too_small;
  return std::nullopt;
}

// Which copies stand for a node that lists several of them: the first, whatever their order.
bool before(const Segment* a, const Segment* b) {
  const auto all_of = [](const Segment& segment) {
    return std::tie(segment.node, segment.collection, segment.rows, segment.bytes, segment.state);
  };
  return all_of(*a) < all_of(*b);
}

template <typename T>
void change(std::vector<T>& sorted, const T& entry, Inventory::Shelving how) {
  if (how == Inventory::Shelving::append) return sorted.push_back(entry);
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), entry);
  if (how == Inventory::Shelving::insert) {
    sorted.insert(at, entry);
  } else if (at != sorted.end() && *at == entry) {
    sorted.erase(at);
  }
}

}  // namespace

// Of a replica that cannot be believed itself, its verdict speaks.
Inventory::Spot Inventory::spot_of(const Segment& segment) const {
  Spot spot;
  const Index at = node(segment.node);
  const bool has_ids = segment.id != SegmentId{} && segment.node != NodeId{};
  if (at == kNone) {
    spot.misfit = has_ids ? Misfit::node_unknown : Misfit::no_id;
    return spot;
  }
  const Position place = place_of(segment.replica);
  const bool listed = place != kNowhere && segment.replica != ReplicaId{};
  const bool believed = listed && places_[place].set != kNone;
  const bool placed = believed && places_[place].collection == segment.collection;
  const Shelf* shelf = placed ? this->shelf(at, set_of(segment, places_[place])) : nullptr;
  spot.place = place;
  spot.flaw = flaw_of(segment);
  if (shelf != nullptr) {
    spot.shelf = number_of(*shelf);
  } else if (placed && takes_no_part(segment, places_[place], spot)) {
    spot.shelf = first_shelf_[at + 1] - 1;
  } else {
    spot.shelf = first_shelf_[at + 1] - 1;
    spot.flaw = spot.flaw.value_or(Rejection::data_incomplete);
    if (!listed) spot.misfit = Misfit::replica_unknown;
    if (believed) spot.misfit = placed ? Misfit::outside_replica : Misfit::other_collection;
  }
  const bool negative = segment.bytes < 0 || segment.rows < 0;
  if (!spot.misfit && negative) spot.misfit = Misfit::negative;
  if (!has_ids) spot.misfit = Misfit::no_id;
  if (spot.misfit) spot.flaw = spot.flaw.value_or(Rejection::data_incomplete);
  return spot;
}

Index Inventory::set_of(const Segment& segment, const Place& place) {
  const bool bound = segment.channel > 0 && segment.channel <= place.channel_sets.size();
  return bound ? place.channel_sets[segment.channel - 1] : place.set;
}

// Whether the segment is where nothing is moved from, though it may rightly be there.
bool Inventory::takes_no_part(const Segment& segment, const Place& place, Spot& spot) const {
  const auto among = [&segment](const std::vector<NodeId>& nodes) {
    return std::binary_search(nodes.begin(), nodes.end(), segment.node);
  };
  if (among(place.streaming)) {
    spot.flaw = Rejection::not_movable_there;
    if (segment.state == SegmentState::sealed) spot.misfit = Misfit::stranded;
    return true;
  }
  if (among(place.leaving)) {
    spot.flaw = Rejection::not_movable_there;
    return true;
  }
  const std::vector<Index>& members = sets_[place.set].nodes;
  if (!std::binary_search(members.begin(), members.end(), node(segment.node))) return false;
  spot.flaw = Rejection::outside_channel;
  return true;
}

// Shelf by shelf: in memory, the shelves are what is far apart.
void Inventory::carry_out(std::vector<Edit> edits) {
  std::sort(edits.begin(), edits.end(),
            [](const Edit& a, const Edit& b) { return a.spot.shelf < b.spot.shelf; });
  for (const Edit& edit : edits) {
    const Segment& segment = *edit.segment;
    if (segment.state == SegmentState::loading) {
      count_transit({segment.id, segment.replica}, edit.how == Shelving::take ? -1 : 1);
    }
    shelve(segment, edit.spot, edit.how);
  }
}

// Of a segment that is listed more than once.
void Inventory::shelve_copies(const SegmentKey& key, Shelving how) {
  std::vector<const Segment*> listed{&cluster_->segments[first_copy_.find(key)]};
  for (const Position i : further_copies_.at(key)) listed.push_back(&cluster_->segments[i]);
  std::sort(listed.begin(), listed.end(), before);
  const bool contradictory = !std::all_of(listed.begin(), listed.end(), [&](const Segment* each) {
    return agree(*each, *listed.front());
  });
  const bool on_two = listed.front()->node != listed.back()->node;
  const bool loading = std::any_of(listed.begin(), listed.end(), [](const Segment* each) {
    return each->state == SegmentState::loading;
  });
  const bool growing = std::any_of(listed.begin(), listed.end(), [](const Segment* each) {
    return each->state == SegmentState::growing;
  });
  count_transit(key, (how == Shelving::take ? -1 : 1) * ((on_two ? 1 : 0) + (loading ? 1 : 0)));

  const Segment* last = nullptr;
  for (const Segment* each : listed) {
    if (last != nullptr && each->node == last->node) continue;  // the same copy again
    last = each;
    Spot spot = spot_of(*each);
    if (contradictory) {  // but not of one that is being sealed under the same id
      spot.flaw = Rejection::data_incomplete;
      if (!growing) spot.misfit = spot.misfit.value_or(Misfit::copies_disagree);
    }
    if (on_two) spot.flaw = Rejection::in_transit;
    shelve(*each, spot, how);
  }
}

void Inventory::shelve(const Segment& segment, const Spot& spot, Shelving how) {
  if (spot.misfit) count_misfit(segment, *spot.misfit, how == Shelving::take ? -1 : 1);
  if (spot.shelf == kNone) return;
  Shelf& shelf = shelves_[spot.shelf];
  if (spot.flaw) {
    change(shelf.flawed, {segment.id, segment.replica, *spot.flaw}, how);
  } else {
    change(shelf.holdings, {segment.bytes, segment.id, spot.place}, how);
  }
}

std::vector<const Segment*> Inventory::in_transit() const {
  std::vector<const Segment*> transits;
  for (const auto& [key, further] : further_copies_) {
    std::map<NodeId, const Segment*> copies;
    const auto add = [&](Position i) {
      const Segment& copy = cluster_->segments[i];
      if (copy.state == SegmentState::sealed) copies.emplace(copy.node, &copy);
    };
    add(first_copy_.find(key));
    std::for_each(further.begin(), further.end(), add);
    if (copies.size() < 2 || key.second == ReplicaId{}) continue;
    for (const auto& [node, copy] : copies) transits.push_back(copy);
  }
  return transits;
}

void Inventory::count_transit(const SegmentKey& key, int count) {
  const Position place = place_of(key.second);
  if (place != kNowhere) places_[place].in_transit += count;
}

// A growing segment is where its stream is: that tells nothing.
void Inventory::count_misfit(const Segment& segment, Misfit why, int count) {
  const auto add = [count](auto& counts, const auto& key) {
    const auto found = counts.try_emplace(key, 0).first;
    found->second += count;
    if (found->second == 0) counts.erase(found);
  };
  add(misfits_, MisfitKey(why, segment.replica, segment.node));
  const bool settled =
      segment.state == SegmentState::sealed || segment.state == SegmentState::loading;
  if (!settled || !contradicts(why)) return;
  const Position place = place_of(segment.replica);
  if (place != kNowhere && segment.replica != ReplicaId{}) {
    places_[place].contradictions += count;
  } else {
    add(orphans_, segment.collection);
  }
}

}  // namespace evenkeel::rules
