#pragma once
// GET /api/v1/plan: what the agent would do in a round that began now.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "agent/api/json.hpp"
#include "agent/loop/decision.hpp"

namespace evenkeel::api {

// Judges, plans and admits as a round does, but sends nothing. May take seconds on a large cluster.
[[nodiscard]] Json plan_of(const loop::Snapshot& snapshot);

// Plans for readers: of each snapshot at most one is made, and one at a time, so that however many
// ask, they cost no more than one processor. Thread-safe.
class Plans {
 public:
  // The plan of this snapshot, or of an earlier one where another reader's is being made just now;
  // none: there is none yet, after a second of waiting for it.
  [[nodiscard]] std::shared_ptr<const web::Answer> of(const loop::SnapshotPtr& snapshot);

 private:
  std::mutex mutex_;
  std::condition_variable made_;
  bool being_made_ = false;
  loop::SnapshotPtr snapshot_;  // that the newest was made of
  std::shared_ptr<const web::Answer> newest_;
};

}  // namespace evenkeel::api
