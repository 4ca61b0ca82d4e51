#include "agent/loop/targets.hpp"

#include <cassert>
#include <utility>

#include "agent/util/format.hpp"

namespace evenkeel::loop {

std::set<rules::NodeId> answered_in(const std::vector<scrape::TargetResult>& results) {
  std::set<rules::NodeId> nodes;
  for (const auto& result : results) {
    if (result.figures.id) nodes.insert(*result.figures.id);
  }
  return nodes;
}

TargetList targets_for(const settings::Settings::Scrape& settings,
                       const std::vector<milvus::QueryNode>& nodes) {
  TargetList targets;
  std::set<std::string> seen;
  const auto add = [&](http::Url url) {
    if (seen.insert(url.str()).second) targets.urls.push_back(std::move(url));
  };
  for (const auto& target : settings.targets) {
    if (auto url = http::parse_url(target)) add(*std::move(url));
  }
  if (!settings.targets.empty()) return targets;
  // An address from the coordinator is never pasted into a URL: it might lead elsewhere.
  for (const auto& node : nodes) {
    auto host = http::host_of(node.address);
    if (host) {
      add({.host = *std::move(host), .port = settings.port, .target = "/metrics"});
    } else {
      targets.problems.push_back(
          {"node " + to_string(node.id) + ": its metrics are not read, since its " + host.error()});
    }
  }
  return targets;
}

std::vector<TargetState> Targets::count(const std::vector<scrape::TargetResult>& results) {
  std::vector<TargetState> states;
  states.reserve(results.size());
  for (const auto& result : results) {
    instruments_.scraped(result.target, result.failure_kind());
    states.push_back({result.target, result.good(), result.seconds, result.failure()});
  }
  std::set<std::string_view> current;
  for (const auto& result : results) current.insert(result.target);
  instruments_.keep_targets(current);
  return states;
}

std::vector<TargetState> Targets::take(const std::vector<http::Url>& urls,
                                       const std::vector<scrape::TargetResult>& results,
                                       const std::vector<milvus::QueryNode>& known) {
  assert(results.size() <= urls.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& id = results[i].figures.id;
    if (results[i].good() && id) by_node_[*id] = urls[i];
  }
  // A restarted node has a new id: old ids would pile up over the years.
  std::set<rules::NodeId> present = answered_in(results);
  for (const auto& node : known) present.insert(node.id);
  std::erase_if(by_node_, [&](const auto& entry) { return !present.contains(entry.first); });
  return count(results);
}

std::optional<http::Url> Targets::of(rules::NodeId node) const {
  const auto found = by_node_.find(node);
  return found == by_node_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace evenkeel::loop
