#pragma once
// A static world: nothing happens but the balancer's moves, which are carried out at once and as
// they were meant. So what is measured is the balancers' decisions and nothing else.

#include <map>
#include <utility>
#include <vector>

#include "rules/ledger.hpp"
#include "rules/planner/planner.hpp"
#include "tests/bench/balancers/instance.hpp"

namespace evenkeel::balancers {

using rules::Move;
using Index = std::size_t;

class World {
 public:
  explicit World(const Instance& instance);

  [[nodiscard]] const rules::Cluster& cluster() const { return cluster_; }
  [[nodiscard]] const rules::Policy& policy() const { return policy_; }
  [[nodiscard]] rules::TimePoint now() const { return now_; }

  // Node ids are 1, 2, …: their place in the cluster's list is one less.
  [[nodiscard]] static Index place(rules::NodeId node) { return static_cast<Index>(node) - 1; }
  [[nodiscard]] double ratio(rules::NodeId node) const;
  [[nodiscard]] const rules::Segment* segment(const Move& move) const;
  [[nodiscard]] const rules::Replica& replica(rules::ReplicaId id) const;
  // The segments of each replica, as places in the cluster's list.
  [[nodiscard]] const std::vector<Index>& segments_of(rules::ReplicaId id) const;

  // Time passes, and every node's memory is read again.
  void sample(rules::Duration passed);
  // Where the segment is, is the caller's business.
  void carry_out(const Move& move);

 private:
  rules::Cluster cluster_;
  rules::Policy policy_;
  rules::TimePoint now_{std::chrono::hours{1000}};
  std::map<rules::SegmentKey, Index> places_;
  std::map<rules::ReplicaId, std::vector<Index>> by_replica_;
};

}  // namespace evenkeel::balancers
