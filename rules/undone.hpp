#pragma once
// Undone moves, which somebody else has reversed: the sign of two balancers that disagree. Pure;
// the loop keeps one, tells it of its moves, and shows it each observation.
//
// A move must be reported once its segment was seen on its destination. It counts as undone where a
// later, complete picture shows the segment on other nodes alone while the destination is up. It
// does not where the destination died or left, where the segment is gone (compacted, released,
// dropped), where it is in transit (on both), or where we moved it again ourselves.

#include <cstddef>
#include <map>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/ledger.hpp"

namespace evenkeel::rules {

// A move of ours that somebody else reversed.
struct Reversal {
  Flight move;
  NodeId taken{};  // the segment's node now; one of them where there are several
  TimePoint seen{};
};

// The moves that are watched for a reversal.
class Undone {
 public:
  // Limits of the watched moves: their age, and their number, of which the newest stay.
  static constexpr Duration kWindow = std::chrono::hours{1};
  static constexpr std::size_t kMost = 10'000;

  // A move of ours begins, so an earlier one of its segment is no longer watched.
  void start(const SegmentKey& key) { watched_.erase(key); }
  // A move of ours has succeeded.
  void land(const Flight& move, TimePoint finished);
  // The moves that were undone since the last look; each at most once.
  [[nodiscard]] std::vector<Reversal> observe(const Cluster& cluster);

  [[nodiscard]] std::size_t watched() const { return watched_.size(); }

  // Names all that must outlive a restart, for a reader or a writer. So do the structs within.
  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("watched", self.watched_);
  }

 private:
  // A landed move, and its segment's collection where a picture told it.
  struct Watched {
    Flight move;
    CollectionId collection{};
    TimePoint finished{};

    template <typename Self, typename Visit>
    static void members(Self& self, Visit&& visit) {
      visit("move", self.move);
      visit("collection", self.collection);
      visit("finished", self.finished);
    }
  };

  void forget_the_oldest();

  std::map<SegmentKey, Watched> watched_;
};

}  // namespace evenkeel::rules
