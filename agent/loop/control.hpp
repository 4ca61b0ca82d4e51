#pragma once
// What a running agent offers to other threads.

#include <cstdint>
#include <future>
#include <tl/expected.hpp>

#include "agent/loop/decision.hpp"
#include "agent/loop/request.hpp"

namespace evenkeel::loop {

// Why a request was not taken.
enum class Denial {
  not_ready,  // the cluster has not been observed yet
  stopping,
  full,  // too much is waiting already
};

struct Ticket {
  std::uint64_t number = 0;  // 1, 2, … since the agent started; decisions name what they answer
  // The first picture in which a pause or its end holds. Broken where the agent ends before.
  std::future<SnapshotPtr> taken_up;
};

class Control {
 public:
  virtual ~Control() = default;

  // The newest picture; null before the first observation.
  [[nodiscard]] virtual SnapshotPtr snapshot() const = 0;

  using Answer = tl::expected<Ticket, Denial>;
  [[nodiscard]] virtual Answer ask(RoundRequest request) = 0;
  [[nodiscard]] virtual Answer ask(TransferRequest request) = 0;
  [[nodiscard]] virtual Answer ask(PauseRequest request) = 0;
  [[nodiscard]] virtual Answer ask(ResumeRequest request) = 0;

  virtual void count(AlertResult result, std::uint64_t times) = 0;
};

}  // namespace evenkeel::loop
