#pragma once
// An agent's hold of Milvus's own balancer, as by a key in etcd under a lease: it ends by itself
// where the agent dies.

#include <string>

#include "agent/loop/balancer_hold.hpp"
#include "agent/loop/clock.hpp"
#include "tests/sim/cluster.hpp"

namespace evenkeel::sim {

class Hold final : public loop::BalancerHold {
 public:
  static constexpr Duration kLease = std::chrono::seconds{12};

  // All must outlive it. `start`: when the world began.
  Hold(const World& world, Cluster& cluster, loop::Clock& clock, TimePoint start);

  // Its agent has died: nothing that it still asks for reaches etcd.
  void sever() { severed_ = true; }

  [[nodiscard]] Awaitable<tl::expected<void, std::string>> take() override;
  void keep_until(TimePoint moment) override { kept_until_ = moment; }
  [[nodiscard]] std::optional<std::string> lost() const override;
  [[nodiscard]] bool out_of_reach() const override;
  void set_acting(bool acting) override { acting_ = acting; }
  [[nodiscard]] Awaitable<Duration> tend() override;
  [[nodiscard]] Awaitable<void> let_go() override;
  [[nodiscard]] const loop::BuiltinBalancer& state() const override { return state_; }

 private:
  [[nodiscard]] Awaitable<bool> reach();
  [[nodiscard]] Awaitable<bool> renew();
  [[nodiscard]] bool wanted() const;
  [[nodiscard]] bool lasts() const { return clock_.now() < lasts_until_; }
  void become(loop::Hold hold, std::string words);

  const World& world_;
  Cluster& cluster_;
  loop::Clock& clock_;
  TimePoint start_;
  bool always_;
  bool acting_ = true;
  bool severed_ = false;
  TimePoint kept_until_{}, lasts_until_{};
  loop::BuiltinBalancer state_;
};

}  // namespace evenkeel::sim
