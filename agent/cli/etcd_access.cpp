#include "agent/cli/etcd_access.hpp"

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

void warn_of_clear_login(const settings::Settings::Etcd& etcd) {
  if (etcd.username.empty()) return;
  for (const auto& endpoint : etcd.endpoints) {
    if (!goes_in_clear(endpoint)) continue;
    log::warn("the login for etcd goes over the network in clear", {{"address", endpoint}});
  }
}

}  // namespace

EtcdAccess::EtcdAccess(const asio::any_io_executor& executor,
                       const settings::Settings::Etcd& settings)
    : http(executor, client_options(settings)), client(http, etcd_options(settings)) {
  warn_of_clear_login(settings);
}

}  // namespace evenkeel::cli
