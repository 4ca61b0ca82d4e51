#pragma once
// The thresholds, margins, budgets and rests by which the rules judge, plan and admit. Defaults are
// those of config/evenkeel.toml.

#include <chrono>

#include "rules/cluster.hpp"

namespace evenkeel::rules {

// The settings of the rules.
struct Policy {
  // Milvus 2.1's two thresholds, as ratios of each node's own capacity.
  double overload_threshold =
      0.90;  // a node above it is overloaded; no destination may end above it
  double max_difference =
      0.30;  // above it, the nodes of one replica are levelled: highest − lowest

  // Hysteresis. An overloaded node is relieved down to overload_threshold − overload_margin; a
  // replica is levelled until its spread is at most max_difference × difference_stop.
  double overload_margin = 0.02;
  double difference_stop = 0.5;

  int evidence_samples = 3;  // a condition must hold in this many samples of a node
  Duration max_sample_age = std::chrono::seconds{45};

  // The peak of memory that loading a segment needs, as a multiple of the segment's bytes (≥ 1).
  double loading_peak = 1.5;

  // The most steps that the search may take for each component; some 2,000 are a millisecond. 0: no
  // search, the quick plan is taken.
  std::int64_t effort = 2'000'000;

  // The budgets of one round and one call.
  int max_moves_per_round = 20;  // segments
  Bytes max_bytes_per_round = Bytes{64} << 30;
  int max_segments_per_call = 5;  // newer Milvus silently drops those beyond 5

  // Rests: the cool-down of a moved segment, the time that a source's memory may take to fall, and
  // the rest of a segment that failed `failures_before_rest` times.
  Duration segment_cooldown = std::chrono::minutes{10};
  Duration settle = std::chrono::minutes{5};
  int failures_before_rest = 3;
  Duration failure_rest = std::chrono::hours{1};

  // The window whose highest unexplained memory is kept free on a node; 0: only its present one.
  Duration unexplained_window = std::chrono::minutes{30};

  // A node is relieved before it is overloaded, if it surely will be within this time; 0: it is
  // not.
  Duration act_ahead{0};
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

// The number of samples that make evidence, within 1–100: the ledger remembers no more.
[[nodiscard]] constexpr int evidence_samples(const Policy& policy) {
  constexpr int kMost = 100;
  return policy.evidence_samples < 1       ? 1
         : policy.evidence_samples > kMost ? kMost
                                           : policy.evidence_samples;
}

}  // namespace evenkeel::rules
