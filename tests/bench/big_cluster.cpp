#include "tests/bench/big_cluster.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <tuple>
#include <utility>

namespace evenkeel::bench {
namespace {

using rules::Bytes;
using rules::NodeId;

constexpr std::size_t kNodes = 1000;
constexpr std::size_t kNodesOfAGroup = 20;
constexpr std::int64_t kFirstReplica = 500'000;
constexpr Bytes kCapacities[] = {Bytes{64} << 30, Bytes{128} << 30, Bytes{256} << 30};
constexpr double kUnexplained = 0.02;  // of its capacity a node uses without any segment

// The standard's distributions differ from library to library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t end) { return static_cast<std::size_t>(engine_() % end); }
  double between(double from, double to) {
    return from + (to - from) * static_cast<double>(engine_() >> 11) * 0x1.0p-53;
  }
  // Most are near 1, and a few very large. The sum of twelve is as good as normal.
  double lognormal(double sigma) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += between(0, 1);
    return std::exp(sigma * sum);
  }
  template <typename T>
  void shuffle(std::vector<T>& list) {
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[below(i)]);
  }

 private:
  std::mt19937_64 engine_;
};

std::size_t index_of(NodeId id) {
  return static_cast<std::size_t>(id) - 1;
}
NodeId id_of(std::size_t index) {
  return NodeId{static_cast<std::int64_t>(index) + 1};
}

rules::Node node_of(NodeId id, Bytes capacity) {
  rules::Node node;
  node.id = id;
  node.address = "10.0.0.1:21123";
  node.capacity = capacity;
  node.capacity_source = rules::CapacitySource::configured_node;
  node.health = rules::NodeHealth::up;
  return node;
}

// What its segments take, by node index. The ids of the nodes are 1 to their number.
std::vector<Bytes> loads_of(const rules::Cluster& cluster) {
  std::vector<Bytes> loads(cluster.nodes.size());
  for (const rules::Segment& segment : cluster.segments) {
    loads[index_of(segment.node)] += segment.bytes;
  }
  return loads;
}

class Builder {
 public:
  Builder(Layout layout, Skew skew, std::size_t segments, std::uint64_t seed)
      : random_(seed), layout_(layout), skew_(skew), wanted_(segments) {}

  BigCluster build() {
    big_.cluster.coordinator_complete = true;
    add_nodes();
    add_collections();
    add_segments();
    place();
    skew_ == Skew::relief ? fill(40, 0.91) : fill(1, 0.87);
    random_.shuffle(big_.cluster.nodes);
    random_.shuffle(big_.cluster.collections);
    random_.shuffle(big_.cluster.replicas);
    random_.shuffle(big_.cluster.segments);
    big_.sample();
    return std::move(big_);
  }

 private:
  void add_nodes() {
    for (std::size_t i = 0; i < kNodes; ++i) {
      big_.cluster.nodes.push_back(node_of(id_of(i), kCapacities[random_.below(3)]));
      const bool overloaded = skew_ == Skew::relief && i % 20 == 0;
      const bool hot = i % 4 == 0;
      quotas_.push_back(overloaded ? random_.between(0.93, 0.97)
                        : hot      ? random_.between(0.6, 0.85)
                                   : random_.between(0.05, 0.25));
    }
  }

  std::vector<NodeId> nodes_of_group(std::size_t group) {
    std::vector<NodeId> nodes;
    for (std::size_t i = 0; i < kNodesOfAGroup; ++i) {
      nodes.push_back(id_of(group * kNodesOfAGroup + i));
    }
    return nodes;
  }

  std::vector<NodeId> all_nodes() {
    std::vector<NodeId> nodes;
    for (std::size_t i = 0; i < kNodes; ++i) nodes.push_back(id_of(i));
    return nodes;
  }

  std::vector<NodeId> some_nodes() {
    std::vector<NodeId> nodes;
    for (std::size_t count = 3 + random_.below(28); nodes.size() < count;) {
      const NodeId node = id_of(random_.below(kNodes));
      if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
    }
    return nodes;
  }

  void add_replica(rules::CollectionId collection, std::vector<NodeId> nodes) {
    rules::Replica replica;
    replica.id =
        rules::ReplicaId{kFirstReplica + static_cast<std::int64_t>(big_.cluster.replicas.size())};
    replica.collection = collection;
    replica.nodes = std::move(nodes);
    big_.cluster.replicas.push_back(std::move(replica));
  }

  void add_collections() {
    constexpr std::size_t kGroups = kNodes / kNodesOfAGroup;
    const std::size_t count = std::clamp<std::size_t>(wanted_ / 100, 1, 10'000);
    double weight = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const rules::CollectionId id{static_cast<std::int64_t>(i) + 1};
      big_.cluster.collections.push_back({id, "book", true, ""});
      first_replica_.push_back(big_.cluster.replicas.size());
      if (layout_ == Layout::everywhere) {
        add_replica(id, all_nodes());
      } else if (layout_ == Layout::groups) {
        add_replica(id, nodes_of_group(i % kGroups));
        if (i % 4 == 3) add_replica(id, nodes_of_group((i + 7) % kGroups));
      } else {
        add_replica(id, some_nodes());
      }
      const auto nodes = static_cast<double>(big_.cluster.replicas.back().nodes.size());
      weights_.push_back(weight += nodes * random_.lognormal(0.7));
    }
    first_replica_.push_back(big_.cluster.replicas.size());
  }

  // In no place yet, and of sizes whose sum is near that of the nodes' quotas.
  void add_segments() {
    double room = 0;
    for (std::size_t i = 0; i < kNodes; ++i) {
      room += quotas_[i] * static_cast<double>(big_.cluster.nodes[i].capacity);
    }
    const double typical = room / static_cast<double>(wanted_) / 3.1;  // the mean of e^(1.5 × n)
    const double largest = static_cast<double>(kCapacities[0]) / 5;
    std::vector<rules::Segment>& segments = big_.cluster.segments;
    segments.reserve(wanted_);
    for (std::int64_t id = 1; segments.size() < wanted_; ++id) {
      const double at = random_.between(0, weights_.back());
      const auto found = std::upper_bound(weights_.begin(), weights_.end(), at);
      const auto collection = std::min<std::size_t>(found - weights_.begin(), weights_.size() - 1);
      rules::Segment segment;
      segment.id = rules::SegmentId{440'000'000'000'000'000 + id};
      segment.collection = rules::CollectionId{static_cast<std::int64_t>(collection) + 1};
      segment.bytes = static_cast<Bytes>(std::min(typical * random_.lognormal(1.5), largest));
      segment.size_source = rules::SizeSource::learned;
      segment.state = rules::SegmentState::sealed;
      for (std::size_t replica = first_replica_[collection];
           replica < first_replica_[collection + 1] && segments.size() < wanted_; ++replica) {
        segment.replica = big_.cluster.replicas[replica].id;
        segments.push_back(segment);
      }
    }
  }

  // Large ones first, each to whichever of three nodes has most of its quota left, and if that is
  // not enough, of all its nodes.
  void place() {
    std::sort(big_.cluster.segments.begin(), big_.cluster.segments.end(),
              [](const rules::Segment& a, const rules::Segment& b) {
                return std::tuple(-a.bytes, a.id, a.replica) <
                       std::tuple(-b.bytes, b.id, b.replica);
              });
    std::vector<double> left = quotas_;
    const auto less_left = [&left](NodeId a, NodeId b) {
      return left[index_of(a)] < left[index_of(b)];
    };
    for (rules::Segment& segment : big_.cluster.segments) {
      const auto replica = static_cast<std::size_t>(segment.replica) - kFirstReplica;
      const std::vector<NodeId>& nodes = big_.cluster.replicas[replica].nodes;
      const auto some = [&] { return nodes[random_.below(nodes.size())]; };
      const auto takes = [&](NodeId node) {
        return part_of(segment.bytes, big_.cluster.nodes[index_of(node)].capacity);
      };
      segment.node = std::max({some(), some(), some()}, less_left);
      if (left[index_of(segment.node)] < takes(segment.node)) {
        segment.node = *std::max_element(nodes.begin(), nodes.end(), less_left);
      }
      left[index_of(segment.node)] -= takes(segment.node);
    }
  }

  // Makes all segments smaller or larger until so many nodes use at least this part of their
  // capacity.
  void fill(std::size_t nodes, double part) {
    const std::vector<Bytes> loads = loads_of(big_.cluster);
    std::vector<double> parts;
    for (std::size_t i = 0; i < kNodes; ++i) {
      parts.push_back(part_of(loads[i], big_.cluster.nodes[i].capacity));
    }
    std::sort(parts.begin(), parts.end(), std::greater<>());
    const double factor = (part - kUnexplained) / parts[nodes - 1];
    for (rules::Segment& segment : big_.cluster.segments) {
      const double bytes = static_cast<double>(segment.bytes) * factor;
      segment.bytes = std::max<Bytes>(1, static_cast<Bytes>(bytes));
      segment.rows = segment.bytes / 512 + 1;
    }
  }

  static double part_of(Bytes load, Bytes capacity) {
    return static_cast<double>(load) / static_cast<double>(capacity);
  }

  Random random_;
  Layout layout_;
  Skew skew_;
  std::size_t wanted_;
  BigCluster big_;
  std::vector<double> quotas_;              // of each node's capacity
  std::vector<double> weights_;             // of the collections, summed up
  std::vector<std::size_t> first_replica_;  // of each collection, and one past the last
};

}  // namespace

void BigCluster::sample() {
  const std::vector<Bytes> loads = loads_of(cluster);
  for (rules::Node& node : cluster.nodes) {
    const double unexplained = kUnexplained * static_cast<double>(node.capacity);
    node.used = loads[index_of(node.id)] + static_cast<Bytes>(unexplained);
  }
  for (int i = 0; i < 3; ++i) {
    now += std::chrono::seconds{15};
    cluster.observed_at = now;
    for (rules::Node& node : cluster.nodes) node.sampled_at = now;
    ledger.observe(cluster, rules::Policy{});
  }
}

BigCluster big_cluster(Layout layout, Skew skew, std::size_t segments, std::uint64_t seed) {
  return Builder(layout, skew, segments, seed).build();
}

BigCluster crowded_node(std::size_t segments, std::uint64_t seed) {
  Random random(seed);
  BigCluster big;
  big.cluster.coordinator_complete = true;
  big.cluster.collections.push_back({rules::CollectionId{1}, "book", true, ""});
  constexpr Bytes kCapacity = Bytes{1} << 40;
  big.cluster.nodes = {node_of(id_of(0), kCapacity), node_of(id_of(1), kCapacity)};
  rules::Replica replica;
  replica.id = rules::ReplicaId{kFirstReplica};
  replica.collection = rules::CollectionId{1};
  replica.nodes = {id_of(0), id_of(1)};
  big.cluster.replicas.push_back(replica);

  const double mean = 0.8 * static_cast<double>(kCapacity) / static_cast<double>(segments);
  big.cluster.segments.resize(segments);
  for (std::size_t i = 0; i < segments; ++i) {
    rules::Segment& segment = big.cluster.segments[i];
    segment.id = rules::SegmentId{static_cast<std::int64_t>(i) + 1};
    segment.collection = replica.collection;
    segment.replica = replica.id;
    segment.node = id_of(0);
    segment.bytes = static_cast<Bytes>(random.between(0.1, 1.9) * mean);
    segment.rows = 1;
    segment.state = rules::SegmentState::sealed;
  }
  random.shuffle(big.cluster.segments);
  big.sample();
  return big;
}

void carry_out(BigCluster& big, const rules::Plan& plan) {
  std::map<rules::SegmentKey, NodeId> moved;
  for (const rules::Move& move : plan.moves) moved[{move.segment, move.replica}] = move.to;
  for (rules::Segment& segment : big.cluster.segments) {
    const auto found = moved.find({segment.id, segment.replica});
    if (found != moved.end()) segment.node = found->second;
  }
  big.sample();
}

void change_one_percent(BigCluster& big, std::uint64_t seed) {
  Random random(seed);
  std::map<rules::ReplicaId, const std::vector<NodeId>*> nodes;
  for (const rules::Replica& replica : big.cluster.replicas) nodes[replica.id] = &replica.nodes;
  std::vector<rules::Segment>& segments = big.cluster.segments;
  for (std::size_t i = 0; i < segments.size() / 100; ++i) {
    rules::Segment& segment = segments[random.below(segments.size())];
    if (i % 3 == 0) {
      segment.id = rules::SegmentId{880'000'000'000'000'000 + static_cast<std::int64_t>(i)};
    } else if (i % 3 == 1) {
      const std::vector<NodeId>& reachable = *nodes.at(segment.replica);
      segment.node = reachable[random.below(reachable.size())];
    } else {
      segment.bytes = segment.bytes / 2 + 1;
    }
  }
  big.sample();
}

}  // namespace evenkeel::bench
