#pragma once
// Drained nodes: those that a person wants to be empty, for example before a rollout. Segments are
// moved off them and none to them, until the person says otherwise or the node is gone.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "rules/cluster.hpp"

namespace evenkeel::rules {

struct Judgement;
struct Plan;
struct Policy;

// Who wants a node to be empty, and why.
struct Drain {
  TimePoint since{};
  std::string by;      // the user's name; empty: not known
  std::string reason;  // empty: none was given
  TimePoint seen{};    // when a whole cluster last named the node

  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("since", self.since);
    visit("by", self.by);
    visit("reason", self.reason);
    visit("seen", self.seen);
  }
};

// A drained node that no cluster has named for so long is forgotten: Milvus gives a node that comes
// back a new id.
inline constexpr Duration kForgetDrain = std::chrono::hours{1};

class Drains {
 public:
  // A node that is drained already stays so since then.
  void begin(NodeId node, Drain drain);
  // False: it was not drained.
  bool end(NodeId node) { return drains_.erase(node) > 0; }
  // Forgets nodes that are gone. The cluster must be complete.
  void observe(const Cluster& cluster);

  [[nodiscard]] bool contains(NodeId node) const { return drains_.contains(node); }
  [[nodiscard]] const std::map<NodeId, Drain>& all() const { return drains_; }

  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("nodes", self.drains_);
  }

 private:
  std::map<NodeId, Drain> drains_;
};

// Why this node cannot be drained, in one sentence; empty: it can.
[[nodiscard]] std::string why_not_drained(const Cluster& cluster, const Drains& drains,
                                          NodeId node);

// What a node still holds.
struct Remainder {
  std::int64_t segments = 0;  // sealed ones
  Bytes bytes = 0;            // of these
  std::int64_t growing = 0;   // segments that only Milvus can take off the node
};
[[nodiscard]] Remainder remainder_on(const Cluster& cluster, NodeId node);

// Why segments stay on a drained node, one sentence each, by the newest plan.
[[nodiscard]] std::vector<std::string> why_they_stay(NodeId node, const Judgement& judgement,
                                                     const Plan& plan, const Policy& policy);

}  // namespace evenkeel::rules
