#pragma once
// A coordinator whose calls are counted, whoever makes them. An exception in one is a failure of it
// (transport) like any other, so that it ends neither a look nor the watch over a move.

#include <functional>

#include "agent/milvus/wrapped_coordinator.hpp"

namespace evenkeel::milvus {

class CountedCoordinator final : public WrappedCoordinator {
 public:
  // `counted` is called at the end of each call, with its failure or null. `other` must outlive
  // this.
  using Counted = std::function<void(const Failure*)>;
  CountedCoordinator(Coordinator& other, Counted counted);

 private:
  void ended(const Failure* failure) override;

  Counted counted_;
};

}  // namespace evenkeel::milvus
