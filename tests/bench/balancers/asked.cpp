#include "tests/bench/balancers/asked.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "rules/arithmetic.hpp"

namespace evenkeel::balancers {
namespace {

using rules::Node;
using rules::Policy;

double ratio(const Node& node) {
  return rules::ratio_of(node.used, node.capacity);
}

class Asking {
 public:
  explicit Asking(const Instance& instance)
      : nodes_(instance.cluster.nodes), policy_(instance.policy) {
    for (const Node& node : nodes_) {
      const bool over = ratio(node) > policy_.overload_threshold;
      asked_.overloaded.push_back(over);
      asked_.relief_to.push_back(policy_.overload_threshold - (over ? policy_.overload_margin : 0));
    }
    std::map<std::vector<Index>, Index> known;
    std::map<rules::ReplicaId, Index> set_of;
    for (const rules::Replica& replica : instance.cluster.replicas) {
      std::vector<Index> members;
      for (const rules::NodeId node : replica.nodes) members.push_back(World::place(node));
      std::sort(members.begin(), members.end());
      if (members.size() < 2) continue;
      const auto [found, is_new] = known.try_emplace(members, asked_.sets.size());
      if (is_new) {
        asked_.sets.push_back({members, limit_of(members), std::vector<Bytes>(members.size())});
      }
      set_of[replica.id] = found->second;
    }
    for (const rules::Segment& segment : instance.cluster.segments) {
      const auto set = set_of.find(segment.replica);
      if (set == set_of.end()) continue;
      AskedSet& in = asked_.sets[set->second];
      const auto node =
          std::lower_bound(in.nodes.begin(), in.nodes.end(), World::place(segment.node));
      in.movable[static_cast<Index>(node - in.nodes.begin())] += segment.bytes;
    }
    asked_.least_bytes = least_bytes();
  }

  [[nodiscard]] Asked take() { return std::move(asked_); }

 private:
  // Overload comes first, and its relief may bring a set inside the largest difference; then it is
  // left there. Whether it does is reckoned as if memory were a fluid: each overloaded node falls
  // to its mark, and what leaves it raises the lowest nodes of the set evenly.
  [[nodiscard]] double limit_of(const std::vector<Index>& members) const {
    double highest = 0;
    double leaves = 0;
    std::vector<Index> rising = members;
    std::sort(rising.begin(), rising.end(),
              [this](Index a, Index b) { return ratio(nodes_[a]) < ratio(nodes_[b]); });
    for (const Index i : members) {
      const double now = ratio(nodes_[i]);
      const double then = asked_.overloaded[i] ? asked_.relief_to[i] : now;
      highest = std::max(highest, then);
      leaves += (now - then) * static_cast<double>(nodes_[i].capacity);
    }
    double lowest = ratio(nodes_[rising.front()]);
    double capacity = 0;
    for (Index k = 0; k < rising.size(); ++k) {
      capacity += static_cast<double>(nodes_[rising[k]].capacity);
      const double next = k + 1 < rising.size() ? ratio(nodes_[rising[k + 1]]) : 10.0;
      const double step = std::min(next - lowest, leaves / capacity);
      lowest += step;
      leaves -= step * capacity;
      if (leaves <= 0) break;
    }
    const bool differs = highest - lowest > policy_.max_difference;
    return differs ? policy_.max_difference * policy_.difference_stop : policy_.max_difference;
  }

  // What must leave a node so that it ends at most at the ratio (and at its relief mark).
  [[nodiscard]] double out(Index i, double top) const {
    const double mark = asked_.overloaded[i] ? std::min(top, asked_.relief_to[i]) : top;
    return std::max(0.0, (ratio(nodes_[i]) - mark) * static_cast<double>(nodes_[i].capacity));
  }

  [[nodiscard]] double in(Index i, double bottom) const {
    return std::max(0.0, (bottom - ratio(nodes_[i])) * static_cast<double>(nodes_[i].capacity));
  }

  // The bound of one set: in the end all its nodes are within some band [t − limit, t]. What is
  // above it has to leave those nodes, and what is missing below it has to come to those; a byte
  // that moves leaves one node and comes to one, so the larger of the two has to move. With t that
  // falls and this grows, so the least over all t is where they meet; below it the one is an
  // underestimate, and above it the other, so both together at the ends of a short interval around
  // it are a bound as well. It holds whatever other sets share the nodes, since nothing is said of
  // where the bytes go to or come from.
  [[nodiscard]] double set_bound(const AskedSet& set) const {
    const auto sum = [&set](auto of_node) {
      double bytes = 0;
      for (const Index i : set.nodes) bytes += of_node(i);
      return bytes;
    };
    const auto leaving = [&](double t) { return sum([&](Index i) { return out(i, t); }); };
    const auto coming = [&](double t) {
      return sum([&](Index i) { return in(i, t - set.limit); });
    };
    double low = 0;
    double high = 10;
    for (int i = 0; i < 60; ++i) {
      const double middle = (low + high) / 2;
      (leaving(middle) > coming(middle) ? low : high) = middle;
    }
    return std::max(leaving(high), coming(low));
  }

  // Sets that share nodes may share bytes too: of those that hang together only the largest bound
  // counts, or what must leave their overloaded nodes. What does not hang together adds up.
  [[nodiscard]] Bytes least_bytes() const {
    std::vector<Index> group(nodes_.size());
    std::iota(group.begin(), group.end(), Index{0});
    for (const AskedSet& set : asked_.sets) {
      const Index kept = group[set.nodes.front()];
      for (const Index i : set.nodes) {
        const Index merged = group[i];
        std::replace(group.begin(), group.end(), merged, kept);
      }
    }
    std::map<Index, double> relief;
    std::map<Index, double> levelling;
    for (Index i = 0; i < nodes_.size(); ++i) {
      if (asked_.overloaded[i]) relief[group[i]] += out(i, asked_.relief_to[i]);
    }
    for (const AskedSet& set : asked_.sets) {
      double& largest = levelling[group[set.nodes.front()]];
      largest = std::max(largest, set_bound(set));
    }
    for (const auto& [of_group, bytes] : relief) {
      double& largest = levelling[of_group];
      largest = std::max(largest, bytes);
    }
    double bound = 0;
    for (const auto& [of_group, bytes] : levelling) bound += bytes;
    return static_cast<Bytes>(bound);
  }

  const std::vector<Node>& nodes_;
  const Policy& policy_;
  Asked asked_;
};

}  // namespace

Asked asked_of(const Instance& instance) {
  return Asking(instance).take();
}

State state_of(const World& world, const Asked& asked) {
  const std::vector<Node>& nodes = world.cluster().nodes;
  State state;
  for (const AskedSet& set : asked.sets) {
    double highest = 0;
    double lowest = 10;
    for (const Index i : set.nodes) {
      highest = std::max(highest, ratio(nodes[i]));
      lowest = std::min(lowest, ratio(nodes[i]));
    }
    state.spread = std::max(state.spread, highest - lowest);
    state.excess = std::max(state.excess, highest - lowest - set.limit);
  }
  for (Index i = 0; i < nodes.size(); ++i) {
    const auto above = [&](double mark) {
      return std::max<Bytes>(0, nodes[i].used - rules::scaled_down(nodes[i].capacity, mark));
    };
    state.overload += above(world.policy().overload_threshold);
    if (asked.overloaded[i]) state.shortfall += above(asked.relief_to[i]);
  }
  return state;
}

}  // namespace evenkeel::balancers
