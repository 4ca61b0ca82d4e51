#pragma once
// Random clusters by seed: the same seed gives the same cluster everywhere.

#include <cstdint>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "tests/rules/build.hpp"

namespace evenkeel::rules::test {

class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed) : random_(seed) {}

  // Nodes of several sizes, collections of one or two replicas, skewed segments, all readable.
  World healthy() {
    World world;
    add_policy(world);
    const std::int64_t nodes = between(1, 12);
    const std::int64_t plenty = between(0, 4);  // of memory: some worlds are overloaded, some not
    for (std::int64_t id = 1; id <= nodes; ++id) {
      world.node(id, 0.2, static_cast<double>(8 << (plenty + between(0, 2))));
    }
    std::int64_t next_replica = 500;
    std::int64_t next_segment = 1000;
    for (std::int64_t collection = 100, count = between(1, 4); count > 0; ++collection, --count) {
      for (std::int64_t replicas = between(1, 2); replicas > 0; --replicas) {
        const std::int64_t replica = next_replica++;
        world.replica(replica, collection, {});
        for (std::int64_t id = 1; id <= nodes; ++id) {
          if (chance(70)) world.cluster.replicas.back().nodes.push_back(NodeId{id});
        }
        next_segment = add_segments(world, world.cluster.replicas.back(), next_segment);
      }
    }
    for (Node& node : world.cluster.nodes) fill(world, node);
    if (chance(50)) add_flight(world);
    world.sample(static_cast<int>(between(3, 4)));
    return world;
  }

  // The same with whatever can be wrong with it.
  World hostile() {
    World world = healthy();
    for (std::int64_t spoiled = between(1, 5); spoiled > 0; --spoiled) spoil(world);
    world.ledger.observe(world.cluster, world.policy);
    return world;
  }

  void shuffle(Cluster& cluster) {
    shuffle(cluster.nodes);
    shuffle(cluster.collections);
    shuffle(cluster.replicas);
    shuffle(cluster.segments);
    for (Replica& replica : cluster.replicas) shuffle(replica.nodes);
  }

  void spoil_segment(World& world) {
    constexpr Bytes kMost = std::numeric_limits<Bytes>::max();
    std::vector<Segment>& segments = world.cluster.segments;
    if (segments.empty()) return;
    Segment copy = any_of(segments);
    copy.node = any_of(world.cluster.nodes).id;
    Segment& segment = any_of(segments);
    switch (between(0, 6)) {
      case 0:
        segment.bytes = kMost;
        break;
      case 1:
        segment.bytes = std::numeric_limits<Bytes>::min();
        break;
      case 2:
        segment.node = NodeId{between(900, 902)};
        break;
      case 3:
        segment.replica = ReplicaId{between(0, 1)};
        break;
      case 4:
        segment.collection = CollectionId{7};
        break;
      case 5:
        segment.rows = -1;
        segment.bytes = -1;
        break;
      default:
        segments.push_back(copy);
        break;
    }
  }

  // The standard's distributions differ from library to library.
  std::int64_t between(std::int64_t from, std::int64_t to) {
    return from + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(to - from + 1));
  }
  bool chance(int percent) { return between(1, 100) <= percent; }
  template <typename T>
  void shuffle(std::vector<T>& list) {
    for (std::size_t i = list.size(); i > 1; --i) {
      std::swap(list[i - 1], list[static_cast<std::size_t>(between(0, i - 1))]);
    }
  }
  template <typename T>
  T& any_of(std::vector<T>& list) {
    return list[static_cast<std::size_t>(between(0, list.size() - 1))];
  }

 private:
  void add_policy(World& world) {
    Policy& policy = world.policy;
    policy.overload_threshold = static_cast<double>(between(60, 95)) / 100;
    policy.overload_margin = static_cast<double>(between(0, 5)) / 100;
    policy.max_difference = static_cast<double>(between(5, 50)) / 100;
    policy.difference_stop = static_cast<double>(between(0, 100)) / 100;
    policy.loading_peak = static_cast<double>(between(10, 30)) / 10;
    policy.evidence_samples = static_cast<int>(between(1, 3));
    policy.max_moves_per_round = static_cast<int>(between(1, 40));
    policy.max_bytes_per_round = gib(static_cast<double>(between(1, 400)));
    policy.effort = between(0, 5) * 1000;
    policy.max_segments_per_call = static_cast<int>(between(1, 5));
  }

  std::int64_t add_segments(World& world, const Replica& replica, std::int64_t next_segment) {
    if (replica.nodes.empty()) return next_segment;
    const std::vector<NodeId> nodes = replica.nodes;
    const std::size_t favoured = static_cast<std::size_t>(between(1, nodes.size()));
    for (std::int64_t count = between(0, 40); count > 0; --count) {
      const std::size_t reach = chance(70) ? favoured : nodes.size();
      const NodeId node = nodes[static_cast<std::size_t>(between(0, reach - 1))];
      const double size =
          static_cast<double>(between(1, 1000)) / static_cast<double>(1 << between(7, 12));
      world.segment(next_segment++, static_cast<std::int64_t>(replica.id),
                    static_cast<std::int64_t>(node), size);
      if (chance(5)) world.cluster.segments.back().state = SegmentState::growing;
    }
    return next_segment;
  }

  // Uses what its segments take, more or less, and something that no segment explains.
  void fill(World& world, Node& node) {
    for (const Segment& segment : world.cluster.segments) {
      if (segment.node == node.id) node.used += segment.bytes / 100 * between(90, 110);
    }
    if (chance(20)) node.used += node.capacity / 100 * between(0, 80);
  }

  void add_flight(World& world) {
    Flight flight;
    flight.segment = SegmentId{1000 + between(0, 30)};
    flight.replica = ReplicaId{500 + between(0, 3)};
    flight.from = NodeId{between(1, 12)};
    flight.to = NodeId{between(1, 12)};
    flight.bytes = gib(static_cast<double>(between(0, 20)) / 10);
    flight.started = world.now;
    world.ledger.start(flight);
    if (chance(60)) world.land({flight.segment, flight.replica}, world.now);
  }

  void spoil(World& world) {
    constexpr Bytes kMost = std::numeric_limits<Bytes>::max();
    Cluster& cluster = world.cluster;
    Node& node = any_of(cluster.nodes);
    switch (between(0, 13)) {
      case 0:
        node.capacity = 0;
        break;
      case 1:
        node.capacity = chance(50) ? kMost : -kMost;
        break;
      case 2:
        node.health = static_cast<NodeHealth>(between(1, 5));
        break;
      case 3:
        cluster.nodes.push_back(node);
        break;
      case 4:
        any_of(cluster.replicas).nodes.push_back(NodeId{between(900, 902)});
        break;
      case 5:
        any_of(cluster.replicas).nodes.clear();
        break;
      case 6:
        cluster.replicas.push_back(any_of(cluster.replicas));
        break;
      case 7:
        any_of(cluster.collections).complete = false;
        break;
      case 8:
        any_of(cluster.replicas).id = chance(50) ? ReplicaId{} : cluster.replicas.front().id;
        break;
      case 9:
        node.used = chance(50) ? kMost : -1;
        node.sampled_at += Duration{1};
        break;
      default:
        spoil_segment(world);
        break;
    }
  }

  std::mt19937_64 random_;
};

}  // namespace evenkeel::rules::test
