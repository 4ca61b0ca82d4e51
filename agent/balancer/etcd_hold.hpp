#pragma once
// Holds Milvus's own balancer off by its live configuration in etcd:
// ROOT/config/queryCoord/autoBalance = false, under a lease. Milvus reads its configuration there
// every 5 s (seen on 2.3.5 and 2.6.19), and when the agent dies, the key goes with the lease.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "agent/etcd/client.hpp"
#include "agent/loop/balancer_hold.hpp"
#include "agent/loop/clock.hpp"
#include "agent/util/async_mutex.hpp"

namespace evenkeel::balancer {

// The key and the times of an EtcdHold.
struct HoldOptions {
  std::string root_path = "by-dev";  // etcd.rootPath of Milvus
  std::chrono::seconds lease{30};    // without a renewal the hold ends after this
  bool always = false;               // hold from the start on, and not just for moves
  std::size_t most_keys = 5'000;     // of live configuration; Milvus has some hundred in all
  rules::Duration read_within = std::chrono::seconds{6};  // until Milvus goes by a new value
};

// An operator's own value, which is one without a lease, is never overwritten or deleted, however
// its key is spelled: where it is false it holds the balancer off, and any other prevents a hold.
class EtcdHold final : public loop::BalancerHold {
 public:
  // Both must outlive this.
  EtcdHold(const asio::any_io_executor& executor, etcd::Client& client, loop::Clock& clock,
           HoldOptions options);

  [[nodiscard]] Awaitable<tl::expected<void, std::string>> take() override;
  void keep_until(rules::TimePoint moment) override;
  [[nodiscard]] std::optional<std::string> lost() const override;
  [[nodiscard]] bool out_of_reach() const override;
  void set_acting(bool acting) override { acting_ = acting; }
  [[nodiscard]] Awaitable<rules::Duration> tend() override;
  [[nodiscard]] Awaitable<void> let_go() override;
  [[nodiscard]] const loop::BuiltinBalancer& state() const override { return state_; }

  [[nodiscard]] const std::string& key() const { return key_; }

 private:
  using Outcome = tl::expected<void, std::string>;
  // What etcd has of the setting.
  struct Setting {
    std::optional<etcd::KeyValue> leased;   // at our key
    std::vector<etcd::KeyValue> operators;  // values of somebody else
  };

  [[nodiscard]] Awaitable<tl::expected<Setting, std::string>> look();
  [[nodiscard]] Awaitable<Outcome> hold();
  [[nodiscard]] Awaitable<Outcome> put(etcd::Revision expected);
  [[nodiscard]] Awaitable<Outcome> ensure_lease();
  [[nodiscard]] Awaitable<rules::Duration> renew();
  [[nodiscard]] Awaitable<rules::Duration> rest();
  [[nodiscard]] Awaitable<rules::Duration> hold_again(std::string why);
  [[nodiscard]] Awaitable<void> release();
  [[nodiscard]] Outcome leave_to(const std::vector<etcd::KeyValue>& operators);
  [[nodiscard]] bool wanted() const;
  [[nodiscard]] rules::Duration pause() const;
  void become(loop::Hold hold, std::string words);
  // Notes that etcd failed, and returns its words.
  [[nodiscard]] tl::unexpected<std::string> failed(etcd::Failure failure);

  etcd::Client& client_;
  loop::Clock& clock_;
  HoldOptions options_;
  std::string key_;
  AsyncMutex mutex_;  // of who talks to etcd
  loop::BuiltinBalancer state_;
  std::optional<etcd::Lease> lease_;  // the one that our key is to have, or has
  rules::TimePoint lasts_until_{};    // the lease, at the least
  rules::TimePoint read_at_{};        // from then on Milvus goes by our value
  rules::TimePoint wanted_until_{};
  bool acting_ = true;
  bool out_of_reach_ = false;  // etcd, when it was asked last for the hold
};

}  // namespace evenkeel::balancer
