#pragma once
// The queue of sets to be levelled, widest first: the width of a set is its highest node's distance
// to its lowest, in ratio. A move changes hundreds of sets where collections live on overlapping
// ones, so the queue keeps one upper bound per node on its distance to the lowest node of its sets;
// it is recomputed exactly only for the top. Internal to rules/planner.

#include <optional>
#include <queue>
#include <vector>

#include "rules/planner/draft.hpp"

namespace evenkeel::rules {

// The open sets, of which the widest is asked for.
class Widest {
 public:
  // Widths that differ by less count as alike.
  static constexpr double kAlike = 1.0 / 500;

  // Only sets wider than `stop` are found. The draft must outlive this.
  Widest(const Draft& draft, double stop);

  // All sets are closed at first.
  void open(Index set);
  void close(Index set) { open_[set] = false; }
  [[nodiscard]] bool is_open(Index set) const { return open_[set]; }
  // Must be called after each move of the draft.
  void follow(Index from, Index to);
  // One of the widest, which are alike. None: no open set is wider than the stop.
  [[nodiscard]] std::optional<Index> set();

 private:
  // A node with an upper bound of its distance.
  struct Queued {
    double above = 0;
    Index node = 0;

    [[nodiscard]] bool operator<(const Queued& other) const {
      return above != other.above ? above < other.above : node > other.node;
    }
  };
  // The set whose lowest node is farthest below a node, and the distance.
  struct Farthest {
    double above = 0;
    Index set = kNone;
  };

  void queue(Index node, double above);
  [[nodiscard]] Farthest farthest(Index node, double alike) const;

  const Draft& draft_;
  double stop_;
  std::vector<bool> open_;      // by set
  std::vector<double> queued_;  // by node: its bound in queue_; 0: it is not queued
  std::priority_queue<Queued> queue_;
};

}  // namespace evenkeel::rules
