// Any cluster at all: what is planned keeps its promises (tests/rules/replay.hpp), and what is sent
// is what was planned.

#include <fuzzer/FuzzedDataProvider.h>

#include "tests/fuzz/fuzz.hpp"
#include "tests/rules/build.hpp"
#include "tests/rules/replay.hpp"

using evenkeel::fuzz::require;
using namespace evenkeel::rules;
using evenkeel::rules::test::World;

namespace {

double share(FuzzedDataProvider& bytes) {
  return bytes.ConsumeIntegralInRange(0, 100) / 100.0;
}

Bytes mebibytes(FuzzedDataProvider& bytes, int most) {
  return Bytes{bytes.ConsumeIntegralInRange(0, most)} << 20;
}

void add_policy(FuzzedDataProvider& bytes, Policy& policy) {
  policy.overload_threshold = 0.5 + 0.5 * share(bytes);
  policy.overload_margin = 0.1 * share(bytes);
  policy.max_difference = 0.01 + 0.48 * share(bytes);
  policy.difference_stop = 0.01 + 0.98 * share(bytes);
  policy.loading_peak = 1 + 2 * share(bytes);
  policy.evidence_samples = bytes.ConsumeIntegralInRange(1, 3);
  policy.max_moves_per_round = bytes.ConsumeIntegralInRange(1, 30);
  policy.max_bytes_per_round = 1 + mebibytes(bytes, 60'000);
  policy.max_segments_per_call = bytes.ConsumeIntegralInRange(1, 5);
}

// What can be: replicas on some of the nodes, whose memory is their segments' and some more.
World sound_world(FuzzedDataProvider& bytes) {
  World world;
  add_policy(bytes, world.policy);
  const int nodes = bytes.ConsumeIntegralInRange(2, 7);
  for (int id = 1; id <= nodes; ++id) {
    world.node(id, 0.1, 1 << bytes.ConsumeIntegralInRange(3, 5));
  }
  const int replicas = bytes.ConsumeIntegralInRange(1, 4);
  for (int id = 500; id < 500 + replicas; ++id) {
    world.replica(id, 100 + bytes.ConsumeIntegralInRange(0, 2), {});
    const auto without = bytes.ConsumeIntegral<std::uint8_t>();
    for (int node = 1; node <= nodes; ++node) {
      if ((without >> node & 1) != 0) continue;
      world.cluster.replicas.back().nodes.push_back(NodeId{node});
    }
  }
  const int segments = bytes.ConsumeIntegralInRange(0, 60);
  for (int id = 1000; id < 1000 + segments; ++id) {
    const auto& replica =
        world.cluster.replicas[bytes.ConsumeIntegralInRange<std::size_t>(0, replicas - 1)];
    if (replica.nodes.empty()) continue;
    const auto at = bytes.ConsumeIntegralInRange<std::size_t>(0, replica.nodes.size() - 1);
    const auto node = static_cast<std::int64_t>(replica.nodes[at]);
    world.segment(id, static_cast<std::int64_t>(replica.id), node, 0);
    Segment& segment = world.cluster.segments.back();
    segment.bytes = mebibytes(bytes, 4000);
    segment.rows = segment.bytes / 512;
    world.at(node).used += segment.bytes;
  }
  return world;
}

template <typename T>
T* any_of(FuzzedDataProvider& bytes, std::vector<T>& list) {
  if (list.empty()) return nullptr;
  return &list[bytes.ConsumeIntegralInRange<std::size_t>(0, list.size() - 1)];
}

// What cannot be, or should not.
void spoil(FuzzedDataProvider& bytes, World& world) {
  Node* const node = any_of(bytes, world.cluster.nodes);
  Replica* const replica = any_of(bytes, world.cluster.replicas);
  Segment* const segment = any_of(bytes, world.cluster.segments);
  switch (bytes.ConsumeIntegralInRange(0, 11)) {
    case 0:
      node->used = bytes.ConsumeIntegral<Bytes>();
      break;
    case 1:
      node->capacity = bytes.ConsumeIntegral<Bytes>();
      break;
    case 2:
      node->id = NodeId{bytes.ConsumeIntegralInRange(0, 8)};
      break;
    case 3:
      node->health = NodeHealth::unreachable;
      break;
    case 4:
      replica->nodes.push_back(NodeId{bytes.ConsumeIntegralInRange(0, 8)});
      break;
    case 5:
      replica->id = ReplicaId{bytes.ConsumeIntegralInRange(499, 504)};
      break;
    case 6:
      replica->collection = CollectionId{bytes.ConsumeIntegralInRange(99, 103)};
      break;
    case 7:
      world.cluster.coordinator_complete = false;
      break;
    case 8:
      if (segment != nullptr) segment->bytes = bytes.ConsumeIntegral<Bytes>();
      break;
    case 9:
      if (segment != nullptr) segment->node = NodeId{bytes.ConsumeIntegralInRange(0, 8)};
      break;
    case 10:
      if (segment != nullptr) segment->state = SegmentState::growing;
      break;
    default:
      if (segment != nullptr) segment->id = SegmentId{bytes.ConsumeIntegralInRange(1000, 1060)};
      break;
  }
}

World world_of(FuzzedDataProvider& bytes) {
  World world = sound_world(bytes);
  for (int spoiled = bytes.ConsumeIntegralInRange(0, 3); spoiled > 0; --spoiled) {
    spoil(bytes, world);
  }
  world.sample(bytes.ConsumeIntegralInRange(1, 4));
  return world;
}

}  // namespace

void evenkeel::fuzz::one_input(std::string_view data) {
  FuzzedDataProvider bytes(reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
  const World world = world_of(bytes);
  const Judgement judgement = world.judged();
  const Plan plan = world.planned();
  for (const auto& broken : test::broken_by(world, plan)) {
    require(false, (broken + "; " + std::to_string(plan.moves.size()) + " moves").c_str());
  }
  const Admission admission = world.admitted(plan);
  std::size_t sent = admission.held.size();
  for (const Call& call : admission.calls) {
    require(!call.moves.empty(), "a call for nothing");
    require(call.moves.size() <= static_cast<std::size_t>(world.policy.max_segments_per_call),
            "a call for too many segments");
    sent += call.moves.size();
  }
  require(sent == plan.moves.size(), "moves are neither sent nor held");
}
