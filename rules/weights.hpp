#pragma once
// weights: what the segments of a collection really weigh, as a multiple of the bytes that are
// stated for them (rows × bytes per row), learned from what moves did to the memory of the nodes
// they went to. Pure. A value: the loop keeps one, and hands it to what makes the next Cluster, so
// that all rules see corrected bytes and none corrects them itself.
//
// An observation is the rise of a destination's memory over the stated bytes that arrived. It
// counts only if nothing else can have caused the rise: all that arrived is of one collection, the
// node's rows changed by just that, nothing left the node within Policy::settle, and the node's
// memory kept still enough before. A source teaches nothing: its memory falls late, in part or not
// at all. Sizes that were reported for the very segment are not learned from.
//
// The sum teaches, too: all segments of a collection on a node cannot weigh more than all memory
// that the node uses. Quantised, compressed and mapped indexes weigh a quarter or a twentieth of
// what is stated; the bound says so of every segment, also of those whose size was reported, and
// never too little on the average of the node.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/ledger.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

// What an index and its working memory add to the vectors stays within the upper bound; beyond it,
// something else is wrong. To count too little is what fills a destination, and a node that loads
// into memory that its allocator had kept makes segments look light. So the lower bound is such
// that a plan that counts by it still fits if the stated bytes were right: the usual
// Policy::loading_peak is its reciprocal. Where the bound of the sum is below what is stated, the
// factor of the moves is held against that instead.
inline constexpr double kLeastFactor = 2.0 / 3;
inline constexpr double kMostFactor = 3.0;
// No bound is below that: DiskANN keeps a twentieth in memory, and nothing weighs nothing.
inline constexpr double kLeastBound = 0.02;

struct Weight {
  double factor = 1;  // kLeastFactor × bound to kMostFactor; the bound where too little is known
  double bound = 1;   // at most 1: what the nodes' memory allows, for sizes that were reported
  int observations = 0;  // that it rests on, the newest nine at most
  double deviation = 0;  // how far they are from their median in the median, as a part of it
};

class Weights {
 public:
  // Call it once after each observation that the ledger has seen, before Ledger::expire. What a
  // collection taught is forgotten when the stated bytes per row are no longer those it was learned
  // by (its schema or index changed, or they come from elsewhere), and when it is gone.
  void observe(const Cluster& cluster, const Ledger& ledger, const Policy& policy);

  [[nodiscard]] Weight weight(CollectionId collection) const;
  [[nodiscard]] double of(CollectionId collection) const { return weight(collection).factor; }
  [[nodiscard]] double bound(CollectionId collection) const;

 private:
  // A node, as of its samples in calm.
  struct Watched {
    TimePoint seen{};          // the newest of them
    std::int64_t rows = 0;     // in its segments at that time
    TimePoint falling{};       // until then, memory of what left may be falling
    std::deque<Sample> still;  // the newest of those between which nothing came or went
  };
  struct Learned {
    double row_bytes = 0;       // as stated while it was learned
    std::deque<double> ratios;  // measured ÷ stated, oldest first
  };
  // A move that the ledger saw landing.
  struct Arrival {
    const Flight* flight = nullptr;
    TimePoint finished{};
    const Segment* segment = nullptr;  // where it is now; none: compacted, released or moved on
  };
  // What landed moves did to one node between two samples.
  struct Change {
    std::int64_t arrived_rows = 0;
    std::vector<const Segment*> arrived;
    bool clean = true;  // all that arrived is still there
  };

  // What a node holds by stated bytes, and since when it has been just that.
  struct Load {
    double stated = 0;
    TimePoint since{};
  };

  void bound_by_sums(const Cluster& cluster, const Ledger& ledger, const Policy& policy);
  // `whole`: all nodes that hold much of it could be read, so that the bound may rise.
  void hold_bound(CollectionId collection, double bound, bool whole);

  [[nodiscard]] static std::vector<Arrival> arrivals(const Cluster& cluster, const Ledger& ledger);
  [[nodiscard]] static Change change_of(NodeId node, TimePoint since,
                                        const std::vector<Arrival>& arrivals);
  void forget(const Cluster& cluster);
  void watch(const Cluster& cluster, Watched& watched, const Sample& sample, std::int64_t rows,
             const Change& change, const Policy& policy);
  void learn(const Cluster& cluster, const Watched& before, const Sample& sample,
             const std::vector<const Segment*>& arrived);

  std::map<NodeId, Watched> watched_;
  std::map<CollectionId, Learned> learned_;
  std::map<NodeId, Load> loads_;
  std::map<CollectionId, double> bounds_;  // those below 1
};

}  // namespace evenkeel::rules
