#pragma once
// The moves that a plan considered and rejected, alike ones folded. Internal to rules/planner: a
// draft has one.

#include <map>
#include <tuple>
#include <vector>

#include "rules/inventory.hpp"
#include "rules/plan.hpp"
#include "rules/planner/movable_segments.hpp"

namespace evenkeel::rules {

// The rejected moves of a draft, at most kMaxRejected.
class Rejections {
 public:
  // `node_segments`: their number in the inventory.
  explicit Rejections(std::size_t node_segments) : explained_(node_segments, false) {}

  // Alike rejections of one scan are folded; a later scan replaces them.
  void begin_scan() { ++scan_; }
  void add(const RejectedMove& move);
  // Rejects the node's segments that may not move at all. Once is enough: they do not change while
  // the plan is made.
  void add_unmovable(const Inventory& inventory, const MovableSegments& movable, Index node,
                     const Inventory::NodeSegments& held);

  [[nodiscard]] bool any_for_budget() const;
  [[nodiscard]] std::vector<RejectedMove> all() const;

 private:
  // A rejected move, and the scan that rejected it.
  struct Noted {
    RejectedMove move;
    Index scan = 0;
  };
  using FoldKey = std::tuple<NodeId, ReplicaId, Rejection>;

  std::map<FoldKey, Noted> found_;
  Index scan_ = 1;
  std::vector<bool> explained_;  // by index in node_segments()
};

}  // namespace evenkeel::rules
