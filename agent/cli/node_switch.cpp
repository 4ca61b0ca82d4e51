#include "agent/cli/node_switch.hpp"

#include <utility>

#include "agent/cli/session.hpp"

namespace evenkeel::cli {

std::string switch_node(const Common& common, std::int64_t node, bool on) {
  auto settings = settings_or_report(common);
  if (!settings) return "its settings are wrong";
  configure_log(*settings);
  Session session(*std::move(settings));
  const milvus::NodeSwitch to{.node = rules::NodeId{node}, .on = on};
  const auto switched = session.run(session.coordinator.switch_node(to));
  return switched ? "" : switched.error().message;
}

}  // namespace evenkeel::cli
