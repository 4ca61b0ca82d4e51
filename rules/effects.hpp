#pragma once
// Whether relieving a node lowers its memory. Where twice what it was over has left it and its
// memory did not fall, the memory is not its segments' (an allocator keeps it, growing segments,
// caches): moving more would only empty the node. Pure; the ledger keeps one.

#include <map>

#include "rules/cluster.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

class Effects {
 public:
  // Compares the nodes' newest samples with what left them.
  void observe(const Cluster& cluster, const Samples& samples, const Policy& policy);

  // Moves of ours that have landed. `used_before`: the source's memory before the move; 0: unknown.
  // Only what leaves a node that is over its threshold is remembered.
  void left(NodeId source, Bytes bytes, Bytes used_before, TimePoint now);
  // What came to a node, by us or by others.
  void arrived(NodeId node, Bytes bytes);
  // Something that had left it was taken back.
  void returned(NodeId source, Bytes bytes);

  // Its memory did not fall, and nothing more is to be moved off it: for Policy::failure_rest, four
  // times as long after each further time, or until its memory changes by a fiftieth of its
  // capacity.
  [[nodiscard]] bool memory_stays(NodeId node, TimePoint now, const Policy& policy) const;
  // It was relieved within Policy::settle, and its memory has not fallen so far: it is not levelled
  // on the strength of a fall that may never come.
  [[nodiscard]] bool awaited(NodeId node, TimePoint now, const Policy& policy) const;

 private:
  // A node while it is relieved.
  struct Watched {
    Bytes excess = 0;  // over what relief aims at, when it began
    Bytes before = 0;  // memory then
    Bytes left = 0;    // of segments since; 0: a rest is over, and nothing has left it again
    Bytes arrived = 0;
    TimePoint last{};         // when something last left
    Bytes used = 0;           // by the newest sample
    TimePoint rests_until{};  // the epoch: it does not rest
    Bytes used_at_rest = 0;   // when the last rest began
    int rests = 0;            // one after the other
  };

  [[nodiscard]] static bool moved(const Watched& watched, Bytes by);
  [[nodiscard]] static bool fell(const Watched& watched);
  [[nodiscard]] static bool in_vain(const Watched& watched, TimePoint now, const Policy& policy);

  std::map<NodeId, Watched> watched_;
  std::map<NodeId, Bytes> excess_;  // of the nodes that are over their threshold
};

}  // namespace evenkeel::rules
