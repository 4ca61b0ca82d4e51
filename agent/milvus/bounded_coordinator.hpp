#pragma once
// A coordinator that is asked no further once it has left too many questions unanswered, or once
// one look at the cluster has taken too long: one that hangs must not hold a look for as long as it
// has collections.

#include <functional>
#include <optional>
#include <string>

#include "agent/milvus/wrapped_coordinator.hpp"

namespace evenkeel::milvus {

class BoundedCoordinator final : public WrappedCoordinator {
 public:
  // So many questions that time out with no answer between them end a look.
  static constexpr int kMostTimeouts = 4;

  // `other` and `now` must outlive it.
  BoundedCoordinator(Coordinator& other, std::function<rules::TimePoint()> now);

  // A look begins: no question is begun later than `longest` (seconds) from now.
  void begin(rules::Duration longest);
  // Why no more is asked in this look, in words; empty: all is asked. Such a question comes to a
  // failure of kind transport with `not_asked`.
  [[nodiscard]] std::string given_up() const;

  // Passed on whatever was given up: a call that is due is no question.
  [[nodiscard]] Awaitable<Result<void>> load_balance(const LoadBalance& request) override;

 private:
  [[nodiscard]] std::optional<Failure> refuse() override;
  void ended(const Failure* failure) override;

  std::function<rules::TimePoint()> now_;
  rules::TimePoint last_{};  // no question is begun after it; the epoch: whenever
  rules::Duration longest_{};
  int timeouts_ = 0;  // since the last answer
};

}  // namespace evenkeel::milvus
