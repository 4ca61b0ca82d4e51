#pragma once
// How the rules are to judge, plan and admit. Defaults are those of config/evenkeel.toml.

#include <chrono>

#include "rules/cluster.hpp"

namespace evenkeel::rules {

struct Policy {
  // Milvus 2.1's two marks, as ratios of each node's own capacity.
  double overload_threshold =
      0.90;                      // a node above it is overloaded; no destination may end above it
  double max_difference = 0.30;  // highest − lowest of one replica's nodes above it: level

  // Hysteresis. An overloaded node is relieved down to overload_threshold − overload_margin; a
  // replica is levelled until its spread is at most max_difference × difference_stop.
  double overload_margin = 0.02;
  double difference_stop = 0.5;

  // Evidence.
  int evidence_samples = 3;  // a condition must hold in this many samples of a node
  Duration max_sample_age = std::chrono::seconds{45};

  // What a destination needs while it loads a segment, as a multiple of the segment's bytes (≥ 1).
  double loading_peak = 1.5;

  // How many steps the search for fewer bytes may take for each part of a small cluster whose
  // segments are coarse; some 2,000 are a millisecond. 0: the first plan is taken.
  std::int64_t effort = 2'000'000;

  // Budgets of one round and one call.
  int max_moves_per_round = 20;  // segments
  Bytes max_bytes_per_round = Bytes{64} << 30;
  int max_segments_per_call = 5;  // newer Milvus silently drops what goes beyond 5

  // Rests.
  Duration segment_cooldown =
      std::chrono::minutes{10};               // a moved segment stays where it is so long
  Duration settle = std::chrono::minutes{5};  // how long a source's memory may take to fall
  int failures_before_rest = 3;
  Duration failure_rest = std::chrono::hours{1};  // a segment that failed that often rests so long

  // Memory of a node that its segments do not explain is kept free for it up to the highest that it
  // has been within so long; 0: only as much as it is now.
  Duration unexplained_window = std::chrono::minutes{30};
};

// Settings refuse a policy whose figures are no numbers or contradict each other. Should one get
// here all the same, nothing is planned by it.
[[nodiscard]] inline bool usable(const Policy& policy) {
  const auto within = [](double value, double from, double to) {
    return value >= from && value <= to;  // false for a NaN
  };
  return within(policy.overload_threshold, 0.01, 10) &&
         within(policy.overload_margin, 0, policy.overload_threshold) &&
         within(policy.max_difference, 0, 10) && within(policy.difference_stop, 0, 1) &&
         within(policy.loading_peak, 1, 100);
}

// How many samples make evidence, kept within reason: the ledger remembers no more than that.
[[nodiscard]] constexpr int evidence_samples(const Policy& policy) {
  constexpr int kMost = 100;
  return policy.evidence_samples < 1       ? 1
         : policy.evidence_samples > kMost ? kMost
                                           : policy.evidence_samples;
}

}  // namespace evenkeel::rules
