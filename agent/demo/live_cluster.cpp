#include "agent/demo/live_cluster.hpp"

#include <algorithm>
#include <utility>

namespace evenkeel::demo {
namespace {

// A load_balance call looks this often whether it is done: the clock may not be the system's.
constexpr std::chrono::milliseconds kLook{10};

// The coordinator and the proxy have the ids that follow the nodes'.
Directory directory_of(const World& world) {
  std::int64_t highest = 0;
  for (const auto& node : world.nodes) {
    highest = std::max(highest, static_cast<std::int64_t>(node.id));
  }
  return {rules::NodeId{highest + 1}, {}, rules::NodeId{highest + 2}};
}

}  // namespace

LiveCluster::LiveCluster(World world, SimulationClock now)
    : clock(std::move(now)),
      started_unix(
          std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
              .count()),
      directory(directory_of(world)),
      user(world.user),
      password(world.password),
      denied(world.denied),
      simulation(std::move(world), clock()) {}

Awaitable<tl::expected<void, Refusal>> load_balance(LiveClusterPtr cluster, Transfer transfer,
                                                    std::function<bool()> over) {
  ++cluster->load_balance_calls;
  const auto done = cluster->simulation.load_balance(transfer, cluster->clock());
  if (!done) co_return tl::unexpected(done.error());
  asio::steady_timer timer(co_await asio::this_coro::executor);
  const auto waits = [&] { return !cluster->closed && !(over && over()); };
  for (auto now = cluster->clock(); now < *done && waits(); now = cluster->clock()) {
    timer.expires_after(std::min<std::chrono::nanoseconds>(*done - now, kLook));
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_return tl::expected<void, Refusal>{};
}

}  // namespace evenkeel::demo
