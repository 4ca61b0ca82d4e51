#pragma once
// weights: the true weight of a collection's segments, as a multiple of their stated bytes (rows ×
// bytes per row), learned from the effect of moves on the memory of their destinations. Pure. A
// value: the loop keeps one, and applies it to the next Cluster, so that all rules see corrected
// bytes and none corrects them itself.
//
// An observation is the rise of a destination's memory over the stated bytes that arrived. It
// counts only if nothing else can have caused the rise: all arrivals are of one collection, the
// node's rows changed by just theirs, nothing left the node within Policy::settle, and the node's
// memory kept still enough before. A source teaches nothing: its memory falls late, in part or not
// at all. Sizes that were reported for the very segment are not learned from.
//
// Sums give an upper bound: all segments of a collection on a node cannot weigh more than all
// memory that the node uses. Quantised, compressed and mapped indexes weigh a quarter or a
// twentieth of their stated bytes; the bound tells so of every segment, also of those whose size
// was reported, and is never too low on the node's average.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/ledger.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

// The limits of a factor. An index and its working memory stay within the upper one; beyond it,
// something else is wrong. Too small a factor fills a destination, and a node that loads into
// memory that its allocator had kept makes segments look light, so the lower one is such that a
// plan that counts by it still fits if the stated bytes were right: the usual Policy::loading_peak
// is its reciprocal. Where the bound by sums is below 1, the lower limit is a part of that bound.
inline constexpr double kLeastFactor = 2.0 / 3;
inline constexpr double kMostFactor = 3.0;
// The least bound: DiskANN keeps a twentieth in memory, and nothing weighs nothing.
inline constexpr double kLeastBound = 0.02;

// The corrections of a collection's stated sizes.
struct Weight {
  double factor = 1;  // kLeastFactor × bound to kMostFactor; the bound where too little is known
  double bound = 1;   // by the nodes' memory, at most 1; for reported sizes
  int observations = 0;  // under the factor, the newest nine at most
  double deviation = 0;  // median distance of the observations from their median, as a part of it
};

// The weights of all collections.
class Weights {
 public:
  // Call it once after each observation that the ledger has seen, before Ledger::expire. A
  // collection's observations are forgotten when its stated bytes per row are no longer those it
  // was learned by (its schema or index changed, or they come from elsewhere), and when it is gone.
  void observe(const Cluster& cluster, const Ledger& ledger, const Policy& policy);

  [[nodiscard]] Weight weight(CollectionId collection) const;
  [[nodiscard]] double of(CollectionId collection) const { return weight(collection).factor; }
  [[nodiscard]] double bound(CollectionId collection) const;

  // Names all that must outlive a restart, for a reader or a writer. So do the structs within.
  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("watched", self.watched_);
    visit("learned", self.learned_);
    visit("loads", self.loads_);
    visit("bounds", self.bounds_);
  }

 private:
  // A node at its last calm samples.
  struct Watched {
    TimePoint seen{};          // the newest of them
    std::int64_t rows = 0;     // in its segments at that time
    TimePoint falling{};       // until then, the memory of segments that left may be falling
    std::deque<Sample> still;  // the newest samples between which nothing came or went

    template <typename Self, typename Visit>
    static void members(Self& self, Visit&& visit) {
      visit("seen", self.seen);
      visit("rows", self.rows);
      visit("falling", self.falling);
      visit("still", self.still);
    }
  };
  // The observations of one collection.
  struct Learned {
    double row_bytes = 0;       // as stated while it was learned
    std::deque<double> ratios;  // measured ÷ stated, oldest first

    template <typename Self, typename Visit>
    static void members(Self& self, Visit&& visit) {
      visit("row_bytes", self.row_bytes);
      visit("ratios", self.ratios);
    }
  };
  // A move that the ledger saw landing.
  struct Arrival {
    const Flight* flight = nullptr;
    TimePoint finished{};
    const Segment* segment =
        nullptr;  // on the destination now; null: compacted, released or moved on
  };
  // The arrivals on one node between two samples.
  struct Change {
    std::int64_t arrived_rows = 0;
    std::vector<const Segment*> arrived;
    bool clean = true;  // every arrival is still there
  };

  // The stated bytes on a node, and since when there have been exactly these.
  struct Load {
    double stated = 0;
    TimePoint since{};

    template <typename Self, typename Visit>
    static void members(Self& self, Visit&& visit) {
      visit("stated", self.stated);
      visit("since", self.since);
    }
  };

  void bound_by_sums(const Cluster& cluster, const Ledger& ledger, const Policy& policy);
  // `whole`: all nodes that hold much of the collection could be read, so that the bound may rise.
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
  std::map<CollectionId, double> bounds_;  // only bounds below 1
};

}  // namespace evenkeel::rules
