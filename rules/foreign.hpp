#pragma once
// Foreign moves: segments that changed their node, and no move of ours explains it. They are the
// sign that Milvus's own balancer, a person or a second agent moves segments, too. Pure; the loop
// keeps one and shows it each observation.
//
// A sealed segment has moved where two observations in a row show it on one node each, and on
// different ones. It counts only where somebody chose so: its collection was read in full both
// times, both nodes are up and query nodes of its replica, and the node that it left is still there
// at the look after that. So a node that died or is being emptied, a collection that loads, a
// compaction (which makes new segments) and a replica that changes its nodes do not count.

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/ledger.hpp"
#include "rules/undone.hpp"

namespace evenkeel::rules {

// A segment that somebody else has moved.
struct ForeignMove {
  SegmentId segment{};
  ReplicaId replica{};
  CollectionId collection{};
  NodeId from{};
  NodeId to{};
  Bytes bytes = 0;
  TimePoint seen{};
  bool reverses = false;  // it takes back a move of ours

  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("segment", self.segment);
    visit("replica", self.replica);
    visit("collection", self.collection);
    visit("from", self.from);
    visit("to", self.to);
    visit("bytes", self.bytes);
    visit("seen", self.seen);
    visit("reverses", self.reverses);
  }
};

// The newest foreign moves.
class ForeignMoves {
 public:
  static constexpr std::size_t kMost = 1000;  // that are remembered, the newest

  // Compares two observations in a row; `before` may be null. `reversals` are those that Undone saw
  // in `now`. Returns the moves that are certain since this look, each once.
  [[nodiscard]] std::vector<ForeignMove> observe(const Cluster* before, const Cluster& now,
                                                 const Ledger& ledger,
                                                 const std::vector<Reversal>& reversals);

  // Those seen since that time, oldest first, also those that are not certain yet.
  [[nodiscard]] std::vector<ForeignMove> since(TimePoint time) const;

  // Names all that must outlive a restart, for a reader or a writer. So do the structs within.
  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("recent", self.recent_);
  }

 private:
  std::vector<ForeignMove> recent_;     // certain, oldest first
  std::vector<ForeignMove> suspected_;  // seen at the last look
};

// The reason, in words, why levelling waits until `quiet` has passed without a foreign move; empty:
// it need not.
[[nodiscard]] std::string disquiet(const std::vector<ForeignMove>& recent, const Cluster& cluster,
                                   Duration quiet);

}  // namespace evenkeel::rules
