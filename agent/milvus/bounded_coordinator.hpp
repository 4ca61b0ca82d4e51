#pragma once
// A coordinator that is asked no further once it has left too many questions unanswered, or once
// one look at the cluster has taken too long: one that hangs must not hold a look for as long as it
// has collections.

#include <functional>
#include <string>

#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

class BoundedCoordinator final : public Coordinator {
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
  // Passed on whatever was given up: a call that is due is no question.
  [[nodiscard]] Awaitable<Result<void>> load_balance(const LoadBalance& request) override;
  [[nodiscard]] Awaitable<Result<std::vector<ReplicaRoles>>> replica_roles() override;
  [[nodiscard]] Awaitable<Result<std::vector<ResourceGroup>>> resource_groups() override;
  [[nodiscard]] Awaitable<Result<std::vector<SegmentSize>>> segment_sizes() override;
  [[nodiscard]] Awaitable<Result<std::vector<SegmentChannel>>> segment_channels() override;
  [[nodiscard]] Awaitable<Result<bool>> balancer_active() override;

 private:
  template <typename T, typename Ask>
  [[nodiscard]] Awaitable<Result<T>> ask(Ask question);

  Coordinator& other_;
  std::function<rules::TimePoint()> now_;
  rules::TimePoint last_{};  // no question is begun after it; the epoch: whenever
  rules::Duration longest_{};
  int timeouts_ = 0;  // since the last answer
};

}  // namespace evenkeel::milvus
