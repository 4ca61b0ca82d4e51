#include "agent/cli/node_switch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <utility>

#include "agent/cli/session.hpp"

namespace evenkeel::cli {

std::string switch_node(const Common& common, std::int64_t node, bool on) {
  auto settings = settings_or_report(common);
  if (!settings) return "its settings are wrong";
  configure_log(*settings);
  Session session(*std::move(settings));
  auto done = asio::co_spawn(
      session.io, session.coordinator.switch_node({.node = rules::NodeId{node}, .on = on}),
      asio::use_future);
  session.io.run();
  const auto switched = done.get();
  return switched ? "" : switched.error().message;
}

}  // namespace evenkeel::cli
