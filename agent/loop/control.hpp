#pragma once
// The interface of a running agent to other threads.

#include <cstdint>
#include <future>
#include <tl/expected.hpp>

#include "agent/loop/decision.hpp"
#include "agent/loop/request.hpp"

namespace evenkeel::loop {

// The reason why a request was not accepted.
enum class Denial {
  not_ready,  // the cluster has not been observed yet
  stopping,
  full,  // too much is waiting already
};

// A receipt for an accepted request.
struct Ticket {
  std::uint64_t number = 0;  // 1, 2, … since the start; Decision::requests has it
  // For a pause, a drain or their ends alone: the first snapshot in which it is in force. A broken
  // promise if the agent ends before.
  std::future<SnapshotPtr> taken_up;
};

// The abstract agent that takes requests. All its functions are thread-safe.
class Control {
 public:
  virtual ~Control() = default;

  // The newest snapshot; null before the first one.
  [[nodiscard]] virtual SnapshotPtr snapshot() const = 0;

  using Answer = tl::expected<Ticket, Denial>;
  [[nodiscard]] virtual Answer ask(RoundRequest request) = 0;
  [[nodiscard]] virtual Answer ask(TransferRequest request) = 0;
  [[nodiscard]] virtual Answer ask(PauseRequest request) = 0;
  [[nodiscard]] virtual Answer ask(ResumeRequest request) = 0;
  [[nodiscard]] virtual Answer ask(DrainRequest request) = 0;

  virtual void count(AlertResult result, std::uint64_t times) = 0;
};

}  // namespace evenkeel::loop
