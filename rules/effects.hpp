#pragma once
// Effects: whether relieving a node lowers its memory. Once twice a node's excess has left it and
// its memory did not fall, the memory is not its segments' (an allocator keeps it, growing
// segments, caches): moving more would only empty the node. Pure; the ledger keeps one.

#include <map>

#include "rules/cluster.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

// The nodes under relief, and what it did to their memory.
class Effects {
 public:
  // Compares the nodes' newest samples with the bytes that left them.
  void observe(const Cluster& cluster, const Samples& samples, const Policy& policy);

  // A move of ours off this node has landed. `used_before`: the source's memory before the move; 0:
  // unknown. Only nodes over their threshold are remembered.
  void left(NodeId source, Bytes bytes, Bytes used_before, TimePoint now);
  // Segments came to a node, by us or by others.
  void arrived(NodeId node, Bytes bytes);
  // A segment that had left was taken back.
  void returned(NodeId source, Bytes bytes);

  // The node's memory did not fall, so nothing more is moved off it: for Policy::failure_rest, four
  // times as long after each further time, or until its memory changes by a fiftieth of its
  // capacity.
  [[nodiscard]] bool memory_stays(NodeId node, TimePoint now, const Policy& policy) const;
  // The node was relieved within Policy::settle, and its memory has not fallen so far: it is not
  // levelled on the strength of a fall that may never come.
  [[nodiscard]] bool awaited(NodeId node, TimePoint now, const Policy& policy) const;

  // Names all that must outlive a restart, for a reader or a writer. So do the structs within.
  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("watched", self.watched_);
    visit("excess", self.excess_);
  }

 private:
  // A node under relief.
  struct Watched {
    Bytes excess = 0;  // over relief's target, when it began
    Bytes before = 0;  // memory when it began
    Bytes left = 0;    // bytes of segments since; 0: a rest is over, and no segment has left since
    Bytes arrived = 0;
    TimePoint last{};         // the last departure
    Bytes used = 0;           // the newest sample
    TimePoint rests_until{};  // the epoch: it does not rest
    Bytes used_at_rest = 0;   // memory when the last rest began
    int rests = 0;            // in a row

    template <typename Self, typename Visit>
    static void members(Self& self, Visit&& visit) {
      visit("excess", self.excess);
      visit("before", self.before);
      visit("left", self.left);
      visit("arrived", self.arrived);
      visit("last", self.last);
      visit("used", self.used);
      visit("rests_until", self.rests_until);
      visit("used_at_rest", self.used_at_rest);
      visit("rests", self.rests);
    }
  };

  [[nodiscard]] static bool moved(const Watched& watched, Bytes by);
  [[nodiscard]] static bool fell(const Watched& watched);
  [[nodiscard]] static bool in_vain(const Watched& watched, TimePoint now, const Policy& policy);

  std::map<NodeId, Watched> watched_;
  std::map<NodeId, Bytes> excess_;  // bytes over relief's target, by node over its threshold
};

}  // namespace evenkeel::rules
