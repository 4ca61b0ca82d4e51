#pragma once
// A coordinator whose calls are counted, whoever makes them. An exception in one is a failure of it
// (transport) like any other, so that it ends neither a look nor the watch over a move.

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

  [[nodiscard]] Awaitable<Result<SystemInfo>> system_info() override;
  [[nodiscard]] Awaitable<Result<Databases>> databases() override;
  [[nodiscard]] Awaitable<Result<std::vector<CollectionInfo>>> collections(
      const std::string& database) override;
  [[nodiscard]] Awaitable<Result<std::vector<ReplicaInfo>>> replicas(
      const CollectionInfo& collection) override;
  [[nodiscard]] Awaitable<Result<std::vector<SegmentInfo>>> segments(
      const CollectionInfo& collection) override;
  [[nodiscard]] Awaitable<Result<rules::Bytes>> row_bytes(
      const CollectionInfo& collection) override;
  [[nodiscard]] Awaitable<Result<void>> load_balance(const LoadBalance& request) override;
  [[nodiscard]] Awaitable<Result<std::vector<ReplicaRoles>>> replica_roles() override;
  [[nodiscard]] Awaitable<Result<std::vector<ResourceGroup>>> resource_groups() override;
  [[nodiscard]] Awaitable<Result<std::vector<SegmentSize>>> segment_sizes() override;
  [[nodiscard]] Awaitable<Result<std::vector<SegmentChannel>>> segment_channels() override;
  [[nodiscard]] Awaitable<Result<bool>> balancer_active() override;

 private:
  template <typename T>
  [[nodiscard]] Awaitable<Result<T>> count(Awaitable<Result<T>> call);

  Coordinator& other_;
  Counted counted_;
};

}  // namespace evenkeel::milvus
