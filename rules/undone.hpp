#pragma once
// Moves of ours that somebody else has reversed: the sign of two balancers that disagree. Pure; the
// loop keeps one, tells it of its moves, and shows it each observation.
//
// Whoever reports a move has seen the segment on its destination. It counts as undone where a
// later, complete picture shows it on other nodes alone while the destination is up. Not where the
// destination died or left, where the segment is gone (compacted, released, dropped), where it is
// in transit (on both), or where we moved it again ourselves.

#include <cstddef>
#include <map>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/ledger.hpp"

namespace evenkeel::rules {

struct Reversal {
  Flight move;     // that was undone
  NodeId taken{};  // where the segment is now; one of them where there are several
  TimePoint seen{};
};

class Undone {
 public:
  // Moves are watched for so long, and at most so many of them, the newest.
  static constexpr Duration kWindow = std::chrono::hours{1};
  static constexpr std::size_t kMost = 10'000;

  // A move of ours begins: what was watched of its segment is no longer to be judged.
  void start(const SegmentKey& key) { watched_.erase(key); }
  // A move of ours has succeeded.
  void land(const Flight& move, TimePoint finished);
  // What was undone since the last look; each move at most once.
  [[nodiscard]] std::vector<Reversal> observe(const Cluster& cluster);

  [[nodiscard]] std::size_t watched() const { return watched_.size(); }

 private:
  struct Watched {
    Flight move;
    CollectionId collection{};
    TimePoint finished{};
  };

  void forget_the_oldest();

  std::map<SegmentKey, Watched> watched_;
};

}  // namespace evenkeel::rules
