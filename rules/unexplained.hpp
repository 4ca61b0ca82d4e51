#pragma once
// The part of each node's memory that its segments do not explain (growing segments, caches, what
// allocators keep, the process itself): how large it is now, and how large it has been, since what
// it once needed it may need again. Pure; the ledger keeps one.
//
// Read only while nothing is under way to or from a node and nothing has left it within
// Policy::settle, so that neither a segment that loads nor memory that falls late looks
// unexplained. Memory that has not fallen by then is used memory, and does.

#include <deque>
#include <map>

#include "rules/cluster.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

class Unexplained {
 public:
  // Reads every node whose newest sample is newer than what was read last. The cluster must have
  // been read completely; `totals` are its own. `calm`: the newest samples of the nodes to and
  // from which nothing is under way.
  void observe(const Cluster& cluster, const std::vector<NodeTotals>& totals,
               const std::map<NodeId, Sample>& calm, const Policy& policy);

  // As last read; 0 where it never was.
  [[nodiscard]] Bytes of(NodeId node) const;
  // How much higher than that it has been within Policy::unexplained_window. A peak that came only
  // once does not count: it may be a fault of reading.
  [[nodiscard]] Bytes kept_free(NodeId node, TimePoint now, const Policy& policy) const;

 private:
  // The highest figure of a part of the window.
  struct Peak {
    TimePoint from{};
    Bytes bytes = 0;
  };
  struct Watched {
    TimePoint seen{};     // the newest sample that was looked at
    TimePoint falling{};  // until then, memory of what left may be falling
    Bytes held = 0;       // by the node's segments, when it was looked at
    Bytes now = 0;
    std::deque<Peak> peaks;  // oldest first
  };

  void follow_sizes(const Cluster& cluster);
  static void watch(Watched& watched, const Sample& sample, Bytes held, const Policy& policy);

  std::map<NodeId, Watched> watched_;
  std::map<CollectionId, double> row_sizes_;  // bytes per row that the last cluster counted with
};

}  // namespace evenkeel::rules
