#pragma once
// Coordinators in front of another: one counts its calls, one bounds them.

#include <functional>
#include <optional>
#include <string>

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
  [[nodiscard]] Awaitable<Result<void>> switch_balancer(const BalancerSwitch& request) override;
  [[nodiscard]] Awaitable<Result<void>> switch_node(const NodeSwitch& request) override;

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
