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
// at all. Sizes that were reported for the very segment are neither learned from nor corrected.

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
// Policy::loading_peak is its reciprocal.
inline constexpr double kLeastFactor = 2.0 / 3;
inline constexpr double kMostFactor = 3.0;

struct Weight {
  double factor = 1;     // kLeastFactor to kMostFactor; 1 where too little or too unsure is known
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
};

}  // namespace evenkeel::rules
