#pragma once

#include <optional>

#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

// A coordinator in front of another, to which it passes every call between two hooks.
class WrappedCoordinator : public Coordinator {
 public:
  // `other` must outlive this.
  explicit WrappedCoordinator(Coordinator& other) : other_(other) {}

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

 protected:
  [[nodiscard]] Coordinator& other() { return other_; }

 private:
  // Returns the failure of a call that is not to be made; none: it is made.
  [[nodiscard]] virtual std::optional<Failure> refuse() { return std::nullopt; }
  // Called after each call that was made, with its failure or null, unless a cancellation threw.
  virtual void ended(const Failure* failure) = 0;

  template <typename T, typename Call>
  [[nodiscard]] Awaitable<Result<T>> pass(Call call);

  Coordinator& other_;
};

}  // namespace evenkeel::milvus
