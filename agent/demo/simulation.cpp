#include "agent/demo/simulation.hpp"

#include <algorithm>
#include <stdexcept>
#include <unordered_set>
#include <utility>

#include "agent/util/format.hpp"

namespace evenkeel::demo {
namespace {

using rules::Bytes;
using rules::NodeId;

// After this many lags a residue no longer counts.
constexpr int kForgetAfter = 10;

Refusal node_not_found(NodeId node, const std::string& what) {
  return {kUnexpectedError, kNodeNotFound, what + ": node not found[node=" + to_string(node) + "]"};
}

// The key of name_index_.
std::string full_name(std::string_view database, std::string_view name) {
  std::string key(database.empty() ? kDefaultDatabase : database);
  key += '\0';
  key += name;
  return key;
}

}  // namespace

Refusal collection_not_found(std::string_view name, std::string_view database) {
  return {kCollectionNotExists, kCollectionNotFound,
          "collection not found[database=" +
              std::string(database.empty() ? kDefaultDatabase : database) +
              "][collection=" + std::string(name) + "]"};
}

Simulation::Simulation(World world, Time start) : world_(std::move(world)), start_(start) {
  const auto release = parse_release(stated_version(world_));
  if (!release) {
    throw std::invalid_argument("the world's version \"" + world_.version +
                                "\" is none: say it like 2.6.19");
  }
  release_ = *release;
  read_nodes();
  read_collections();
}

void Simulation::read_nodes() {
  for (const auto& node : world_.nodes) {
    if (!node_index_.emplace(node.id, node_index_.size()).second) {
      throw std::invalid_argument("node " + to_string(node.id) + " is in the world twice");
    }
    if (node.streaming && !release_.has_streaming_nodes()) {
      throw std::invalid_argument("node " + to_string(node.id) +
                                  " is a streaming node, which came with 2.6; this is " +
                                  stated_version(world_));
    }
  }
  states_.resize(world_.nodes.size());
}

void Simulation::read_collections() {
  databases_.emplace_back(kDefaultDatabase);
  for (std::size_t c = 0; c < world_.collections.size(); ++c) {
    auto& collection = world_.collections[c];
    if (!collection_index_.emplace(collection.id, c).second ||
        !name_index_.emplace(full_name(collection.database, collection.name), c).second) {
      throw std::invalid_argument("collection " + collection.name + " is in the world twice");
    }
    if (!has_database(collection.database)) databases_.push_back(collection.database);
    deal_streaming_nodes(collection);
    place_segments(c);
  }
}

void Simulation::deal_streaming_nodes(World::Collection& collection) const {
  if (collection.replicas.empty()) return;
  std::vector<NodeId> streaming;
  for (const auto& node : world_.nodes) {
    if (node.streaming) streaming.push_back(node.id);
  }
  for (const auto& replica : collection.replicas) {
    for (const auto node : replica.nodes) {
      if (std::find(streaming.begin(), streaming.end(), node) != streaming.end()) return;
    }
  }
  for (std::size_t i = 0; i < streaming.size(); ++i) {
    collection.replicas[i % collection.replicas.size()].nodes.push_back(streaming[i]);
  }
}

void Simulation::place_segments(std::size_t owner) {
  const auto& collection = world_.collections[owner];
  std::unordered_set<NodeId> members;
  for (const auto& replica : collection.replicas) {
    for (const auto node : replica.nodes) {
      if (!node_index_.contains(node)) {
        throw std::invalid_argument("a replica of " + collection.name + " names node " +
                                    to_string(node) + ", which is not in the world");
      }
      const bool is_new = members.insert(node).second;
      if (is_new && this->node(node).streaming) states_[index(node)].led.push_back(owner);
    }
  }
  for (std::size_t s = 0; s < collection.segments.size(); ++s) {
    const auto node = collection.segments[s].node;
    if (!members.contains(node)) {
      throw std::invalid_argument("segment " + to_string(collection.segments[s].id) +
                                  " is on node " + to_string(node) + ", which no replica of " +
                                  collection.name + " names");
    }
    states_[node_index_.at(node)].copies.push_back({owner, s});
  }
}

const World::Collection* Simulation::find(std::string_view name, std::string_view database) const {
  const auto it = name_index_.find(full_name(database, name));
  return it == name_index_.end() ? nullptr : &world_.collections[it->second];
}

const World::Collection* Simulation::find(rules::CollectionId id) const {
  const auto it = collection_index_.find(id);
  return it == collection_index_.end() ? nullptr : &world_.collections[it->second];
}

bool Simulation::has_database(std::string_view name) const {
  return name.empty() || std::find(databases_.begin(), databases_.end(), name) != databases_.end();
}

World::Segment& Simulation::segment(const Copy& copy) {
  return world_.collections[copy.collection].segments[copy.segment];
}

Bytes Simulation::bytes(const Copy& copy) const {
  const auto& collection = world_.collections[copy.collection];
  return collection.segments[copy.segment].rows * row_bytes(collection.dim);
}

Bytes Simulation::stated_bytes(const Copy& copy) const {
  const auto& collection = world_.collections[copy.collection];
  const bool leaves_out = collection.indexed && release_.has_levels();
  return leaves_out ? collection.segments[copy.segment].rows * row_bytes(0) : bytes(copy);
}

bool Simulation::is_loading(const Copy& copy) const {
  return std::any_of(loading_.begin(), loading_.end(), [&](auto& l) { return l.copy == copy; });
}

const World::Replica* Simulation::replica_with(const World::Collection& collection,
                                               NodeId node) const {
  for (const auto& replica : collection.replicas) {
    if (std::find(replica.nodes.begin(), replica.nodes.end(), node) != replica.nodes.end()) {
      return &replica;
    }
  }
  return nullptr;
}

tl::expected<const World::Replica*, Refusal> Simulation::replica_of_source(
    const World::Collection& collection, NodeId source) const {
  const auto* replica = replica_with(collection, source);
  // Since 2.6.14 neither a streaming nor a suspended node may be the source.
  const bool may_be = replica != nullptr && !(release_.names_streaming_nodes() &&
                                              (node(source).streaming || node(source).suspended));
  if (may_be) return replica;
  return tl::unexpected(node_not_found(
      source, "source node not found in any replica of collection " + to_string(collection.id)));
}

void Simulation::leave_behind(NodeState& state, double size, Time since) const {
  std::erase_if(state.residues,
                [&](auto& old) { return since - old.since > world_.lag * kForgetAfter; });
  state.residues.push_back({size, since});
}

void Simulation::finish(const Loading& loading) {
  auto& source = states_[loading.from];
  auto& destination = states_[loading.to];
  const auto size = static_cast<double>(bytes(loading.copy));
  std::erase(source.copies, loading.copy);
  leave_behind(source, size, loading.finishes);
  destination.copies.push_back(loading.copy);
  leave_behind(destination, size * (world_.loading_peak - 1), loading.finishes);
  destination.loads.count += 1;
  destination.loads.seconds += seconds(loading.finishes - loading.starts);
  segment(loading.copy).node = world_.nodes[loading.to].id;
}

void Simulation::advance(Time now) {
  // A segment that lands may be taken back within the same time, and lands again.
  while (land(now) || take_back(now)) {
  }
}

bool Simulation::land(Time now) {
  const auto under_way = std::stable_partition(loading_.begin(), loading_.end(),
                                               [&](auto& l) { return l.finishes <= now; });
  const std::vector<Loading> landed(loading_.begin(), under_way);
  loading_.erase(loading_.begin(), under_way);
  for (const auto& loading : landed) {
    finish(loading);
    want_back(loading);
  }
  return !landed.empty();
}

void Simulation::want_back(const Loading& loading) {
  if (loading.taken_back || world_.takes_back_after.count() == 0) return;
  const auto due = loading.finishes + world_.takes_back_after;
  const auto known = std::find_if(returns_.begin(), returns_.end(),
                                  [&](auto& r) { return r.copy == loading.copy; });
  if (known == returns_.end()) {
    returns_.push_back({loading.copy, loading.from, due});
  } else if (known->home == loading.to) {
    returns_.erase(known);
  } else {
    known->due = due;
  }
}

bool Simulation::take_back(Time now) {
  if (balance_suspended_) return false;
  std::vector<Return> due;
  std::erase_if(returns_, [&](const Return& wanted) {
    if (wanted.due > now || is_loading(wanted.copy)) return false;
    if (!world_.nodes[wanted.home].suspended) due.push_back(wanted);
    return true;
  });
  std::stable_sort(due.begin(), due.end(), [](auto& a, auto& b) { return a.due < b.due; });
  for (const auto& wanted : due) {
    const auto from = node_index_.at(segment(wanted.copy).node);
    begin(wanted.copy, from, wanted.home, wanted.due, true);
  }
  return !due.empty();
}

void Simulation::suspend_balance(bool suspended, Time now) {
  advance(now);
  if (balance_suspended_ && !suspended) {
    for (auto& wanted : returns_) {
      wanted.due = std::max(wanted.due, now + world_.takes_back_after);
    }
  }
  balance_suspended_ = suspended;
}

void Simulation::suspend_node(NodeId node, bool suspended) {
  world_.nodes[index(node)].suspended = suspended;
}

Simulation::Time Simulation::begin(const Copy& copy, std::size_t from, std::size_t to,
                                   Time earliest, bool taken_back) {
  auto& busy_until = states_[to].busy_until;
  const auto starts = std::max(earliest, busy_until);
  const auto takes = std::chrono::duration<double>(static_cast<double>(bytes(copy)) /
                                                   world_.move_bytes_per_second);
  busy_until = starts + std::chrono::duration_cast<Time::duration>(takes);
  loading_.push_back({copy, from, to, starts, busy_until, taken_back});
  return busy_until;
}

tl::expected<std::vector<std::size_t>, Refusal> Simulation::destinations(
    const Transfer& request, const World::Replica& replica) const {
  std::vector<std::size_t> found;
  const auto add = [&](NodeId node) {
    if (node != request.source) found.push_back(node_index_.at(node));
  };
  for (const auto node : request.destinations) {
    if (std::find(replica.nodes.begin(), replica.nodes.end(), node) == replica.nodes.end()) {
      return tl::unexpected(node_not_found(node, "destination node not found in the same replica"));
    }
    // A streaming node is accepted, as a real one is.
    add(node);
  }
  for (const auto node : found) {
    if (world_.nodes[node].suspended) {
      return tl::unexpected(
          Refusal{kUnexpectedError, kNodeStateUnexpected,
                  "failed to balance segments: failed to wait all balance task finished: node "
                  "state unexpected[node=" +
                      to_string(world_.nodes[node].id) + "][state=node becomes ro node]"});
    }
  }
  // If none is named, or the source alone, a real Milvus takes the others, too.
  if (found.empty()) {
    for (const auto node : replica.nodes) {
      if (!this->node(node).streaming && !this->node(node).suspended) add(node);
    }
  }
  return found;
}

tl::expected<std::vector<Simulation::Copy>, Refusal> Simulation::chosen(const Transfer& request,
                                                                        std::size_t collection,
                                                                        std::size_t source) const {
  std::vector<Copy> there;
  for (const auto& copy : states_[source].copies) {
    if (copy.collection == collection) there.push_back(copy);
  }
  if (request.segments.empty()) {
    std::erase_if(there, [&](const Copy& copy) { return is_loading(copy); });
    return there;
  }
  std::vector<Copy> named;
  for (const auto id : request.segments) {
    const auto it = std::find_if(there.begin(), there.end(), [&](const Copy& copy) {
      return world_.collections[collection].segments[copy.segment].id == id;
    });
    if (it == there.end()) {
      const auto old_code = release_.at_least(2, 6) ? kOldSegmentNotFound : kUnexpectedError;
      return tl::unexpected(Refusal{
          old_code, kSegmentNotFound,
          "segment not found in source node: segment not found[segment=" + to_string(id) + "]"});
    }
    if (is_loading(*it)) {
      return tl::unexpected(Refusal{kUnexpectedError, kServiceInternal,
                                    "segment " + to_string(id) + " is already being moved"});
    }
    if (std::find(named.begin(), named.end(), *it) == named.end()) named.push_back(*it);
  }
  return named;
}

std::int64_t Simulation::rows(std::size_t node, std::size_t collection) const {
  std::int64_t sum = 0;
  const auto& segments = world_.collections[collection].segments;
  for (const auto& copy : states_[node].copies) {
    if (copy.collection == collection) sum += segments[copy.segment].rows;
  }
  for (const auto& loading : loading_) {
    if (loading.to == node && loading.copy.collection == collection) {
      sum += segments[loading.copy.segment].rows;
    }
  }
  return sum;
}

tl::expected<Simulation::Time, Refusal> Simulation::load_balance(const Transfer& request,
                                                                 Time now) {
  advance(now);
  const auto* collection = find(request.collection, request.database);
  if (collection == nullptr) {
    return tl::unexpected(collection_not_found(request.collection, request.database));
  }
  const auto replica = replica_of_source(*collection, request.source);
  if (!replica) return tl::unexpected(replica.error());
  const auto owner = static_cast<std::size_t>(collection - world_.collections.data());
  const auto source = node_index_.at(request.source);
  const auto targets = destinations(request, **replica);
  if (!targets) return tl::unexpected(targets.error());
  const auto copies = chosen(request, owner, source);
  if (!copies) return tl::unexpected(copies.error());

  Time done = now;
  if (targets->empty()) return done;
  for (const auto& copy : *copies) {
    // Among several, Milvus chooses the node with the fewest rows; memory does not count.
    const auto to = *std::min_element(
        targets->begin(), targets->end(),
        [&](std::size_t a, std::size_t b) { return rows(a, owner) < rows(b, owner); });
    done = std::max(done, begin(copy, source, to, now, false));
  }
  return done;
}

}  // namespace evenkeel::demo
