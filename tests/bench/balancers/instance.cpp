#include "tests/bench/balancers/instance.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace evenkeel::balancers {
namespace {

// Families with the same seed shall not be alike.
std::uint64_t mixed(const std::string& family, std::uint64_t seed) {
  std::uint64_t hash = 1469598103934665603U;  // FNV-1a
  for (const char c : family) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  return hash ^ (seed * 0x9e3779b97f4a7c15U);
}

Bytes whole_mib(double bytes) {
  return static_cast<Bytes>(std::llround(bytes / static_cast<double>(kMiB))) * kMiB;
}

}  // namespace

std::int64_t Random::whole(std::int64_t from, std::int64_t to) {
  return from + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(to - from + 1));
}

double Random::real(double from, double to) {
  return from + (to - from) * static_cast<double>(random_() >> 11) * 0x1p-53;
}

double Random::lognormal(double median, double sigma) {
  const double radius = std::sqrt(-2 * std::log(1 - real(0, 1)));
  return median * std::exp(sigma * radius * std::cos(2 * std::numbers::pi * real(0, 1)));
}

double Random::pareto(double least, double alpha) {
  return least / std::pow(1 - real(0, 1), 1 / alpha);
}

Builder::Builder(const std::string& family, std::uint64_t seed) : random(mixed(family, seed)) {
  instance_.family = family;
  instance_.seed = seed;
  instance_.cluster.coordinator_complete = true;
}

int Builder::node(Bytes capacity, double base_ratio) {
  rules::Node node;
  node.id = rules::NodeId{static_cast<std::int64_t>(instance_.cluster.nodes.size()) + 1};
  node.capacity = capacity / kMiB * kMiB;
  node.capacity_source = rules::CapacitySource::configured_node;
  node.used = whole_mib(base_ratio * static_cast<double>(capacity));
  node.health = rules::NodeHealth::up;
  instance_.cluster.nodes.push_back(node);
  return static_cast<int>(instance_.cluster.nodes.size());
}

int Builder::collection(Bytes bytes_per_row) {
  rules::Collection collection;
  collection.id = rules::CollectionId{static_cast<std::int64_t>(bytes_per_row_.size()) + 1};
  collection.complete = true;
  instance_.cluster.collections.push_back(collection);
  bytes_per_row_.push_back(bytes_per_row);
  return static_cast<int>(bytes_per_row_.size());
}

int Builder::replica(int collection, const std::vector<int>& nodes) {
  rules::Replica replica;
  replica.id = rules::ReplicaId{static_cast<std::int64_t>(instance_.cluster.replicas.size()) + 1};
  replica.collection = rules::CollectionId{collection};
  for (const int node : nodes) replica.nodes.push_back(rules::NodeId{node});
  instance_.cluster.replicas.push_back(replica);
  return static_cast<int>(instance_.cluster.replicas.size());
}

void Builder::segment(int replica, int node, double bytes) {
  const rules::Replica& home = instance_.cluster.replicas[static_cast<std::size_t>(replica - 1)];
  rules::Segment segment;
  segment.id = rules::SegmentId{static_cast<std::int64_t>(segments()) + 1};
  segment.replica = home.id;
  segment.collection = home.collection;
  segment.node = rules::NodeId{node};
  segment.bytes = std::max(whole_mib(bytes), kMiB);
  const auto collection = static_cast<std::size_t>(home.collection) - 1;
  segment.rows = segment.bytes / bytes_per_row_[collection];
  segment.size_source = rules::SizeSource::reported;
  segment.state = rules::SegmentState::sealed;
  at(node).used += segment.bytes;
  instance_.cluster.segments.push_back(segment);
}

void Builder::fill(int replica, int node, double wanted, Sizes sizes) {
  const auto whole = static_cast<double>(capacity(node));
  while (true) {
    const double size = random.real(sizes.from, sizes.to);
    if (ratio(node) + size / 2 > wanted) return;
    segment(replica, node, size * whole);
  }
}

double Builder::ratio(int node) const {
  const rules::Node& found = instance_.cluster.nodes[static_cast<std::size_t>(node - 1)];
  return static_cast<double>(found.used) / static_cast<double>(found.capacity);
}

Bytes Builder::capacity(int node) const {
  return instance_.cluster.nodes[static_cast<std::size_t>(node - 1)].capacity;
}

}  // namespace evenkeel::balancers
