#pragma once
// Unexplained memory: the part of each node's memory that its segments do not explain (growing
// segments, caches, allocators' reserves, the process itself), now and at its highest, since a node
// may need again as much as it once did. Pure; the ledger keeps one.
//
// It is read only while nothing is under way to or from a node and nothing has left it within
// Policy::settle, so that neither a segment that loads nor memory that falls late looks
// unexplained. Memory that has not fallen by then is used memory, and does.

#include <deque>
#include <map>

#include "rules/cluster.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

// The unexplained memory of each node, now and over a window.
class Unexplained {
 public:
  // Reads every node whose newest sample is newer than the one last read. The cluster must have
  // been read completely; `totals` are its own. `calm`: the newest samples of the nodes to and from
  // which nothing is under way.
  void observe(const Cluster& cluster, const std::vector<NodeTotals>& totals,
               const std::map<NodeId, Sample>& calm, const Policy& policy);

  // Bytes as last read; 0 where a node was never read.
  [[nodiscard]] Bytes of(NodeId node) const;
  // The bytes by which it has been higher within Policy::unexplained_window. A peak that came only
  // once does not count: it may be a fault of reading.
  [[nodiscard]] Bytes kept_free(NodeId node, TimePoint now, const Policy& policy) const;

  // Names all that must outlive a restart, for a reader or a writer. So do the structs within.
  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("watched", self.watched_);
    visit("row_sizes", self.row_sizes_);
  }

 private:
  // The highest figure of one part of the window.
  struct Peak {
    TimePoint from{};
    Bytes bytes = 0;

    template <typename Self, typename Visit>
    static void members(Self& self, Visit&& visit) {
      visit("from", self.from);
      visit("bytes", self.bytes);
    }
  };
  // A node's unexplained memory, and the samples it was read from.
  struct Watched {
    TimePoint seen{};     // the newest sample that was read
    TimePoint falling{};  // until then, the memory of segments that left may be falling
    Bytes held = 0;       // bytes of its segments at that sample
    Bytes now = 0;
    std::deque<Peak> peaks;  // oldest first

    template <typename Self, typename Visit>
    static void members(Self& self, Visit&& visit) {
      visit("seen", self.seen);
      visit("falling", self.falling);
      visit("held", self.held);
      visit("now", self.now);
      visit("peaks", self.peaks);
    }
  };

  void follow_sizes(const Cluster& cluster);
  static void watch(Watched& watched, const Sample& sample, Bytes held, const Policy& policy);

  std::map<NodeId, Watched> watched_;
  std::map<CollectionId, double> row_sizes_;  // bytes per row in the last cluster
};

}  // namespace evenkeel::rules
