// Emptying of drained nodes: the largest segment first, each to the node of its replica that ends
// lowest, as long as there is room for it.

#include <algorithm>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "rules/arithmetic.hpp"
#include "rules/planner/draft.hpp"
#include "rules/planner/greedy.hpp"

namespace evenkeel::rules {
namespace {

class Emptying {
 public:
  explicit Emptying(Draft& draft)
      : draft_(draft),
        relief_waits_(std::any_of(
            draft.nodes().begin(), draft.nodes().end(),
            [](const DraftNode& node) { return node.overloaded && node.to_grow == 0; })) {}

  void run(Index source) {
    draft_.rejections().begin_scan();
    draft_.reject_unmovable_on(source);
    if (!draft_.nodes()[source].available()) return;
    for (const SegmentRef& segment : draft_.movable().segments_on(source) | std::views::reverse) {
      place(segment);
    }
  }

 private:
  void place(const SegmentRef& segment) {
    if (draft_.full() || segment.bytes() > draft_.bytes_left()) {
      return draft_.rejections().add(draft_.rejected_move(segment, Rejection::budget));
    }
    if (const auto to = lowest_after(segment)) return draft_.add_move(segment, *to, Urgency::drain);
    explain(segment);
  }

  // Room that opens while an overloaded node waits for it was made for that node.
  [[nodiscard]] bool open(const DraftNode& node) const {
    return node.available() && !node.closed && !(relief_waits_ && node.draining);
  }

  [[nodiscard]] double after(const SegmentRef& segment, Index index) const {
    const DraftNode& node = draft_.nodes()[index];
    return ratio_of(saturating_add(node.now, segment.bytes()), node.capacity);
  }

  [[nodiscard]] std::optional<Index> lowest_after(const SegmentRef& segment) const {
    std::optional<std::pair<double, Index>> lowest;
    for (const Index index : draft_.nodes_of(segment.set)) {
      if (!open(draft_.nodes()[index]) || draft_.room(index) < segment.bytes()) continue;
      const std::pair would_be(after(segment, index), index);
      if (!lowest || would_be < *lowest) lowest = would_be;
    }
    return lowest ? std::optional(lowest->second) : std::nullopt;
  }

  void explain(const SegmentRef& segment) {
    std::optional<double> best;
    for (const Index index : draft_.nodes_of(segment.set)) {
      const DraftNode& node = draft_.nodes()[index];
      if (open(node)) {
        best = std::min(best.value_or(after(segment, index)), after(segment, index));
        continue;
      }
      RejectedMove rejected = draft_.rejected_move(segment, why_closed(node));
      rejected.segment.reset();
      rejected.to = node.id;
      draft_.rejections().add(rejected);
    }
    RejectedMove rejected = draft_.rejected_move(segment, Rejection::destination_overload);
    rejected.to_after = best.value_or(0);
    if (draft_.nodes_of(segment.set).empty()) rejected.why = Rejection::no_other_node;
    if (best || rejected.why == Rejection::no_other_node) draft_.rejections().add(rejected);
  }

  [[nodiscard]] static Rejection why_closed(const DraftNode& node) {
    if (!node.judged) return Rejection::destination_unhealthy;
    if (node.closed) return *node.closed;
    return node.in_flight ? Rejection::in_flight : Rejection::memory_awaited;
  }

  Draft& draft_;
  bool relief_waits_;
};

}  // namespace

void empty_greedily(Draft& draft) {
  Emptying emptying(draft);
  for (Index node = 0; node < draft.nodes().size(); ++node) {
    if (draft.nodes()[node].drained) emptying.run(node);
  }
}

}  // namespace evenkeel::rules
