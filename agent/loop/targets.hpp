#pragma once
// Metrics targets of the nodes: their URLs, the node that answers at each, and counts of scrapes.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/http/client.hpp"
#include "agent/loop/decision.hpp"
#include "agent/loop/instruments.hpp"
#include "agent/milvus/coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "agent/settings/settings.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::loop {

// The targets to scrape for the given nodes.
struct TargetList {
  std::vector<http::Url> urls;           // each once
  std::vector<rules::Problem> problems;  // nodes without a target
};
[[nodiscard]] TargetList targets_for(const settings::Settings::Scrape& settings,
                                     const std::vector<milvus::QueryNode>& nodes);

// The nodes that answered.
[[nodiscard]] std::set<rules::NodeId> answered_in(const std::vector<scrape::TargetResult>& results);

class Targets {
 public:
  // `instruments` count the scrapes and must outlive it.
  explicit Targets(Instruments& instruments) : instruments_(instruments) {}

  // Takes the results of scraping `urls`, in their order, and forgets nodes that neither answered
  // nor are in `known`. Returns the state of each target.
  std::vector<TargetState> take(const std::vector<http::Url>& urls,
                                const std::vector<scrape::TargetResult>& results,
                                const std::vector<milvus::QueryNode>& known);

  // The target that last answered as this node; nullopt if none did.
  [[nodiscard]] std::optional<http::Url> of(rules::NodeId node) const;

 private:
  [[nodiscard]] std::vector<TargetState> count(const std::vector<scrape::TargetResult>& results);

  Instruments& instruments_;
  std::map<rules::NodeId, http::Url> by_node_;
};

}  // namespace evenkeel::loop
