#pragma once

#include <functional>

#include "agent/milvus/wrapped_coordinator.hpp"

namespace evenkeel::milvus {

// Counts the calls to a coordinator, whoever makes them. An exception is a failure like any other
// (transport), so that it ends neither a look nor the watch over a move.
class CountedCoordinator final : public WrappedCoordinator {
 public:
  // `counted` gets each call's failure; null: success, or no such list. `other` must outlive this.
  using Counted = std::function<void(const Failure*)>;
  CountedCoordinator(Coordinator& other, Counted counted);

 private:
  void ended(const Failure* failure) override;

  Counted counted_;
};

}  // namespace evenkeel::milvus
