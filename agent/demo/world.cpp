#include "agent/demo/world.hpp"

#include <algorithm>
#include <iterator>
#include <random>

namespace evenkeel::demo {
namespace {

using rules::Bytes;
using rules::NodeId;

constexpr Bytes kMiB = Bytes{1} << 20;
constexpr Bytes kGiB = Bytes{1} << 30;

// Ids are as large as Milvus's: beyond what a double can hold exactly.
constexpr std::int64_t kFirstId = 470'641'321'825'796'126;

struct NodePlan {
  NodeId id;
  Bytes capacity;
  Bytes base;
  double target;  // of its capacity, once filled
};

constexpr NodePlan kNodes[] = {
    {NodeId{1}, 2 * kGiB, 88 * kMiB, 0.64},  {NodeId{2}, 2 * kGiB, 84 * kMiB, 0.11},
    {NodeId{3}, 4 * kGiB, 112 * kMiB, 0.93}, {NodeId{4}, 4 * kGiB, 96 * kMiB, 0.50},
    {NodeId{5}, 8 * kGiB, 92 * kMiB, 0.06},  {NodeId{6}, 8 * kGiB, 104 * kMiB, 0.33},
};

// The replicated collection: each segment is once in either replica, piled up on nodes 3 and 4.
constexpr int kReplicatedSegments = 12;
constexpr std::int64_t kReplicatedRows = 30'000;
constexpr NodeId kFirstReplica[kReplicatedSegments] = {NodeId{3}, NodeId{3}, NodeId{3}, NodeId{3},
                                                       NodeId{3}, NodeId{3}, NodeId{3}, NodeId{3},
                                                       NodeId{3}, NodeId{1}, NodeId{1}, NodeId{5}};
constexpr NodeId kSecondReplica[kReplicatedSegments] = {NodeId{4}, NodeId{4}, NodeId{4}, NodeId{4},
                                                        NodeId{4}, NodeId{4}, NodeId{6}, NodeId{6},
                                                        NodeId{6}, NodeId{6}, NodeId{6}, NodeId{2}};

World::Collection collection(std::int64_t number, const char* name, int dim,
                             const std::vector<std::vector<NodeId>>& replicas) {
  World::Collection made;
  made.id = rules::CollectionId{kFirstId + number * 1'000'000};
  made.name = name;
  made.dim = dim;
  std::int64_t replica_id = kFirstId + 900'000'000 + number * 10;
  for (const auto& nodes : replicas)
    made.replicas.push_back({rules::ReplicaId{replica_id++}, nodes});
  return made;
}

rules::SegmentId segment_id(const World::Collection& owner, std::int64_t number) {
  return rules::SegmentId{static_cast<std::int64_t>(owner.id) + 1'000 + number * 33};
}

void place_replicated(World::Collection& owner) {
  for (int i = 0; i < kReplicatedSegments; ++i) {
    owner.segments.push_back({segment_id(owner, i), kReplicatedRows, kFirstReplica[i]});
    owner.segments.push_back({segment_id(owner, i), kReplicatedRows, kSecondReplica[i]});
  }
}

Bytes held(const World& world, NodeId node) {
  Bytes bytes = 0;
  for (const auto& owner : world.collections) {
    for (const auto& segment : owner.segments) {
      if (segment.node == node) bytes += segment.rows * row_bytes(owner.dim);
    }
  }
  return bytes;
}

// Adds what came after 2.3: another database with a collection of a name that is there already,
// deletes in segments of their own, streaming nodes.
void add_later_things(World& world, const std::vector<NodeId>& everywhere) {
  if (world.era == Era::v2_3) return;
  auto other = collection(3, "book", 256, {everywhere});
  other.database = "archive";
  constexpr std::int64_t rows = 60'000;  // 63 MB
  constexpr NodeId holders[] = {NodeId{1}, NodeId{3}, NodeId{3}, NodeId{4}, NodeId{6}};
  for (const auto holder : holders) {
    const auto number = static_cast<std::int64_t>(other.segments.size());
    other.segments.push_back({segment_id(other, number), rows, holder});
  }
  constexpr std::int64_t deletes = 900;  // a number that no other segment has
  other.segments.push_back({segment_id(other, deletes), 0, NodeId{3}, true});
  world.collections.push_back(std::move(other));
  if (world.era == Era::v2_5) return;
  for (const std::int64_t id : {7, 8}) {
    world.nodes.push_back({NodeId{id}, 2 * kGiB, 96 * kMiB, 0, true});
  }
}

// Gives a node segments of the first two collections in turn, 56 to 112 MB each, up to its target.
void fill(World& world, const NodePlan& plan, std::mt19937_64& random) {
  constexpr Bytes smallest = 56'000'000;
  constexpr Bytes spread = 56'000'000;
  auto room = static_cast<Bytes>(plan.target * static_cast<double>(plan.capacity)) - plan.base -
              held(world, plan.id);
  for (std::size_t turn = 0; room >= smallest; ++turn) {
    auto& owner = world.collections[turn % 2];
    const auto row = row_bytes(owner.dim);
    auto bytes = smallest + static_cast<Bytes>(random() % static_cast<std::uint64_t>(spread));
    if (room - bytes < smallest) bytes = std::min(room, smallest + spread);  // the last one fits
    const auto number = static_cast<std::int64_t>(owner.segments.size());
    owner.segments.push_back({segment_id(owner, number), bytes / row, plan.id});
    room -= bytes;
  }
}

}  // namespace

Bytes row_bytes(int dim) {
  return Bytes{dim} * 4 + 8 + 16;
}

std::string stated_version(const World& world) {
  return world.version.empty() ? build_version(world.era) : world.version;
}

World demo_world(std::uint64_t seed, Era era) {
  World world;
  world.seed = seed;
  world.era = era;
  world.move_bytes_per_second = 250e6;  // slow enough to be watched
  std::vector<NodeId> everywhere;
  for (const auto& plan : kNodes) {
    world.nodes.push_back({plan.id, plan.capacity, plan.base, 0});
    everywhere.push_back(plan.id);
  }
  world.collections.push_back(collection(0, "book", 128, {everywhere}));
  world.collections.push_back(collection(1, "film", 64, {everywhere}));
  world.collections.push_back(collection(
      2, "song", 768, {{NodeId{1}, NodeId{3}, NodeId{5}}, {NodeId{2}, NodeId{4}, NodeId{6}}}));
  place_replicated(world.collections.back());
  add_later_things(world, everywhere);
  std::mt19937_64 random(seed);
  for (const auto& plan : kNodes) fill(world, plan, random);
  return world;
}

tl::expected<World, std::string> demo_world_of(std::string_view version, std::uint64_t seed) {
  const auto release = parse_release(version);
  if (!release || !release->at_least(2, 3) || release->at_least(4, 0)) {
    return tl::unexpected("\"" + std::string(version) +
                          "\" is no release that can be simulated: say 2.3, 2.5, 2.6 or 3.0, or "
                          "one of 2.3 to 3 in full, such as 2.6.5");
  }
  const auto era = release->at_least(3, 0)   ? Era::v3_0
                   : release->at_least(2, 6) ? Era::v2_6
                   : release->at_least(2, 4) ? Era::v2_5
                                             : Era::v2_3;
  auto world = demo_world(seed, era);
  // Two numbers mean the era's own version, if they name one.
  const std::string own = build_version(era);
  const bool names_era = own.starts_with(std::string(version) + ".");
  if (!names_era) {
    const bool in_full = std::count(version.begin(), version.end(), '.') > 1;
    world.version = std::string(version) + (in_full ? "" : ".0");
  }
  return world;
}

}  // namespace evenkeel::demo
