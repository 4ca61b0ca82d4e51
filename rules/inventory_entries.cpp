// The entries of an inventory: how they change, and which segments are set aside since they do not
// fit the cluster's other lists.

#include <algorithm>
#include <cassert>
#include <tuple>

#include "rules/inventory.hpp"

namespace evenkeel::rules {
namespace {

std::optional<Rejection> rejection_of(const Segment& segment) {
  if (segment.state != SegmentState::sealed) return Rejection::not_sealed;
  if (segment.bytes == 0) return Rejection::too_small;
  return std::nullopt;
}

// The order that decides which of several copies on one node stands for it, whatever the list's
// order.
bool before(const Segment* a, const Segment* b) {
  const auto all_of = [](const Segment& segment) {
    return std::tie(segment.node, segment.collection, segment.rows, segment.bytes, segment.state);
  };
  return all_of(*a) < all_of(*b);
}

template <typename T>
void change(std::vector<T>& sorted, const T& entry, Inventory::Change how) {
  if (how == Inventory::Change::append) return sorted.push_back(entry);
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), entry);
  if (how == Inventory::Change::insert) {
    sorted.insert(at, entry);
  } else if (at != sorted.end() && *at == entry) {
    sorted.erase(at);
  } else {
    assert(false && "only entries that were made are removed");
  }
}

}  // namespace

bool agree(const Segment& a, const Segment& b) {
  return a.collection == b.collection && a.rows == b.rows && a.bytes == b.bytes &&
         a.state == b.state;
}

bool has_negative_size(const Segment& segment) {
  return segment.bytes < 0 || segment.rows < 0;
}

// A copy of a replica that cannot be believed is no misfit: the replica's verdict tells of it.
Inventory::Entry Inventory::entry_of(const Segment& segment) const {
  Entry entry;
  const Index at = node(segment.node);
  const bool has_ids = segment.id != SegmentId{} && segment.node != NodeId{};
  if (at == kNone) {
    entry.misfit = has_ids ? Misfit::node_unknown : Misfit::no_id;
    return entry;
  }
  const Position replica = find_replica(segment.replica);
  const bool listed = replica != kNowhere && segment.replica != ReplicaId{};
  const bool believed = listed && replicas_[replica].set != kNone;
  const bool placed = believed && replicas_[replica].collection == segment.collection;
  const NodeSegments* held =
      placed ? this->segments_on(at, set_of(segment, replicas_[replica])) : nullptr;
  entry.replica = replica;
  entry.rejection = rejection_of(segment);
  if (held != nullptr) {
    entry.held = number_of(*held);
  } else if (placed && takes_no_part(segment, replicas_[replica], entry)) {
    entry.held = first_number_on_[at + 1] - 1;
  } else {
    entry.held = first_number_on_[at + 1] - 1;
    entry.rejection = entry.rejection.value_or(Rejection::data_incomplete);
    if (!listed) entry.misfit = Misfit::replica_unknown;
    if (believed) entry.misfit = placed ? Misfit::outside_replica : Misfit::other_collection;
  }
  if (!entry.misfit && has_negative_size(segment)) entry.misfit = Misfit::negative;
  if (!has_ids) entry.misfit = Misfit::no_id;
  if (entry.misfit) entry.rejection = entry.rejection.value_or(Rejection::data_incomplete);
  return entry;
}

Index Inventory::set_of(const Segment& segment, const ListedReplica& replica) {
  const bool bound = segment.channel > 0 && segment.channel <= replica.channel_sets.size();
  return bound ? replica.channel_sets[segment.channel - 1] : replica.set;
}

// Nothing is moved from where the segment is, though it may rightly be there.
bool Inventory::takes_no_part(const Segment& segment, const ListedReplica& replica,
                              Entry& entry) const {
  const auto among = [&segment](const std::vector<NodeId>& nodes) {
    return std::binary_search(nodes.begin(), nodes.end(), segment.node);
  };
  if (among(replica.streaming)) {
    entry.rejection = Rejection::not_movable_there;
    if (segment.state == SegmentState::sealed) entry.misfit = Misfit::stranded;
    return true;
  }
  if (among(replica.leaving)) {
    entry.rejection = Rejection::not_movable_there;
    return true;
  }
  const std::vector<Index>& members = sets_[replica.set].nodes;
  if (!std::binary_search(members.begin(), members.end(), node(segment.node))) return false;
  entry.rejection = Rejection::outside_channel;
  return true;
}

// By node and set, since these are far apart in memory.
void Inventory::carry_out(std::vector<Edit> edits) {
  std::sort(edits.begin(), edits.end(),
            [](const Edit& a, const Edit& b) { return a.entry.held < b.entry.held; });
  for (const Edit& edit : edits) {
    const Segment& segment = *edit.segment;
    if (segment.state == SegmentState::loading) {
      count_transit({segment.id, segment.replica}, edit.how == Change::remove ? -1 : 1);
    }
    change_entry(segment, edit.entry, edit.how);
  }
}

// The segment must be listed more than once.
void Inventory::change_copies(const SegmentKey& key, Change how) {
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
  count_transit(key, (how == Change::remove ? -1 : 1) * ((on_two ? 1 : 0) + (loading ? 1 : 0)));

  const Segment* last = nullptr;
  for (const Segment* each : listed) {
    if (last != nullptr && each->node == last->node) continue;  // named twice
    last = each;
    Entry entry = entry_of(*each);
    if (contradictory) {  // a segment that is being sealed under its id is no misfit
      entry.rejection = Rejection::data_incomplete;
      if (!growing) entry.misfit = entry.misfit.value_or(Misfit::copies_disagree);
    }
    if (on_two) entry.rejection = Rejection::in_transit;
    change_entry(*each, entry, how);
  }
}

void Inventory::change_entry(const Segment& segment, const Entry& entry, Change how) {
  if (entry.misfit) count_misfit(segment, *entry.misfit, how == Change::remove ? -1 : 1);
  if (entry.held == kNone) return;
  NodeSegments& held = node_segments_[entry.held];
  if (entry.rejection) {
    change(held.unmovable, {segment.id, segment.replica, *entry.rejection}, how);
  } else {
    change(held.movable, {segment.bytes, segment.id, entry.replica}, how);
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
  const Position replica = find_replica(key.second);
  if (replica == kNowhere) return;
  replicas_[replica].in_transit += count;
  assert(replicas_[replica].in_transit >= 0);
}

// A growing segment is where its stream is, so its place contradicts nothing.
void Inventory::count_misfit(const Segment& segment, Misfit why, int count) {
  const auto add = [count](auto& counts, const auto& key) {
    const auto found = counts.try_emplace(key, 0).first;
    found->second += count;
    assert(found->second >= 0);
    if (found->second == 0) counts.erase(found);
  };
  add(misfits_, MisfitKey(why, segment.replica, segment.node));
  const bool settled =
      segment.state == SegmentState::sealed || segment.state == SegmentState::loading;
  if (!settled || !contradicts(why)) return;
  const Position replica = find_replica(segment.replica);
  if (replica != kNowhere && segment.replica != ReplicaId{}) {
    replicas_[replica].contradictions += count;
    assert(replicas_[replica].contradictions >= 0);
  } else {
    add(orphans_, segment.collection);
  }
}

}  // namespace evenkeel::rules
