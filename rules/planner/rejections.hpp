#pragma once
// What a plan considered and rejected, alike ones folded. Internal to rules/planner: a draft has
// one.

#include <map>
#include <tuple>
#include <vector>

#include "rules/inventory.hpp"
#include "rules/plan.hpp"
#include "rules/planner/movable_segments.hpp"

namespace evenkeel::rules {

class Rejections {
 public:
  explicit Rejections(std::size_t shelves) : explained_(shelves, false) {}

  // Rejections of one scan that are alike are folded; those of a later scan replace them.
  void begin_scan() { ++scan_; }
  void add(const RejectedMove& move);
  // The segments of the held that may not move at all. Once is enough: that does not change while
  // the plan is made.
  void add_unmovable(const Inventory& inventory, const MovableSegments& movable, Index node,
                     const Inventory::NodeSegments& held);

  // Something was rejected for the budget.
  [[nodiscard]] bool any_for_budget() const;
  [[nodiscard]] std::vector<RejectedMove> all() const;

 private:
  struct Noted {
    RejectedMove move;
    Index scan = 0;
  };
  using FoldKey = std::tuple<NodeId, ReplicaId, Rejection>;

  std::map<FoldKey, Noted> found_;
  Index scan_ = 1;
  std::vector<bool> explained_;  // shelves whose unmovable segments were rejected
};

}  // namespace evenkeel::rules
