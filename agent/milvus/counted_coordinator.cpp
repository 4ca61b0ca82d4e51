#include "agent/milvus/counted_coordinator.hpp"

#include <utility>

namespace evenkeel::milvus {

CountedCoordinator::CountedCoordinator(Coordinator& other, Counted counted)
    : WrappedCoordinator(other), counted_(std::move(counted)) {}

void CountedCoordinator::ended(const Failure* failure) {
  // A list that this version lacks is no failure of the coordinator.
  const bool failed = failure != nullptr && failure->kind != FailureKind::unsupported;
  counted_(failed ? failure : nullptr);
}

}  // namespace evenkeel::milvus
