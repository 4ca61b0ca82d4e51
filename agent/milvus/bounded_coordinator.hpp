#pragma once

#include <functional>
#include <optional>
#include <string>

#include "agent/milvus/wrapped_coordinator.hpp"

namespace evenkeel::milvus {

// Asks a coordinator no more once it has left too many questions unanswered, or once a look has
// taken too long: one that hangs must not hold a look for as long as it has collections.
class BoundedCoordinator final : public WrappedCoordinator {
 public:
  // This many questions in a row that time out end a look.
  static constexpr int kMostTimeouts = 4;

  // `other` and what `now` refers to must outlive this.
  BoundedCoordinator(Coordinator& other, std::function<rules::TimePoint()> now);

  // Begins a look: no question is begun later than `longest` from now.
  void begin(rules::Duration longest);
  // Says why no more is asked in this look; empty: all is asked. Such a question fails as
  // transport, with `not_asked`.
  [[nodiscard]] std::string given_up() const;

  // Sends the move even if the look was given up: a call that is due is no question.
  [[nodiscard]] Awaitable<Result<void>> load_balance(const LoadBalance& request) override;

 private:
  [[nodiscard]] std::optional<Failure> refuse() override;
  void ended(const Failure* failure) override;

  std::function<rules::TimePoint()> now_;
  rules::TimePoint last_{};  // no question is begun after it; the epoch: no bound
  rules::Duration longest_{};
  int timeouts_ = 0;  // in a row
};

}  // namespace evenkeel::milvus
