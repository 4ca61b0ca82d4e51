#pragma once
// One cluster to be balanced, made by a family's generator from a seed, and the means to make it.
// Everything is in whole MiB, so that the exact solver works on the very same figures.

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/policy.hpp"

namespace evenkeel::balancers {

using rules::Bytes;

inline constexpr Bytes kMiB = Bytes{1} << 20;
inline constexpr Bytes kGiB = Bytes{1} << 30;

struct Instance {
  std::string family;
  std::uint64_t seed = 0;
  rules::Cluster cluster;
  rules::Policy policy;
};

// The same numbers everywhere: the standard's distributions differ from library to library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : random_(seed) {}

  std::int64_t whole(std::int64_t from, std::int64_t to);  // both included
  double real(double from, double to);
  bool chance(double probability) { return real(0, 1) < probability; }
  double lognormal(double median, double sigma);
  double pareto(double least, double alpha);

 private:
  std::mt19937_64 random_;
};

// How large the segments of a collection are, as a share of a given capacity.
struct Sizes {
  double from = 0;
  double to = 0;
};

// Builds an instance node by node, so that each node ends at about the ratio that the family says.
class Builder {
 public:
  Builder(const std::string& family, std::uint64_t seed);

  Random random;

  rules::Policy& policy() { return instance_.policy; }
  [[nodiscard]] std::size_t segments() const { return instance_.cluster.segments.size(); }

  // Ids are 1, 2, … in the order of the calls. The base is what no segment explains.
  int node(Bytes capacity, double base_ratio);
  int collection(Bytes bytes_per_row);
  // Ids are 1, 2, … too.
  int replica(int collection, const std::vector<int>& nodes);
  // A new segment on a node; bytes are rounded to MiB, at least 1.
  void segment(int replica, int node, double bytes);
  // Segments of the replica on the node until its ratio is as near to `ratio` as they allow.
  void fill(int replica, int node, double ratio, Sizes sizes);

  [[nodiscard]] double ratio(int node) const;
  [[nodiscard]] Bytes capacity(int node) const;
  [[nodiscard]] Instance finish() { return std::move(instance_); }

 private:
  rules::Node& at(int node) { return instance_.cluster.nodes[static_cast<std::size_t>(node - 1)]; }

  Instance instance_;
  std::vector<Bytes> bytes_per_row_;  // by collection
};

}  // namespace evenkeel::balancers
