#include "agent/cli/hold.hpp"

#include "agent/settings/address.hpp"
#include "agent/util/log.hpp"

namespace evenkeel::cli {
namespace {

http::ClientOptions http_options(const settings::Settings::Etcd& etcd) {
  http::ClientOptions options;
  options.tls = {.ca_file = etcd.ca_file,
                 .cert_file = etcd.cert_file,
                 .key_file = etcd.key_file,
                 .verify = etcd.tls_verify};
  return options;
}

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
    const auto url = http::parse_url(endpoint);
    if (url->tls || settings::Listen{.host = url->host}.is_loopback()) continue;
    log::warn("the login for etcd goes over the network in clear", {{"address", endpoint}});
  }
}

}  // namespace

Hold::Hold(const asio::any_io_executor& executor, const settings::Settings& settings,
           loop::Clock& clock)
    : http(executor, http_options(settings.etcd)),
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
