// What events do to the cluster.

#include <algorithm>
#include <utility>

#include "tests/sim/cluster.hpp"

namespace evenkeel::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration kForgetful = 10s;  // after the coordinator's restart
constexpr Duration kRowsInterval = 10s;
constexpr int kGrowthSteps = 4;

std::string words(const Event& event) {
  std::string line = "event " + std::string(name(event.what));
  if (event.node != NodeId{}) line += ", node " + text(event.node);
  if (event.other != NodeId{}) line += ", node " + text(event.other);
  if (event.collection != CollectionId{}) line += ", collection " + text(event.collection);
  if (event.lasts > 0s) line += ", for " + std::to_string(event.lasts.count() / 1000) + " s";
  if (event.amount != 0) line += ", " + std::to_string(event.amount);
  return line;
}

}  // namespace

void Cluster::happen(const Event& event) {
  ++happened_[event.what];
  if (trace_) trace_(now_, words(event));
  Collection* collection = this->collection(event.collection);
  const Node* subject = node(event.node);
  switch (event.what) {
    case Happening::node_dies:
      return die(event.node, event.lasts);
    case Happening::node_joins:
      if (const Node* other = node(event.other)) {
        join(event.node, event.node, event.amount, other->base, other->group);
      }
      return;
    case Happening::node_restarts:
      if (subject == nullptr || !subject->alive) return;
      at(now_ + event.lasts, [this, event, was = *subject] {
        join(event.other, was.home, was.capacity, was.base, was.group);
      });
      return die(event.node, 5s);
    case Happening::node_leaves:
      return leave(event.node, event.lasts);
    case Happening::metrics_missing:
    case Happening::metrics_hang:
    case Happening::metrics_invalid:
    case Happening::metrics_stall:
    case Happening::metrics_old:
    case Happening::metrics_lag:
    case Happening::metrics_lie:
    case Happening::id_claimed:
      return spoil_metrics(event);
    case Happening::compaction:
      return compact(event.collection);
    case Happening::growth:
      for (int step = 0; step < kGrowthSteps; ++step) {
        at(now_ + event.lasts * step / kGrowthSteps,
           [this, event] { grow(event.collection, event.amount / kGrowthSteps); });
      }
      at(now_ + event.lasts, [this, event] { seal(event.collection); });
      return;
    case Happening::traffic:
      residues_.push_back({event.node, event.amount, now_ + event.lasts});
      return;
    case Happening::collection_loaded:
      return load_copy(event);
    case Happening::collection_released:
      if (collection != nullptr) {
        collection->released = true;
        collection->released_at = now_;
        collection->segments.clear();
      }
      return;
    case Happening::builtin_balancer:
      return even_rows(now_ + event.lasts);
    case Happening::coordinator_restarts:
      unreachable_until_ = now_ + event.lasts;
      forgetful_until_ = unreachable_until_ + kForgetful;
      return;
    case Happening::coordinator_hangs:
      hangs_until_ = now_ + event.lasts;
      return;
    case Happening::part_throws:
      throws_until_ = now_ + event.lasts;
      return;
    case Happening::node_list_hangs:
      node_list_hangs_until_ = now_ + event.lasts;
      return;
    case Happening::replicas_refused:
      if (collection != nullptr) collection->refused_until = now_ + event.lasts;
      return;
    case Happening::stuck_task:
      if (collection != nullptr) collection->stuck_until = now_ + event.lasts;
      return;
    case Happening::node_suspended:
      return suspend(event.node, event.lasts);
    case Happening::takes_back:
      takes_back_until_ = now_ + event.lasts;
      return;
    case Happening::agent_restarts:
    case Happening::agent_killed:
    case Happening::agent_stopped:
    case Happening::agent_cut_off:
    case Happening::agent_paused:
    case Happening::person_moves:
    case Happening::node_drained:
      return;  // of no concern to the cluster: the runner does it
  }
}

void Cluster::spoil_metrics(const Event& event) {
  Node* spoiled = node(event.node);
  if (spoiled == nullptr) return;
  spoiled->metrics = event.what;
  spoiled->claims = event.other;
  spoiled->wrong_since = now_;
  spoiled->wrong_until = now_ + event.lasts;
  spoiled->figure_then = used(event.node);
}

// Two sealed segments that lie on the same nodes become one.
void Cluster::compact(CollectionId id) {
  Collection* collection = this->collection(id);
  if (collection == nullptr) return;
  std::vector<Segment>& segments = collection->segments;
  const auto alike = [](const Segment& a, const Segment& b) {
    return std::equal(a.copies.begin(), a.copies.end(), b.copies.begin(), b.copies.end(),
                      [](const Copy& x, const Copy& y) {
                        return x.node == y.node && !x.moving_to && !y.moving_to;
                      });
  };
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].growing) continue;
    for (std::size_t j = i + 1; j < segments.size(); ++j) {
      if (segments[j].growing || !alike(segments[i], segments[j])) continue;
      segments[i].rows += segments[j].rows;
      segments[i].id = SegmentId{next_id_++};
      segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(j));
      break;
    }
  }
}

void Cluster::grow(CollectionId id, std::int64_t rows) {
  Collection* collection = this->collection(id);
  if (collection == nullptr) return;
  const auto growing = std::find_if(collection->segments.begin(), collection->segments.end(),
                                    [](const Segment& segment) { return segment.growing; });
  if (growing != collection->segments.end()) {
    growing->rows += rows;
    return;
  }
  Segment fresh{SegmentId{next_id_++}, rows, true, {}};
  for (std::size_t replica = 0; replica < collection->replicas.size(); ++replica) {
    const auto node = streams_ ? streaming_member(collection->replicas[replica])
                               : emptiest(*collection, replica, NodeId{});
    if (!node) return;
    fresh.copies.push_back({replica, *node, std::nullopt});
  }
  collection->segments.push_back(std::move(fresh));
}

void Cluster::seal(CollectionId id) {
  Collection* collection = this->collection(id);
  if (collection == nullptr) return;
  for (Segment& segment : collection->segments) {
    if (!std::exchange(segment.growing, false) || !streams_) continue;
    // Once it is sealed, query nodes load it.
    for (Copy& copy : segment.copies) {
      copy.node = emptiest(*collection, copy.replica, NodeId{}).value_or(copy.node);
    }
  }
}

// Milvus loads a collection where it finds a place: here, all on the emptiest node.
void Cluster::load_copy(const Event& event) {
  const Collection* model = collection(event.collection);
  if (model == nullptr) return;
  Collection fresh;
  fresh.id = CollectionId{next_id_++};
  fresh.name = "loaded" + text(fresh.id);
  fresh.row_bytes = model->row_bytes;
  fresh.weight = model->weight;
  fresh.database = model->database;
  fresh.replicas = {{ReplicaId{next_id_++}, model->replicas.front().groups}};
  const auto node = emptiest(*model, 0, NodeId{});
  if (!node) return;
  for (std::int64_t count = std::min<std::int64_t>(event.amount, 20); count > 0; --count) {
    const std::int64_t rows = model->segments.empty() ? 1000 : model->segments.front().rows;
    fresh.segments.push_back({SegmentId{next_id_++}, rows, false, {{0, *node, std::nullopt}}});
  }
  fresh.loaded_percentage = 40;
  at(now_ + event.lasts, [this, id = fresh.id] {
    if (Collection* loaded = collection(id)) loaded->loaded_percentage = 100;
  });
  collections_.push_back(std::move(fresh));
}

void Cluster::even_rows(TimePoint until) {
  bool moved = now_ < held_until();
  for (Collection& collection : collections_) {
    for (std::size_t replica = 0; replica < collection.replicas.size() && !moved; ++replica) {
      moved = !collection.released && even_rows(collection, replica);
    }
  }
  if (now_ + kRowsInterval < until) at(now_ + kRowsInterval, [this, until] { even_rows(until); });
}

// One segment from the node with most rows to the one with fewest, if that makes them more alike.
bool Cluster::even_rows(Collection& collection, std::size_t replica) {
  const std::vector<NodeId> nodes = workers(collection.replicas[replica]);
  if (nodes.size() < 2) return false;
  const auto rows = rows_by_node(collection, replica, nodes);
  const auto [least, most] = std::minmax_element(rows.begin(), rows.end());
  const NodeId from = nodes[static_cast<std::size_t>(most - rows.begin())];
  const NodeId to = nodes[static_cast<std::size_t>(least - rows.begin())];
  for (const Segment& segment : collection.segments) {
    if (segment.growing || segment.rows >= *most - *least) continue;
    for (const Copy& copy : segment.copies) {
      if (copy.replica != replica || copy.node != from || copy.moving_to) continue;
      begin({collection.id, from, to, {segment.id}}, false);
      return true;
    }
  }
  return false;
}

}  // namespace evenkeel::sim
