#include "agent/cli/turns.hpp"

#include <unistd.h>

#include <boost/asio/ip/host_name.hpp>

namespace evenkeel::cli {
namespace {

std::string own_host() {
  boost::system::error_code error;
  std::string name = asio::ip::host_name(error);
  return error || name.empty() ? "a host without a name" : name;
}

turns::TurnOptions turn_options(const settings::Settings& settings) {
  turns::TurnOptions options;
  options.prefix = "evenkeel/" + settings.etcd.root_path;
  options.lease = std::chrono::ceil<std::chrono::seconds>(settings.turns.lease);
  options.host = own_host();
  options.process = ::getpid();
  return options;
}

}  // namespace

Turns::Turns(const asio::any_io_executor& executor, const settings::Settings& settings,
             loop::Clock& clock)
    : etcd(executor, settings.etcd), turns(executor, etcd.client, clock, turn_options(settings)) {}

std::unique_ptr<Turns> make_turns(const asio::any_io_executor& executor,
                                  const settings::Settings& settings, loop::Clock& clock,
                                  bool dry_run) {
  if (dry_run || settings.turns.mode != "etcd") return nullptr;
  return std::make_unique<Turns>(executor, settings, clock);
}

}  // namespace evenkeel::cli
