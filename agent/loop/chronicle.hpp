#pragma once
// The record of decisions, and the publisher of snapshots.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "agent/loop/context.hpp"
#include "agent/loop/decision.hpp"
#include "agent/loop/journal.hpp"
#include "agent/loop/memory_lines.hpp"
#include "agent/loop/pauses.hpp"
#include "agent/loop/picture.hpp"

namespace evenkeel::loop {

class Chronicle {
 public:
  // All must outlive it.
  Chronicle(Context& context, const Picture& picture, const Pauses& pauses);

  // Goes on with the numbers and the alerts of an earlier run.
  void recall(const Memory& memory);
  // Goes on with those of another agent; no number comes twice.
  void take_over(const Memory& memory);
  // When the last round that an alert caused began; the epoch: never.
  [[nodiscard]] rules::TimePoint last_alert_round() const;
  // Puts them into `memory`.
  void remember(Memory& memory) const;

  // The number of the next decision: 1, 2, …
  [[nodiscard]] std::uint64_t next_decision() { return next_decision_++; }
  // Stores, counts and logs a finished decision, then publishes.
  void record(Decision decision);
  // Sets when the next round is due; nullopt while one is under way.
  void expect_round(std::optional<rules::TimePoint> due) { next_round_ = due; }
  // Notes a reload; `good`: the new settings are in force.
  void reloaded(bool good);

  // Publishes a new snapshot.
  void publish();
  // The newest snapshot; null before the first. Any thread may call it.
  [[nodiscard]] SnapshotPtr latest() const;
  // `callback` runs on the loop's thread after each publication.
  void on_publish(std::function<void(const SnapshotPtr&)> callback);

 private:
  void remember_alerts(const Decision& decision);

  Context& context_;
  const Picture& picture_;
  const Pauses& pauses_;
  std::vector<std::shared_ptr<const Decision>> decisions_;  // newest first
  std::vector<AlertDecision> alert_decisions_;              // newest first
  MemoryLines lines_;
  std::shared_ptr<const MemoryLines> shown_lines_;  // copied once a step: they are large
  std::uint64_t next_decision_ = 1;
  std::uint64_t version_ = 0;
  std::optional<rules::TimePoint> next_round_;
  rules::TimePoint last_reload_;  // the start counts as one
  bool last_reload_ok_ = true;
  std::function<void(const SnapshotPtr&)> published_;
  mutable std::mutex mutex_;  // guards `latest_`, which other threads read
  SnapshotPtr latest_;
};

}  // namespace evenkeel::loop
