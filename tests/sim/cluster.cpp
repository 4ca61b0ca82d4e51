#include "tests/sim/cluster.hpp"

#include <algorithm>
#include <utility>

namespace evenkeel::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration kSession = 30s;  // until the coordinator notices that a node has died
constexpr Duration kTakenBackAfter = 3s;
constexpr Duration kEmptiedAfter = 3s;  // since a node was suspended

}  // namespace

std::string address_of(NodeId id) {
  const auto n = static_cast<std::int64_t>(id);
  return "10.0." + std::to_string(n / 256) + "." + std::to_string(n % 256) + ":21123";
}

std::vector<std::string> World::seen_databases() const {
  if (!settings.milvus.databases.empty()) return settings.milvus.databases;
  std::vector<std::string> names{"default"};
  if (!since(2, 5)) return names;  // no list of them
  for (const CollectionSpec& each : collections) names.push_back(each.database);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool World::sees(std::string_view database) const {
  const std::vector<std::string> seen = seen_databases();
  return std::find(seen.begin(), seen.end(), database) != seen.end();
}

bool World::memory_by_milvus() const {
  if (settings.memory.source != "auto") return settings.memory.source == "milvus";
  return milvus::maps_vectors(version());
}

Cluster::Cluster(const World& world, TimePoint start, Trace trace)
    : manners_(world.manners), streams_(world.since(2, 6)), trace_(std::move(trace)), now_(start) {
  for (const NodeSpec& spec : world.nodes) {
    join(spec.id, spec.id, spec.capacity, spec.base, spec.group, spec.streaming);
  }
  for (const CollectionSpec& spec : world.collections) {
    Collection collection;
    collection.id = spec.id;
    collection.name = spec.name;
    collection.row_bytes = spec.row_bytes;
    collection.weight = spec.weight;
    collection.database = spec.database;
    collection.replicas = spec.replicas;
    for (const SegmentSpec& each : spec.segments) {
      Segment segment{each.id, each.rows, each.growing, {}};
      for (std::size_t replica = 0; replica < spec.replicas.size(); ++replica) {
        segment.copies.push_back({replica, each.nodes.at(replica), std::nullopt});
      }
      collection.segments.push_back(std::move(segment));
    }
    collections_.push_back(std::move(collection));
  }
  for (const Event& event : world.events) {
    at(start + event.at, [this, event] { happen(event); });
  }
}

void Cluster::advance(TimePoint now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    now_ = std::max(now_, due_.begin()->first);
    const auto what = std::move(due_.begin()->second);
    due_.erase(due_.begin());
    what();
  }
  now_ = now;
  std::erase_if(residues_, [now](const Residue& residue) { return residue.until <= now; });
}

void Cluster::at(TimePoint time, std::function<void()> what) {
  due_.emplace(time, std::move(what));
}

Node* Cluster::node(NodeId id) {
  const auto found =
      std::find_if(nodes_.begin(), nodes_.end(), [id](const Node& node) { return node.id == id; });
  return found == nodes_.end() ? nullptr : &*found;
}

Collection* Cluster::collection(CollectionId id) {
  const auto found =
      std::find_if(collections_.begin(), collections_.end(),
                   [id](const Collection& each) { return each.id == id && !each.released; });
  return found == collections_.end() ? nullptr : &*found;
}

Collection* Cluster::collection(const std::string& database, const std::string& name) {
  const auto found =
      std::find_if(collections_.begin(), collections_.end(), [&](const Collection& each) {
        return each.database == database && each.name == name && !each.released;
      });
  return found == collections_.end() ? nullptr : &*found;
}

std::vector<NodeId> Cluster::members(const ReplicaSpec& replica) const {
  std::vector<NodeId> members;
  for (const Node& node : nodes_) {
    if (node.listed && (replica.groups >> node.group & 1U) != 0) members.push_back(node.id);
  }
  std::sort(members.begin(), members.end());
  return members;
}

std::vector<NodeId> Cluster::workers(const ReplicaSpec& replica) const {
  std::vector<NodeId> workers;
  for (const Node& node : nodes_) {
    const bool member = node.listed && (replica.groups >> node.group & 1U) != 0;
    if (member && !node.streaming && !suspended(node)) workers.push_back(node.id);
  }
  std::sort(workers.begin(), workers.end());
  return workers;
}

int Cluster::channel_of(SegmentId segment) {
  return static_cast<int>(static_cast<std::int64_t>(segment) % kChannels);
}

std::vector<NodeId> Cluster::channel_nodes(const ReplicaSpec& replica, int channel) const {
  std::vector<NodeId> nodes;
  const std::vector<NodeId> all = workers(replica);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (static_cast<int>(i) % kChannels == channel) nodes.push_back(all[i]);
  }
  return nodes;
}

Bytes Cluster::stated_bytes_of(const Collection& collection, const Segment& segment) {
  return static_cast<Bytes>(static_cast<double>(bytes_of(collection, segment)) / collection.weight);
}

Bytes Cluster::bytes_of(const Collection& collection, const Segment& segment) {
  return segment.rows * collection.row_bytes;
}

std::vector<Bytes> Cluster::used() const {
  return used(false);
}

double Cluster::loaded_of(const Copy& copy) const {
  if (now_ >= copy.moving_until) return 1;
  return static_cast<double>((now_ - copy.moving_since).count()) /
         static_cast<double>((copy.moving_until - copy.moving_since).count());
}

std::vector<Bytes> Cluster::used(bool in_the_end) const {
  std::vector<Bytes> used;
  used.reserve(nodes_.size());
  for (const Node& node : nodes_) used.push_back(node.base);
  const auto add = [&](NodeId id, Bytes bytes) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].id == id) used[i] += bytes;
    }
  };
  for (const Collection& collection : collections_) {
    for (const Segment& segment : collection.segments) {
      const Bytes bytes = bytes_of(collection, segment);
      for (const Copy& copy : segment.copies) {
        add(copy.node, bytes);
        if (copy.moving_to) {
          const double share = in_the_end ? 1 : loaded_of(copy);
          add(*copy.moving_to,
              static_cast<Bytes>(static_cast<double>(bytes) * manners_.peak * share));
        }
      }
    }
  }
  for (const Residue& residue : residues_) add(residue.node, residue.bytes);
  return used;
}

Bytes Cluster::of(NodeId id, const std::vector<Bytes>& all) const {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].id == id) return all[i];
  }
  return 0;
}

Bytes Cluster::used(NodeId id) const {
  return of(id, used(false));
}

Bytes Cluster::committed(NodeId id) const {
  return of(id, used(true));
}

void Cluster::free(NodeId node, Bytes bytes) {
  const auto kept = static_cast<Bytes>(static_cast<double>(bytes) * manners_.kept);
  if (kept > 0 && manners_.fall > 0s) residues_.push_back({node, kept, now_ + manners_.fall});
}

TimePoint Cluster::begin(const Transfer& transfer, bool ours) {
  TimePoint last = now_;
  Collection* collection = this->collection(transfer.collection);
  if (collection == nullptr) return last;
  for (Segment& segment : collection->segments) {
    const auto& wanted = transfer.segments;
    if (std::find(wanted.begin(), wanted.end(), segment.id) == wanted.end()) continue;
    for (Copy& copy : segment.copies) {
      if (copy.node != transfer.from || copy.moving_to) continue;
      copy.moving_to = transfer.to;
      copy.moving_since = now_;
      const auto seconds = static_cast<double>(bytes_of(*collection, segment)) /
                           static_cast<double>(manners_.load_speed);
      last = std::max(last, now_ + 500ms + Duration(static_cast<std::int64_t>(seconds * 1000)));
    }
  }
  // They load side by side, and one disk feeds them all: they land together.
  for (Segment& segment : collection->segments) {
    for (Copy& copy : segment.copies) {
      if (copy.moving_to == transfer.to && copy.moving_since == now_) copy.moving_until = last;
    }
  }
  at(last, [this, transfer, ours] {
    for (const SegmentId segment : transfer.segments) land(transfer, segment, ours);
  });
  return last;
}

TimePoint Cluster::held_until() const {
  TimePoint last{};
  for (const auto& [by, until] : held_until_) last = std::max(last, until);
  return last;
}

void Cluster::land(const Transfer& transfer, SegmentId id, bool ours) {
  Collection* collection = this->collection(transfer.collection);
  if (collection == nullptr) return;
  for (Segment& segment : collection->segments) {
    if (segment.id != id) continue;
    for (Copy& copy : segment.copies) {
      if (copy.node != transfer.from || copy.moving_to != transfer.to) continue;
      copy.moving_to.reset();
      const Node* destination = node(transfer.to);
      if (destination == nullptr || !destination->alive || suspended(*destination)) continue;
      free(copy.node, bytes_of(*collection, segment));
      copy.node = transfer.to;
      if (trace_) trace_(now_, "segment " + text(id) + " is on node " + text(transfer.to));
      if (!ours || now_ >= takes_back_until_) continue;
      at(now_ + kTakenBackAfter,
         [this, back = Transfer{transfer.collection, transfer.to, transfer.from, {id}}] {
           const Node* home = node(back.to);
           if (now_ < held_until()) return;
           if (home != nullptr && home->alive && !home->stopping) begin(back, false);
         });
    }
  }
}

bool Cluster::moving() const {
  for (const Collection& collection : collections_) {
    for (const Segment& segment : collection.segments) {
      for (const Copy& copy : segment.copies) {
        if (copy.moving_to) return true;
      }
    }
  }
  return false;
}

std::vector<std::int64_t> Cluster::rows_by_node(const Collection& collection, std::size_t replica,
                                                const std::vector<NodeId>& members) const {
  std::vector<std::int64_t> rows(members.size(), 0);
  for (const Segment& segment : collection.segments) {
    for (const Copy& copy : segment.copies) {
      const auto at = std::lower_bound(members.begin(), members.end(), copy.node);
      const bool counts = copy.replica == replica && at != members.end() && *at == copy.node;
      if (counts) rows[static_cast<std::size_t>(at - members.begin())] += segment.rows;
    }
  }
  return rows;
}

std::optional<NodeId> Cluster::emptiest(const Collection& collection, std::size_t replica,
                                        NodeId except) const {
  std::vector<NodeId> able;
  for (const NodeId id : workers(collection.replicas[replica])) {
    for (const Node& node : nodes_) {
      if (node.id == id && node.alive && !node.stopping && id != except) able.push_back(id);
    }
  }
  if (able.empty()) return std::nullopt;
  const auto rows = rows_by_node(collection, replica, able);
  return able[static_cast<std::size_t>(std::min_element(rows.begin(), rows.end()) - rows.begin())];
}

std::optional<NodeId> Cluster::streaming_member(const ReplicaSpec& replica) const {
  for (const Node& node : nodes_) {
    const bool member = node.listed && (replica.groups >> node.group & 1U) != 0;
    if (member && node.streaming) return node.id;
  }
  return std::nullopt;
}

// The node leaves its resource group; what is on it goes elsewhere, where there is such a place.
void Cluster::suspend(NodeId id, Duration lasts) {
  Node* left = node(id);
  if (left == nullptr || !left->alive || left->streaming) return;
  left->suspended_until = now_ + lasts;
  at(now_ + kEmptiedAfter, [this, id] { recover(id); });
}

void Cluster::die(NodeId id, Duration outage) {
  Node* dead = node(id);
  if (dead == nullptr || !dead->alive) return;
  dead->alive = false;
  at(now_ + kSession, [this, id, outage] { lose(id, outage); });
}

// The session of a dead node has ended: its shards have no leader until its segments are loaded
// again.
void Cluster::lose(NodeId id, Duration outage) {
  node(id)->listed = false;
  for (Collection& collection : collections_) {
    for (const Segment& segment : collection.segments) {
      const bool hit = std::any_of(segment.copies.begin(), segment.copies.end(),
                                   [id](const Copy& copy) { return copy.node == id; });
      if (hit) collection.refused_until = now_ + outage;
    }
  }
  at(now_ + outage, [this, id] { recover(id); });
}

void Cluster::recover(NodeId id) {
  for (Collection& collection : collections_) {
    for (Segment& segment : collection.segments) {
      for (Copy& copy : segment.copies) {
        if (copy.moving_to == id) copy.moving_to.reset();
        if (copy.node != id) continue;
        copy.moving_to.reset();
        if (const auto to = emptiest(collection, copy.replica, id)) copy.node = *to;
      }
    }
  }
  std::erase_if(residues_, [id](const Residue& residue) { return residue.node == id; });
}

void Cluster::join(NodeId id, NodeId home, Bytes capacity, Bytes base, int group, bool streaming) {
  if (node(id) != nullptr) return;
  Node fresh;
  fresh.id = id;
  fresh.home = home;
  fresh.capacity = capacity;
  fresh.base = base;
  fresh.group = group;
  fresh.streaming = streaming;
  nodes_.push_back(fresh);
  // What found no place when its node died finds one now.
  for (const Node& lost : std::vector(nodes_)) {
    if (!lost.alive && !lost.listed) recover(lost.id);
  }
}

// The coordinator takes a stopping node's segments away, all at once here, and then forgets it.
void Cluster::leave(NodeId id, Duration lasts) {
  Node* leaving = node(id);
  if (leaving == nullptr || !leaving->alive) return;
  leaving->stopping = true;
  at(now_ + lasts / 2, [this, id] { recover(id); });
  at(now_ + lasts, [this, id] {
    recover(id);  // what came meanwhile
    node(id)->alive = node(id)->listed = false;
  });
}

}  // namespace evenkeel::sim
