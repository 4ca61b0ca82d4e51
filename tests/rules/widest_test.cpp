// The widest set, and the ends of all sets, against a look at every node after every move.

#include "rules/planner/widest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "tests/rules/random_world.hpp"

namespace evenkeel::rules::test::widest_test {
namespace {

constexpr double kStop = 0.05;

struct Ends {
  double highest = 0;
  double lowest = 0;
};

Ends ends(const Draft& draft, Index set) {
  if (draft.nodes_of(set).empty()) return {};
  Ends ends{0, std::numeric_limits<double>::infinity()};
  for (const Index node : draft.nodes_of(set)) {
    ends.highest = std::max(ends.highest, draft.ratio(node));
    ends.lowest = std::min(ends.lowest, draft.ratio(node));
  }
  return ends;
}

// A draft of a random world, moves from anywhere to anywhere, and sets that open and close.
class Wandering {
 public:
  explicit Wandering(std::uint64_t seed)
      : random_(seed),
        world_(random_.healthy()),
        inventory_(std::make_shared<const Cluster>(world_.cluster)),
        draft_(Draft(inventory_, world_.judged(), world_.policy, world_.ledger, world_.now)
                   .without_budget()),
        widest_(draft_, kStop),
        open_(inventory_.sets().size(), false) {
    for (Index node = 0; node < draft_.nodes().size(); ++node) {
      const std::vector<SegmentRef> segments = draft_.movable().segments_on(node);
      segments_.insert(segments_.end(), segments.begin(), segments.end());
    }
  }

  [[nodiscard]] const Draft& draft() const { return draft_; }
  [[nodiscard]] Index sets() const { return open_.size(); }
  [[nodiscard]] RandomWorld& random() { return random_; }

  [[nodiscard]] bool move() {
    if (segments_.empty()) return false;
    const SegmentRef segment = taken(segments_, random_.between(0, std::ssize(segments_) - 1));
    const std::vector<Index>& members = draft_.nodes_of(segment.set);
    const Index to = members[random_.between(0, std::ssize(members) - 1)];
    if (to == segment.node) return true;
    draft_.add_move(segment, to, Urgency::difference);
    widest_.follow(segment.node, to);
    return true;
  }

  void open_or_close() {
    const Index set = random_.between(0, std::ssize(open_) - 1);
    open_[set] = !open_[set];
    if (open_[set]) {
      widest_.open(set);
    } else {
      widest_.close(set);
    }
  }

  [[nodiscard]] double widest_spread() const {
    double widest = 0;
    for (Index set = 0; set < open_.size(); ++set) {
      if (open_[set])
        widest = std::max(widest, ends(draft_, set).highest - ends(draft_, set).lowest);
    }
    return widest;
  }

  void expect_the_widest() {
    const double widest = widest_spread();
    const std::optional<Index> found = widest_.set();
    ASSERT_EQ(found.has_value(), widest > kStop) << widest;
    if (!found) return;
    ASSERT_TRUE(open_[*found]);
    const double spread = ends(draft_, *found).highest - ends(draft_, *found).lowest;
    EXPECT_GT(spread, kStop);
    EXPECT_GE(spread, widest - Widest::kAlike);
  }

 private:
  static SegmentRef taken(std::vector<SegmentRef>& segments, std::int64_t at) {
    std::swap(segments[static_cast<std::size_t>(at)], segments.back());
    const SegmentRef segment = segments.back();
    segments.pop_back();
    return segment;
  }

  RandomWorld random_;
  World world_;
  Inventory inventory_;
  Draft draft_;
  Widest widest_;
  std::vector<bool> open_;
  std::vector<SegmentRef> segments_;
};

TEST(Widest, IsFoundAfterEveryMove) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Wandering wandering(seed);
    if (wandering.sets() == 0) continue;
    for (int step = 0; step < 100; ++step) {
      if (wandering.random().chance(20)) wandering.open_or_close();
      if (!wandering.move()) break;
      ASSERT_NO_FATAL_FAILURE(wandering.expect_the_widest());
    }
  }
}

TEST(DraftSets, EndsAreExactWheneverTheyAreAskedFor) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Wandering wandering(seed);
    const Draft& draft = wandering.draft();
    for (int step = 0; step < 100 && wandering.move(); ++step) {
      for (Index set = 0; set < wandering.sets(); ++set) {
        const Ends exact = ends(draft, set);
        EXPECT_LE(draft.lowest_at_least(set), exact.lowest);
        EXPECT_GE(draft.lowest_at_most(set), exact.lowest);
        if (!wandering.random().chance(10)) continue;
        EXPECT_FALSE(draft.above_all(set, exact.highest));
        EXPECT_TRUE(draft.above_all(set, exact.highest + 0.001));
        EXPECT_FALSE(draft.below_all(set, exact.lowest));
        EXPECT_TRUE(draft.below_all(set, exact.lowest - 0.001));
        EXPECT_EQ(draft.lowest(set), exact.lowest);
        EXPECT_EQ(draft.set(set).highest, exact.highest);
        EXPECT_EQ(draft.set(set).lowest, exact.lowest);
      }
    }
  }
}

}  // namespace
}  // namespace evenkeel::rules::test::widest_test
