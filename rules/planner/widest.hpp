#pragma once
// Which of the sets to be levelled is the widest: its highest node the farthest above its lowest. A
// move changes hundreds of sets where collections live on overlapping ones, so what is kept is one
// figure a node, never below how far it is above the lowest node of any of its sets, and made exact
// only where it comes first. Internal to rules/.

#include <optional>
#include <queue>
#include <vector>

#include "rules/planner/draft.hpp"

namespace evenkeel::rules {

class Widest {
 public:
  // Widths that differ by less are not worth telling apart: a ratio.
  static constexpr double kAlike = 1.0 / 500;

  // Sets wider than this alone. The draft must outlive it.
  Widest(const Draft& draft, double stop);

  // Sets are closed in the beginning.
  void open(Index set);
  void close(Index set) { open_[set] = false; }
  [[nodiscard]] bool is_open(Index set) const { return open_[set]; }
  // The draft has moved something from the one node to the other.
  void follow(Index from, Index to);
  // One of the widest, which are alike. None: no open set is wider than the stop.
  [[nodiscard]] std::optional<Index> set();

 private:
  struct Queued {
    double above = 0;
    Index node = 0;

    [[nodiscard]] bool operator<(const Queued& other) const {
      return above != other.above ? above < other.above : node > other.node;
    }
  };
  struct Farthest {
    double above = 0;
    Index set = kNone;
  };

  void queue(Index node, double above);
  [[nodiscard]] Farthest farthest(Index node, double alike) const;

  const Draft& draft_;
  double stop_;
  std::vector<bool> open_;      // by set
  std::vector<double> queued_;  // by node: as what it stands in queue_; 0: it does not
  std::priority_queue<Queued> queue_;
};

}  // namespace evenkeel::rules
