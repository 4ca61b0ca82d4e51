#pragma once
// A coordinator in front of another: every call passes two hooks on its way.

#include <optional>

#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

class WrappedCoordinator : public Coordinator {
 public:
  // `other` must outlive it.
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
  // What a call comes to without being made; none: it is made.
  [[nodiscard]] virtual std::optional<Failure> refuse() { return std::nullopt; }
  // The end of a call that was made, with its failure or null. Not called where the caller was
  // cancelled.
  virtual void ended(const Failure* failure) = 0;

  template <typename T, typename Call>
  [[nodiscard]] Awaitable<Result<T>> pass(Call call);

  Coordinator& other_;
};

}  // namespace evenkeel::milvus
