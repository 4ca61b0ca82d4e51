#include "agent/cli/hold.hpp"

namespace evenkeel::cli {
namespace {

balancer::HoldOptions hold_options(const settings::Settings& settings) {
  return {.root_path = settings.etcd.root_path,
          .lease = std::chrono::ceil<std::chrono::seconds>(settings.builtin_balancer.lease),
          .always = settings.builtin_balancer.hold_for == "always"};
}

}  // namespace

bool holds_by_etcd(const settings::Settings& settings) {
  const auto& balancer = settings.builtin_balancer;
  return balancer.mode == "hold" && balancer.via != "suspend" && !settings.etcd.endpoints.empty();
}

Hold::Hold(const asio::any_io_executor& executor, const settings::Settings& settings,
           loop::Clock& clock)
    : etcd(executor, settings.etcd),
      balancer(executor, etcd.client, clock, hold_options(settings)) {}

std::unique_ptr<Hold> make_hold(const asio::any_io_executor& executor,
                                const settings::Settings& settings, loop::Clock& clock,
                                bool dry_run) {
  if (dry_run || !holds_by_etcd(settings)) return nullptr;
  return std::make_unique<Hold>(executor, settings, clock);
}

}  // namespace evenkeel::cli
