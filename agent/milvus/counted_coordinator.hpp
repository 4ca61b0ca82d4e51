#pragma once
// A coordinator whose calls are counted, whoever makes them.

#include <cstdint>
#include <functional>
#include <vector>

#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

class CountedCoordinator final : public Coordinator {
 public:
  // `counted` is called at the end of each call, with its failure or null. `other` must outlive
  // this.
  using Counted = std::function<void(const Failure*)>;
  CountedCoordinator(Coordinator& other, Counted counted);

  [[nodiscard]] Awaitable<Result<std::vector<QueryNode>>> query_nodes() override;
  [[nodiscard]] Awaitable<Result<std::vector<CollectionInfo>>> collections() override;
  [[nodiscard]] Awaitable<Result<std::vector<ReplicaInfo>>> replicas(
      const CollectionInfo& collection) override;
  [[nodiscard]] Awaitable<Result<std::vector<SegmentInfo>>> segments(
      const CollectionInfo& collection) override;
  [[nodiscard]] Awaitable<Result<rules::Bytes>> row_bytes(
      const CollectionInfo& collection) override;
  [[nodiscard]] Awaitable<Result<void>> load_balance(const LoadBalance& request) override;

 private:
  template <typename T>
  [[nodiscard]] Awaitable<Result<T>> count(Awaitable<Result<T>> call);

  Coordinator& other_;
  Counted counted_;
};

}  // namespace evenkeel::milvus
