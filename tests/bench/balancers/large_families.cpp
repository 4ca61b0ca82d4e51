// The large families: segments of MiB to a few GiB on nodes of 16 to 128 GiB.

#include <algorithm>

#include "tests/bench/balancers/families.hpp"

namespace evenkeel::balancers {
namespace {

constexpr double kGi = static_cast<double>(kGiB);

std::vector<int> nodes(Builder& b, int count, Bytes capacity, double base) {
  std::vector<int> made;
  for (int i = 0; i < count; ++i) made.push_back(b.node(capacity, base));
  return made;
}

double lognormal(Builder& b, double median) {
  return std::min(b.random.lognormal(median, 1.0), 20 * median);
}

double pareto(Builder& b, double least) {
  return std::min(b.random.pareto(least, 1.2), 40 * least);
}

// Segments of a drawn size, each of a replica drawn from those, on the node until its ratio.
void pour(Builder& b, const std::vector<int>& replicas, int node, double ratio,
          double (*size)(Builder&, double), double typical) {
  while (b.ratio(node) < ratio) {
    const auto drawn = b.random.whole(0, static_cast<std::int64_t>(replicas.size()) - 1);
    const double room = (ratio - b.ratio(node)) * static_cast<double>(b.capacity(node));
    b.segment(replicas[static_cast<std::size_t>(drawn)], node,
              std::min(size(b, typical), room + static_cast<double>(kMiB)));
  }
}

std::vector<int> replicas_on(Builder& b, const std::vector<int>& made, int count) {
  std::vector<int> replicas;
  for (int i = 0; i < count; ++i) {
    replicas.push_back(b.replica(b.collection(256 << b.random.whole(0, 5)), made));
  }
  return replicas;
}

void forty_with_data_on_two(Builder& b) {
  const std::vector<int> made = nodes(b, 40, 32 * kGiB, 0.02);
  const std::vector<int> replicas = replicas_on(b, made, 1);
  for (int i = 0; i < 2; ++i)
    pour(b, replicas, made[i], b.random.real(0.75, 0.85), lognormal, 0.03 * kGi);
}

void lognormal_sizes(Builder& b) {
  const std::vector<int> made = nodes(b, 100, 32 * kGiB, 0.05);
  const std::vector<int> replicas = replicas_on(b, made, 3);
  for (const int node : made)
    pour(b, replicas, node, b.random.real(0.2, 0.75), lognormal, 0.3 * kGi);
}

void pareto_sizes(Builder& b) {
  const std::vector<int> made = nodes(b, 60, 32 * kGiB, 0.05);
  const std::vector<int> replicas = replicas_on(b, made, 2);
  for (const int node : made) pour(b, replicas, node, b.random.real(0.15, 0.7), pareto, 0.1 * kGi);
}

void many_collections(Builder& b) {
  const std::vector<int> made = nodes(b, 50, 32 * kGiB, 0.05);
  const std::vector<int> replicas = replicas_on(b, made, 300);
  for (const int node : made)
    pour(b, replicas, node, b.random.real(0.15, 0.65), lognormal, 0.2 * kGi);
}

void resource_groups(Builder& b) {
  for (int group = 0; group < 4; ++group) {
    const std::vector<int> made = nodes(b, 15, 32 * kGiB, 0.05);
    const std::vector<int> replicas = replicas_on(b, made, 5);
    const double full = b.random.real(0.3, 0.75);
    for (const int node : made) {
      pour(b, replicas, node, full * b.random.real(0.4, 1), lognormal, 0.3 * kGi);
    }
  }
}

void overlapping_replicas(Builder& b) {
  const std::vector<int> made = nodes(b, 40, 32 * kGiB, 0.05);
  std::vector<std::vector<int>> homes(made.size());  // replicas by node
  for (int i = 0; i < 30; ++i) {
    const auto first = static_cast<std::size_t>(i < 4 ? i * 10 : b.random.whole(0, 39));
    std::vector<int> members;
    for (std::size_t j = 0; j < 12; ++j) members.push_back(made[(first + j) % made.size()]);
    const int replica = b.replica(b.collection(256 << b.random.whole(0, 5)), members);
    for (const int node : members) homes[static_cast<std::size_t>(node) - 1].push_back(replica);
  }
  for (const int node : made) {
    pour(b, homes[static_cast<std::size_t>(node) - 1], node, b.random.real(0.2, 0.65), lognormal,
         0.3 * kGi);
  }
}

void scale_out(Builder& b) {
  const std::vector<int> made = nodes(b, 80, 32 * kGiB, 0.05);
  const std::vector<int> replicas = replicas_on(b, made, 10);
  for (int i = 0; i < 64; ++i)
    pour(b, replicas, made[i], b.random.real(0.55, 0.7), lognormal, 0.4 * kGi);
}

void hot_nodes(Builder& b) {
  const std::vector<int> made = nodes(b, 100, 32 * kGiB, 0.3);
  const std::vector<int> replicas = replicas_on(b, made, 10);
  for (int i = 0; i < 100; ++i) {
    pour(b, replicas, made[i], i < 15 ? b.random.real(0.92, 0.98) : b.random.real(0.66, 0.75),
         lognormal, 0.2 * kGi);
  }
}

void sizes_of_nodes(Builder& b) {
  std::vector<int> made;
  for (int i = 0; i < 60; ++i)
    made.push_back(b.node(Bytes{16} * kGiB << b.random.whole(0, 3), 0.05));
  const std::vector<int> replicas = replicas_on(b, made, 5);
  for (const int node : made)
    pour(b, replicas, node, b.random.real(0.2, 0.7), lognormal, 0.4 * kGi);
}

void twenty_thousand_segments(Builder& b) {
  const std::vector<int> made = nodes(b, 200, 64 * kGiB, 0.05);
  const std::vector<int> replicas = replicas_on(b, made, 20);
  for (const int node : made)
    pour(b, replicas, node, b.random.real(0.25, 0.7), lognormal, 0.17 * kGi);
}

void two_replicas_on_halves(Builder& b) {
  const std::vector<int> made = nodes(b, 40, 32 * kGiB, 0.05);
  const std::vector<int> halves[] = {{made.begin(), made.begin() + 20},
                                     {made.begin() + 20, made.end()}};
  std::vector<int> replicas[2];
  for (int i = 0; i < 5; ++i) {
    const int collection = b.collection(256 << b.random.whole(0, 5));
    for (int half = 0; half < 2; ++half) {
      replicas[half].push_back(b.replica(collection, halves[half]));
    }
  }
  for (int half = 0; half < 2; ++half) {
    for (const int node : halves[half]) {
      pour(b, replicas[half], node, b.random.real(0.2, 0.7), lognormal, 0.25 * kGi);
    }
  }
}

void bases_differ(Builder& b) {
  std::vector<int> made;
  for (int i = 0; i < 40; ++i) made.push_back(b.node(32 * kGiB, b.random.real(0.05, 0.35)));
  const std::vector<int> replicas = replicas_on(b, made, 5);
  for (const int node : made) {
    pour(b, replicas, node, b.ratio(node) + b.random.real(0.1, 0.4), lognormal, 0.2 * kGi);
  }
}

}  // namespace

std::vector<Family> large_families() {
  return {
      {"forty-with-data-on-two", false, forty_with_data_on_two},
      {"lognormal-sizes", false, lognormal_sizes},
      {"pareto-sizes", false, pareto_sizes},
      {"many-collections", false, many_collections},
      {"resource-groups", false, resource_groups},
      {"overlapping-replicas", false, overlapping_replicas},
      {"scale-out", false, scale_out},
      {"hot-nodes", false, hot_nodes},
      {"sizes-of-nodes", false, sizes_of_nodes},
      {"twenty-thousand-segments", false, twenty_thousand_segments},
      {"two-replicas-on-halves", false, two_replicas_on_halves},
      {"bases-differ", false, bases_differ},
  };
}

}  // namespace evenkeel::balancers
