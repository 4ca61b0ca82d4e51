#pragma once
// GET /api/v1/plan: the round that the agent would begin now.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "agent/api/response.hpp"
#include "agent/loop/decision.hpp"

namespace evenkeel::api {

// Judges, plans and admits as a round does, but sends nothing. May take seconds on a large cluster.
[[nodiscard]] Json plan_of(const loop::Snapshot& snapshot);

// Makes plans for readers, at most one of each snapshot and one at a time, so that any number of
// them costs at most one processor. Thread-safe.
class Plans {
 public:
  // Returns the plan of this snapshot, or an earlier one while another reader's is being made.
  // Null: there is none yet, after a second of waiting.
  [[nodiscard]] std::shared_ptr<const web::Response> of(const loop::SnapshotPtr& snapshot);

 private:
  std::mutex mutex_;
  std::condition_variable made_;
  bool being_made_ = false;
  loop::SnapshotPtr snapshot_;  // the one that `newest_` was made of
  std::shared_ptr<const web::Response> newest_;
};

}  // namespace evenkeel::api
