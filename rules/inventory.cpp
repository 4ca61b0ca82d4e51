#include "rules/inventory.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace evenkeel::rules {
namespace {

std::int64_t raw(NodeId id) {
  return static_cast<std::int64_t>(id);
}
std::int64_t raw(ReplicaId id) {
  return static_cast<std::int64_t>(id);
}

SegmentKey key_of(const Segment& segment) {
  return {segment.id, segment.replica};
}

template <typename T>
void sort_unique(std::vector<T>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

// All that an inventory goes by.
bool alike(const Segment& a, const Segment& b) {
  return a.id == b.id && a.replica == b.replica && a.collection == b.collection &&
         a.node == b.node && a.rows == b.rows && a.bytes == b.bytes && a.state == b.state &&
         a.channel == b.channel;
}

std::vector<NodeId> sorted(std::vector<NodeId> nodes) {
  sort_unique(nodes);
  return nodes;
}

}  // namespace

std::uint64_t Inventory::hash_of(const std::int64_t& id) {
  return mixed(static_cast<std::uint64_t>(id));
}

std::uint64_t Inventory::hash_of(const SegmentKey& key) {
  return mixed(static_cast<std::uint64_t>(key.first) +
               mixed(static_cast<std::uint64_t>(key.second)));
}

std::shared_ptr<const Cluster> borrowed(const Cluster& cluster) {
  return {std::shared_ptr<const Cluster>{}, &cluster};
}

Inventory::Inventory(std::shared_ptr<const Cluster> cluster) : cluster_(std::move(cluster)) {
  rebuild();
}

void Inventory::rebuild() {
  nodes_.clear();
  places_.clear();
  sets_.clear();
  shelves_.clear();
  further_copies_.clear();
  misfits_.clear();
  orphans_.clear();
  add_nodes();
  add_places();
  add_sets();
  add_shelves();
  add_segments();
}

void Inventory::add_nodes() {
  for (const Node& node : cluster_->nodes) nodes_.push_back(node.id);
  sort_unique(nodes_);
  number_nodes();
  // Replicas go on naming a dead node for a while after the node list has dropped it.
  std::vector<NodeId> unlisted;
  for (const Replica& replica : cluster_->replicas) {
    for (const auto* members : {&replica.nodes, &replica.streaming, &replica.leaving}) {
      for (const NodeId id : *members) {
        if (node(id) == kNone) unlisted.push_back(id);
      }
    }
  }
  if (unlisted.empty()) return;
  nodes_.insert(nodes_.end(), unlisted.begin(), unlisted.end());
  sort_unique(nodes_);
  number_nodes();
}

void Inventory::number_nodes() {
  node_index_ = Ids(nodes_.size());
  for (Position i = 0; i < nodes_.size(); ++i) node_index_.insert(raw(nodes_[i]), i);
}

// Tells which lists of nodes are the same, whatever their order, without sorting each: thousands of
// replicas may live on the same thousand nodes.
class Inventory::Groups {
 public:
  explicit Groups(const Inventory& inventory)
      : inventory_(inventory), seen_(inventory.nodes().size(), 0) {}

  [[nodiscard]] Index of(const std::vector<NodeId>& nodes) {
    ++turn_;
    std::uint64_t hash = 0;
    std::vector<Index> members;
    for (const NodeId id : nodes) {
      const Index node = inventory_.node(id);
      if (std::exchange(seen_[node], turn_) == turn_) continue;  // named twice
      hash += mixed(node + 1);
      members.push_back(node);
    }
    std::vector<Index>& alike = known_[{hash, members.size()}];
    for (const Index group : alike) {
      const std::vector<Index>& its = groups_[group];
      const auto seen = [this](Index node) { return seen_[node] == turn_; };
      if (std::all_of(its.begin(), its.end(), seen)) return group;
    }
    std::sort(members.begin(), members.end());
    alike.push_back(groups_.size());
    groups_.push_back(std::move(members));
    return groups_.size() - 1;
  }

  [[nodiscard]] const std::vector<Index>& nodes(Index group) const { return groups_[group]; }

 private:
  const Inventory& inventory_;
  std::vector<Index> seen_;  // by node: in whose turn
  Index turn_ = 0;
  std::map<std::pair<std::uint64_t, std::size_t>, std::vector<Index>> known_;
  std::vector<std::vector<Index>> groups_;  // ascending
};

void Inventory::add_places() {
  in_replica_.assign(nodes_.size(), false);
  std::map<CollectionId, bool> complete;
  for (const Collection& collection : cluster_->collections) {
    const auto [found, is_new] = complete.try_emplace(collection.id, collection.complete);
    found->second = found->second && collection.complete;
  }
  struct Listed {
    Place place;
    Index group = 0;
    std::vector<Index> channels;  // their groups
  };
  Groups groups(*this);
  std::vector<Listed> listed;
  listed.reserve(cluster_->replicas.size());
  for (const Replica& replica : cluster_->replicas) {
    Place place;
    place.id = replica.id;
    place.collection = replica.collection;
    const auto known = complete.find(replica.collection);
    place.collection_listed = known != complete.end();
    place.complete = place.collection_listed && known->second;
    place.leaves_unknown = replica.unknown_leaving > 0;
    place.streaming = sorted(replica.streaming);
    place.leaving = sorted(replica.leaving);
    listed.push_back({std::move(place), groups.of(replica.nodes), {}});
    for (const Index node : groups.nodes(listed.back().group)) in_replica_[node] = true;
    for (const auto& channel : replica.channels) {
      listed.back().channels.push_back(groups.of(channel));
    }
  }
  std::sort(listed.begin(), listed.end(), [](const Listed& a, const Listed& b) {
    return std::tie(a.place.id, a.place.collection) < std::tie(b.place.id, b.place.collection);
  });

  std::map<Index, Index> set_of;  // by group
  const auto set_for = [&](Index group, ReplicaId replica) {
    const auto [found, is_new] = set_of.try_emplace(group, sets_.size());
    if (is_new) sets_.push_back({groups.nodes(group), replica});
    return found->second;
  };
  for (auto first = listed.begin(); first != listed.end();) {
    const auto end = std::find_if(
        first, listed.end(), [&](const Listed& each) { return each.place.id != first->place.id; });
    const bool contradictory = std::any_of(first, end, [&](const Listed& each) {
      return each.place.collection != first->place.collection || each.group != first->group ||
             each.channels != first->channels;
    });
    for (auto each = first; each != end; ++each) {
      if (each != first && each->place.collection == places_.back().collection) continue;
      each->place.contradictory = contradictory;
      places_.push_back(each->place);
    }
    Place& place = places_.back();
    if (place.complete && !contradictory && !place.leaves_unknown && place.id != ReplicaId{}) {
      place.set = set_for(first->group, place.id);
      for (const Index group : first->channels) {
        place.channel_sets.push_back(set_for(group, place.id));
      }
    }
    first = end;
  }
  place_index_ = Ids(places_.size());
  for (Position i = 0; i < places_.size(); ++i) place_index_.insert(raw(places_[i].id), i);
}

void Inventory::add_sets() {
  sets_of_.assign(nodes_.size(), {});
  for (Index set = 0; set < sets_.size(); ++set) {
    for (const Index member : sets_[set].nodes) sets_of_[member].push_back(set);
  }
}

void Inventory::add_shelves() {
  first_shelf_.clear();
  for (const std::vector<Index>& sets : sets_of_) {
    first_shelf_.push_back(shelves_.size());
    for (const Index set : sets) shelves_.push_back({set, {}, {}});
    shelves_.push_back({kNone, {}, {}});
  }
  first_shelf_.push_back(shelves_.size());
}

// Most segments are listed once: those go to their shelves in bulk, sorted in the end.
void Inventory::add_segments() {
  const std::vector<Segment>& segments = cluster_->segments;
  first_copy_ = Keys(segments.size());
  for (Position i = 0; i < segments.size(); ++i) {
    const Position first = first_copy_.insert(key_of(segments[i]), i);
    if (first != kNowhere) further_copies_[key_of(segments[i])].push_back(i);
  }
  std::vector<Spot> spots(segments.size());
  std::vector<std::uint32_t> counts(shelves_.size(), 0);
  for (Position i = 0; i < segments.size(); ++i) {
    spots[i] = spot_of(segments[i]);
    if (spots[i].shelf != kNone) ++counts[spots[i].shelf];
  }
  for (Index i = 0; i < shelves_.size(); ++i) shelves_[i].holdings.reserve(counts[i]);
  for (Position i = 0; i < segments.size(); ++i) {
    const Segment& segment = segments[i];
    if (!further_copies_.empty() && further_copies_.contains(key_of(segment))) continue;
    if (segment.state == SegmentState::loading) count_transit(key_of(segment), 1);
    shelve(segment, spots[i], Shelving::append);
  }
  for (const auto& [key, copies] : further_copies_) shelve_copies(key, Shelving::append);
  for (Shelf& shelf : shelves_) {
    std::sort(shelf.holdings.begin(), shelf.holdings.end());
    std::sort(shelf.flawed.begin(), shelf.flawed.end());
  }
}

bool Inventory::same_frame(const Cluster& next) const {
  const auto same = [](const auto& a, const auto& b, auto equal) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal);
  };
  return next.segments.size() == cluster_->segments.size() &&
         same(cluster_->nodes, next.nodes,
              [](const Node& a, const Node& b) { return a.id == b.id; }) &&
         same(cluster_->collections, next.collections,
              [](const Collection& a, const Collection& b) {
                return a.id == b.id && a.complete == b.complete;
              }) &&
         same(cluster_->replicas, next.replicas, [](const Replica& a, const Replica& b) {
           return a.id == b.id && a.collection == b.collection && a.nodes == b.nodes &&
                  a.streaming == b.streaming && a.leaving == b.leaving &&
                  a.channels == b.channels && (a.unknown_leaving > 0) == (b.unknown_leaving > 0);
         });
}

void Inventory::follow(std::shared_ptr<const Cluster> cluster) {
  // Beyond that, sorting anew costs less.
  const std::size_t most = cluster->segments.size() / 8;
  std::vector<Position> changed;
  if (same_frame(*cluster)) {
    for (Position i = 0; i < cluster->segments.size() && changed.size() <= most; ++i) {
      if (!alike(cluster_->segments[i], cluster->segments[i])) changed.push_back(i);
    }
    if (changed.size() <= most) return exchange(std::move(changed), std::move(cluster));
  }
  cluster_ = std::move(cluster);
  rebuild();
}

void Inventory::exchange(std::vector<Position> changed, std::shared_ptr<const Cluster> next) {
  const auto is_single = [this](const SegmentKey& key) { return !further_copies_.contains(key); };
  std::vector<SegmentKey> keys;  // those whose positions change
  for (const Position i : changed) {
    const SegmentKey was = key_of(cluster_->segments[i]);
    const SegmentKey is = key_of(next->segments[i]);
    if (was != is || !is_single(was)) keys.insert(keys.end(), {was, is});
  }
  sort_unique(keys);

  std::vector<Edit> edits;
  edits.reserve(2 * changed.size());
  const auto add = [this, &edits](const Segment& segment, Shelving how) {
    edits.push_back({spot_of(segment), &segment, how});
  };
  const auto add_keys = [&](Shelving how) {
    for (const SegmentKey& key : keys) {
      const Segment* first = segment(key);
      if (!is_single(key)) {
        shelve_copies(key, how);
      } else if (first != nullptr) {
        add(*first, how);
      }
    }
  };
  const auto moved = std::partition(changed.begin(), changed.end(), [&](Position i) {
    return !std::binary_search(keys.begin(), keys.end(), key_of(next->segments[i]));
  });
  for (auto i = changed.begin(); i != moved; ++i) {
    add(cluster_->segments[*i], Shelving::take);
    add(next->segments[*i], Shelving::insert);
  }
  add_keys(Shelving::take);
  for (auto i = moved; i != changed.end(); ++i) forget(key_of(cluster_->segments[*i]), *i);
  const std::shared_ptr<const Cluster> before = std::exchange(cluster_, std::move(next));
  for (auto i = moved; i != changed.end(); ++i) remember(key_of(cluster_->segments[*i]), *i);
  add_keys(Shelving::insert);
  carry_out(std::move(edits));
}

void Inventory::forget(const SegmentKey& key, Position position) {
  const auto further = further_copies_.find(key);
  if (further == further_copies_.end()) return first_copy_.erase(key);
  std::vector<Position>& others = further->second;
  if (first_copy_.find(key) == position) {
    first_copy_.erase(key);
    first_copy_.insert(key, others.back());
    others.pop_back();
  } else {
    std::erase(others, position);
  }
  if (others.empty()) further_copies_.erase(further);
}

void Inventory::remember(const SegmentKey& key, Position position) {
  if (first_copy_.insert(key, position) != kNowhere) further_copies_[key].push_back(position);
}

Position Inventory::place_of(ReplicaId replica) const {
  return place_index_.find(raw(replica));
}

bool Inventory::contradicted(const Place& place) const {
  return place.contradictions > 0 || orphans_.contains(place.collection);
}

Index Inventory::node(NodeId id) const {
  const Position found = node_index_.find(raw(id));
  return found == kNowhere ? kNone : found;
}

std::span<const Inventory::Shelf> Inventory::shelves(Index node) const {
  return {shelves_.data() + first_shelf_[node], shelves_.data() + first_shelf_[node + 1]};
}

const Inventory::Shelf* Inventory::shelf(Index node, Index set) const {
  const std::vector<Index>& sets = sets_of_[node];
  const auto found = std::lower_bound(sets.begin(), sets.end(), set);
  if (found == sets.end() || *found != set) return nullptr;
  return &shelves_[first_shelf_[node] + static_cast<Index>(found - sets.begin())];
}

const Segment* Inventory::segment(const SegmentKey& key) const {
  const Position first = first_copy_.find(key);
  return first == kNowhere ? nullptr : &cluster_->segments[first];
}

}  // namespace evenkeel::rules
