#include "agent/demo/simulation.hpp"

// The figures of the simulated cluster at a moment.

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>

#include "agent/util/format.hpp"

namespace evenkeel::demo {
namespace {

using rules::Bytes;
using rules::NodeId;

// A node's noise stays the same for this long, however often its memory is read.
constexpr auto kNoiseStep = std::chrono::milliseconds{250};
// After one `lag`, e⁻³ (5 %) of a residue is left.
constexpr double kDecaysPerLag = 3;
std::uint64_t mix(std::uint64_t x) {  // SplitMix64
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

// Returns a standard normal number, cut at ±3, the same for the same key.
double gaussian(std::uint64_t key) {
  constexpr double scale = 0x1p-53;
  const double u = (static_cast<double>(mix(key) >> 11) + 1) * scale;  // (0, 1]
  const double v = static_cast<double>(mix(~key) >> 11) * scale;       // [0, 1)
  const double normal = std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
  return std::clamp(normal, -3.0, 3.0);
}

}  // namespace

std::string first_channel(const World::Collection& collection) {
  return "by-dev-rootcoord-dml_0_" + to_string(collection.id) + "v0";
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
  return static_cast<Bytes>(sum * (1 + world_.noise * gaussian(key))) +
         world_.nodes[node].file_backed;
}

std::vector<Holding> Simulation::holdings(std::size_t node, Time now) {
  advance(now);
  std::map<std::size_t, Holding> held;  // by the collection's index: a node holds few of them
  for (const auto place : states_[node].led) held[place];
  for (const auto& copy : states_[node].copies) {
    if (segment(copy).l0) continue;
    auto& holding = held[copy.collection];
    holding.segments += 1;
    holding.rows += segment(copy).rows;
    holding.bytes += bytes(copy);
    holding.stated += stated_bytes(copy);
  }
  std::vector<Holding> holdings;
  for (auto& [place, holding] : held) {
    const auto& collection = world_.collections[place];
    holding.collection = collection.id;
    holding.database = collection.database;
    holding.name = collection.name;
    holdings.push_back(std::move(holding));
  }
  return holdings;
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
    if (is_new) {
      const auto& channel = segment.channel.empty() ? first_channel(collection) : segment.channel;
      placed.push_back({segment.id, segment.rows, {}, segment.l0, channel});
    }
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
