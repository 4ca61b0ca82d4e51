#include "agent/cli/hold.hpp"

#include "agent/cli/session.hpp"
#include "agent/util/log.hpp"

namespace evenkeel::cli {
namespace {

etcd::ClientOptions etcd_options(const settings::Settings::Etcd& etcd) {
  etcd::ClientOptions options;
  for (const auto& endpoint : etcd.endpoints) {
    options.endpoints.push_back(*http::parse_url(endpoint));  // validated with the settings
  }
  options.username = etcd.username;
  options.password_file = etcd.password_file;
  options.timeout = etcd.timeout;
  return options;
}

balancer::HoldOptions hold_options(const settings::Settings& settings) {
  return {.root_path = settings.etcd.root_path,
          .lease = std::chrono::ceil<std::chrono::seconds>(settings.builtin_balancer.lease),
          .always = settings.builtin_balancer.hold_for == "always"};
}

void warn_of_clear_login(const settings::Settings::Etcd& etcd) {
  if (etcd.username.empty()) return;
  for (const auto& endpoint : etcd.endpoints) {
    if (!goes_in_clear(endpoint)) continue;
    log::warn("the login for etcd goes over the network in clear", {{"address", endpoint}});
  }
}

}  // namespace

Hold::Hold(const asio::any_io_executor& executor, const settings::Settings& settings,
           loop::Clock& clock)
    : http(executor, client_options(settings.etcd)),
      etcd(http, etcd_options(settings.etcd)),
      balancer(executor, etcd, clock, hold_options(settings)) {}

std::unique_ptr<Hold> make_hold(const asio::any_io_executor& executor,
                                const settings::Settings& settings, loop::Clock& clock,
                                bool dry_run) {
  if (dry_run || settings.builtin_balancer.mode != "hold") return nullptr;
  warn_of_clear_login(settings.etcd);
  return std::make_unique<Hold>(executor, settings, clock);
}

}  // namespace evenkeel::cli
