#include "agent/demo/simulation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>

#include "agent/util/format.hpp"

namespace evenkeel::demo {
namespace {

using rules::Bytes;
using rules::NodeId;

// A node's memory stays the same for so long, however often it is read.
constexpr auto kNoiseStep = std::chrono::milliseconds{250};
// What is left of a residue after `lag`: e⁻³, 5 %. After kForgetAfter lags nothing that counts.
constexpr double kDecaysPerLag = 3;
constexpr int kForgetAfter = 10;

double seconds(Simulation::Time::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::uint64_t mix(std::uint64_t x) {  // SplitMix64
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

// A number of the standard normal distribution, cut at ±3, always the same for the same key.
double gaussian(std::uint64_t key) {
  constexpr double scale = 0x1p-53;
  const double u = (static_cast<double>(mix(key) >> 11) + 1) * scale;  // (0, 1]
  const double v = static_cast<double>(mix(~key) >> 11) * scale;       // [0, 1)
  const double normal = std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
  return std::clamp(normal, -3.0, 3.0);
}

Refusal node_not_found(NodeId node, const std::string& what) {
  return {kUnexpectedError, kNodeNotFound, what + ": node not found[node=" + to_string(node) + "]"};
}

}  // namespace

Simulation::Simulation(World world, Time start) : world_(std::move(world)), start_(start) {
  for (const auto& node : world_.nodes) {
    if (!node_index_.emplace(node.id, node_index_.size()).second) {
      throw std::invalid_argument("node " + to_string(node.id) + " is in the world twice");
    }
  }
  states_.resize(world_.nodes.size());
  for (std::size_t c = 0; c < world_.collections.size(); ++c) {
    const auto& collection = world_.collections[c];
    for (const auto& replica : collection.replicas) {
      for (const auto node : replica.nodes) {
        if (!node_index_.contains(node)) {
          throw std::invalid_argument("a replica of " + collection.name + " names node " +
                                      to_string(node) + ", which is not in the world");
        }
      }
    }
    for (std::size_t s = 0; s < collection.segments.size(); ++s) {
      const auto node = collection.segments[s].node;
      if (replica_with(collection, node) == nullptr) {
        throw std::invalid_argument("segment " + to_string(collection.segments[s].id) +
                                    " is on node " + to_string(node) + ", which no replica of " +
                                    collection.name + " names");
      }
      states_[node_index_.at(node)].copies.push_back({c, s});
    }
  }
}

const World::Collection* Simulation::find(std::string_view name) const {
  const auto& all = world_.collections;
  const auto it = std::find_if(all.begin(), all.end(), [&](auto& c) { return c.name == name; });
  return it == all.end() ? nullptr : &*it;
}

const World::Collection* Simulation::find(rules::CollectionId id) const {
  const auto& all = world_.collections;
  const auto it = std::find_if(all.begin(), all.end(), [&](auto& c) { return c.id == id; });
  return it == all.end() ? nullptr : &*it;
}

World::Segment& Simulation::segment(const Copy& copy) {
  return world_.collections[copy.collection].segments[copy.segment];
}

Bytes Simulation::bytes(const Copy& copy) const {
  const auto& collection = world_.collections[copy.collection];
  return collection.segments[copy.segment].rows * row_bytes(collection.dim);
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
  const auto under_way = std::stable_partition(loading_.begin(), loading_.end(),
                                               [&](auto& l) { return l.finishes <= now; });
  for (auto it = loading_.begin(); it != under_way; ++it) finish(*it);
  loading_.erase(loading_.begin(), under_way);
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
    add(node);
  }
  // None named, or the source alone: a real Milvus then takes the others too.
  if (found.empty()) std::for_each(replica.nodes.begin(), replica.nodes.end(), add);
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
      return tl::unexpected(Refusal{
          kUnexpectedError, kSegmentNotFound,
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
  const auto* collection = find(request.collection);
  if (collection == nullptr) {
    return tl::unexpected(
        Refusal{kCollectionNotExists, kCollectionNotFound,
                "collection not found[database=default][collection=" + request.collection + "]"});
  }
  const auto* replica = replica_with(*collection, request.source);
  if (replica == nullptr) {
    return tl::unexpected(node_not_found(
        request.source,
        "source node not found in any replica of collection " + to_string(collection->id)));
  }
  const auto owner = static_cast<std::size_t>(collection - world_.collections.data());
  const auto source = node_index_.at(request.source);
  const auto targets = destinations(request, *replica);
  if (!targets) return tl::unexpected(targets.error());
  const auto copies = chosen(request, owner, source);
  if (!copies) return tl::unexpected(copies.error());

  Time done = now;
  if (targets->empty()) return done;
  for (const auto& copy : *copies) {
    // Milvus's own choice among several: the fewest rows, memory does not count.
    const auto to = *std::min_element(
        targets->begin(), targets->end(),
        [&](std::size_t a, std::size_t b) { return rows(a, owner) < rows(b, owner); });
    auto& busy_until = states_[to].busy_until;
    const auto starts = std::max(now, busy_until);
    const auto takes = std::chrono::duration<double>(static_cast<double>(bytes(copy)) /
                                                     world_.move_bytes_per_second);
    busy_until = starts + std::chrono::duration_cast<Time::duration>(takes);
    loading_.push_back({copy, source, to, starts, busy_until});
    done = std::max(done, busy_until);
  }
  return done;
}

Bytes Simulation::memory(std::size_t node, Time now) {
  advance(now);
  const auto& state = states_[node];
  auto sum = static_cast<double>(world_.nodes[node].base);
  for (const auto& copy : state.copies) sum += static_cast<double>(bytes(copy));
  for (const auto& loading : loading_) {
    if (loading.to != node || now <= loading.starts) continue;
    const double progress =
        seconds(now - loading.starts) / seconds(loading.finishes - loading.starts);
    sum += static_cast<double>(bytes(loading.copy)) * world_.loading_peak * progress;
  }
  const double lag = seconds(world_.lag);
  for (const auto& residue : state.residues) {
    if (lag > 0)
      sum += residue.bytes * std::exp(-kDecaysPerLag * seconds(now - residue.since) / lag);
  }
  const auto step = static_cast<std::uint64_t>((now - start_) / kNoiseStep);
  const auto key = mix(world_.seed) ^ mix(node + 1) ^ (step << 1);
  return static_cast<Bytes>(sum * (1 + world_.noise * gaussian(key)));
}

std::vector<Holding> Simulation::holdings(std::size_t node, Time now) {
  advance(now);
  std::vector<Holding> held(world_.collections.size());
  for (std::size_t c = 0; c < held.size(); ++c) held[c].collection = world_.collections[c].id;
  for (const auto& copy : states_[node].copies) {
    auto& holding = held[copy.collection];
    holding.segments += 1;
    holding.rows += segment(copy).rows;
    holding.bytes += bytes(copy);
  }
  std::erase_if(held, [](const Holding& holding) { return holding.segments == 0; });
  return held;
}

Loads Simulation::loads(std::size_t node, Time now) {
  advance(now);
  return states_[node].loads;
}

std::vector<PlacedSegment> Simulation::segments(const World::Collection& collection, Time now) {
  advance(now);
  std::vector<PlacedSegment> placed;
  std::unordered_map<rules::SegmentId, std::size_t> index;
  const auto add = [&](const World::Segment& segment, NodeId node) {
    const auto [it, is_new] = index.emplace(segment.id, placed.size());
    if (is_new) placed.push_back({segment.id, segment.rows, {}});
    placed[it->second].nodes.push_back(node);
  };
  for (const auto& segment : collection.segments) add(segment, segment.node);
  for (const auto& loading : loading_) {
    const auto& owner = world_.collections[loading.copy.collection];
    if (&owner == &collection && loading.starts <= now) {
      add(segment(loading.copy), world_.nodes[loading.to].id);
    }
  }
  return placed;
}

World Simulation::world(Time now) {
  advance(now);
  World copy = world_;
  for (const auto& loading : loading_) {
    if (loading.starts > now) continue;
    auto second = segment(loading.copy);
    second.node = world_.nodes[loading.to].id;
    copy.collections[loading.copy.collection].segments.push_back(second);
  }
  return copy;
}

}  // namespace evenkeel::demo
