#include "rules/inventory.hpp"

#include <algorithm>
#include <cassert>
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

// The inventory depends on no other figure of a segment.
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
  replicas_.clear();
  sets_.clear();
  node_segments_.clear();
  further_copies_.clear();
  misfits_.clear();
  orphans_.clear();
  add_nodes();
  add_replicas();
  add_sets();
  add_node_segments();
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

// The distinct lists of nodes, whatever their order, found without sorting each: thousands of
// replicas may live on the same thousand nodes.
class Inventory::NodeLists {
 public:
  explicit NodeLists(const Inventory& inventory)
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
    for (const Index list : alike) {
      const std::vector<Index>& its = lists_[list];
      const auto seen = [this](Index node) { return seen_[node] == turn_; };
      if (std::all_of(its.begin(), its.end(), seen)) return list;
    }
    std::sort(members.begin(), members.end());
    alike.push_back(lists_.size());
    lists_.push_back(std::move(members));
    return lists_.size() - 1;
  }

  [[nodiscard]] const std::vector<Index>& nodes(Index list) const { return lists_[list]; }

 private:
  const Inventory& inventory_;
  std::vector<Index> seen_;  // by node: the last turn that named it
  Index turn_ = 0;
  std::map<std::pair<std::uint64_t, std::size_t>, std::vector<Index>> known_;
  std::vector<std::vector<Index>> lists_;  // ascending
};

void Inventory::add_replicas() {
  in_replica_.assign(nodes_.size(), false);
  std::map<CollectionId, bool> complete;
  for (const Collection& collection : cluster_->collections) {
    const auto [found, is_new] = complete.try_emplace(collection.id, collection.complete);
    found->second = found->second && collection.complete;
  }
  // A replica with its nodes and those of its channels, as numbers of lists.
  struct Listed {
    ListedReplica replica;
    Index list = 0;
    std::vector<Index> channels;  // numbers of lists
  };
  NodeLists lists(*this);
  std::vector<Listed> listed;
  listed.reserve(cluster_->replicas.size());
  for (const Replica& given : cluster_->replicas) {
    ListedReplica replica;
    replica.id = given.id;
    replica.collection = given.collection;
    const auto known = complete.find(given.collection);
    replica.collection_listed = known != complete.end();
    replica.complete = replica.collection_listed && known->second;
    replica.leaves_unknown = given.unknown_leaving > 0;
    replica.streaming = sorted(given.streaming);
    replica.leaving = sorted(given.leaving);
    listed.push_back({std::move(replica), lists.of(given.nodes), {}});
    for (const Index node : lists.nodes(listed.back().list)) in_replica_[node] = true;
    for (const auto& channel : given.channels) {
      listed.back().channels.push_back(lists.of(channel));
    }
  }
  std::sort(listed.begin(), listed.end(), [](const Listed& a, const Listed& b) {
    return std::tie(a.replica.id, a.replica.collection) <
           std::tie(b.replica.id, b.replica.collection);
  });

  std::map<Index, Index> set_of;  // by list
  const auto set_for = [&](Index list, ReplicaId replica) {
    const auto [found, is_new] = set_of.try_emplace(list, sets_.size());
    if (is_new) sets_.push_back({lists.nodes(list), replica});
    return found->second;
  };
  for (auto first = listed.begin(); first != listed.end();) {
    const auto end = std::find_if(first, listed.end(), [&](const Listed& each) {
      return each.replica.id != first->replica.id;
    });
    const bool contradictory = std::any_of(first, end, [&](const Listed& each) {
      return each.replica.collection != first->replica.collection || each.list != first->list ||
             each.channels != first->channels;
    });
    for (auto each = first; each != end; ++each) {
      if (each != first && each->replica.collection == replicas_.back().collection) continue;
      each->replica.contradictory = contradictory;
      replicas_.push_back(each->replica);
    }
    ListedReplica& replica = replicas_.back();
    if (replica.complete && !contradictory && !replica.leaves_unknown &&
        replica.id != ReplicaId{}) {
      replica.set = set_for(first->list, replica.id);
      for (const Index list : first->channels) {
        replica.channel_sets.push_back(set_for(list, replica.id));
      }
    }
    first = end;
  }
  replica_index_ = Ids(replicas_.size());
  for (Position i = 0; i < replicas_.size(); ++i) replica_index_.insert(raw(replicas_[i].id), i);
}

void Inventory::add_sets() {
  sets_of_.assign(nodes_.size(), {});
  for (Index set = 0; set < sets_.size(); ++set) {
    for (const Index member : sets_[set].nodes) sets_of_[member].push_back(set);
  }
}

void Inventory::add_node_segments() {
  first_number_on_.clear();
  for (const std::vector<Index>& sets : sets_of_) {
    first_number_on_.push_back(node_segments_.size());
    for (const Index set : sets) node_segments_.push_back({set, {}, {}});
    node_segments_.push_back({kNone, {}, {}});
  }
  first_number_on_.push_back(node_segments_.size());
}

// Most segments are listed once: those are appended in bulk and sorted in the end.
void Inventory::add_segments() {
  const std::vector<Segment>& segments = cluster_->segments;
  assert(segments.size() < kNowhere);
  first_copy_ = Keys(segments.size());
  for (Position i = 0; i < segments.size(); ++i) {
    const Position first = first_copy_.insert(key_of(segments[i]), i);
    if (first != kNowhere) further_copies_[key_of(segments[i])].push_back(i);
  }
  std::vector<Entry> entries(segments.size());
  std::vector<std::uint32_t> counts(node_segments_.size(), 0);
  for (Position i = 0; i < segments.size(); ++i) {
    entries[i] = entry_of(segments[i]);
    if (entries[i].held != kNone) ++counts[entries[i].held];
  }
  for (Index i = 0; i < node_segments_.size(); ++i) node_segments_[i].movable.reserve(counts[i]);
  for (Position i = 0; i < segments.size(); ++i) {
    const Segment& segment = segments[i];
    if (!further_copies_.empty() && further_copies_.contains(key_of(segment))) continue;
    if (segment.state == SegmentState::loading) count_transit(key_of(segment), 1);
    change_entry(segment, entries[i], Change::append);
  }
  for (const auto& [key, copies] : further_copies_) change_copies(key, Change::append);
  for (NodeSegments& held : node_segments_) {
    std::sort(held.movable.begin(), held.movable.end());
    std::sort(held.unmovable.begin(), held.unmovable.end());
  }
}

bool Inventory::same_but_for_segments(const Cluster& next) const {
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
  // With more changes, sorting anew costs less.
  const std::size_t most = cluster->segments.size() / 8;
  std::vector<Position> changed;
  if (same_but_for_segments(*cluster)) {
    for (Position i = 0; i < cluster->segments.size() && changed.size() <= most; ++i) {
      if (!alike(cluster_->segments[i], cluster->segments[i])) changed.push_back(i);
    }
    if (changed.size() <= most) return update(std::move(changed), std::move(cluster));
  }
  cluster_ = std::move(cluster);
  rebuild();
}

void Inventory::update(std::vector<Position> changed, std::shared_ptr<const Cluster> next) {
  const auto is_single = [this](const SegmentKey& key) { return !further_copies_.contains(key); };
  std::vector<SegmentKey> keys;  // whose positions change
  for (const Position i : changed) {
    const SegmentKey was = key_of(cluster_->segments[i]);
    const SegmentKey is = key_of(next->segments[i]);
    if (was != is || !is_single(was)) keys.insert(keys.end(), {was, is});
  }
  sort_unique(keys);

  std::vector<Edit> edits;
  edits.reserve(2 * changed.size());
  const auto add = [this, &edits](const Segment& segment, Change how) {
    edits.push_back({entry_of(segment), &segment, how});
  };
  const auto add_keys = [&](Change how) {
    for (const SegmentKey& key : keys) {
      const Segment* first = segment(key);
      if (!is_single(key)) {
        change_copies(key, how);
      } else if (first != nullptr) {
        add(*first, how);
      }
    }
  };
  const auto moved = std::partition(changed.begin(), changed.end(), [&](Position i) {
    return !std::binary_search(keys.begin(), keys.end(), key_of(next->segments[i]));
  });
  for (auto i = changed.begin(); i != moved; ++i) {
    add(cluster_->segments[*i], Change::remove);
    add(next->segments[*i], Change::insert);
  }
  add_keys(Change::remove);
  for (auto i = moved; i != changed.end(); ++i) forget(key_of(cluster_->segments[*i]), *i);
  const std::shared_ptr<const Cluster> before = std::exchange(cluster_, std::move(next));
  for (auto i = moved; i != changed.end(); ++i) remember(key_of(cluster_->segments[*i]), *i);
  add_keys(Change::insert);
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

Position Inventory::find_replica(ReplicaId replica) const {
  return replica_index_.find(raw(replica));
}

bool Inventory::contradicted(const ListedReplica& replica) const {
  return replica.contradictions > 0 || orphans_.contains(replica.collection);
}

Index Inventory::node(NodeId id) const {
  const Position found = node_index_.find(raw(id));
  return found == kNowhere ? kNone : found;
}

std::span<const Inventory::NodeSegments> Inventory::segments_on(Index node) const {
  assert(node < nodes_.size());
  return {node_segments_.data() + first_number_on_[node],
          node_segments_.data() + first_number_on_[node + 1]};
}

const Inventory::NodeSegments* Inventory::segments_on(Index node, Index set) const {
  assert(node < nodes_.size());
  const std::vector<Index>& sets = sets_of_[node];
  const auto found = std::lower_bound(sets.begin(), sets.end(), set);
  if (found == sets.end() || *found != set) return nullptr;
  return &node_segments_[first_number_on_[node] + static_cast<Index>(found - sets.begin())];
}

const Segment* Inventory::segment(const SegmentKey& key) const {
  const Position first = first_copy_.find(key);
  return first == kNowhere ? nullptr : &cluster_->segments[first];
}

}  // namespace evenkeel::rules
