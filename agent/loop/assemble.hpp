#pragma once
// From what coordinator and nodes answered to one Cluster value. Pure: every oddity of the wire
// that concerns how the answers fit together is dealt with here.

#include <string>
#include <vector>

#include "agent/loop/answers.hpp"
#include "agent/loop/row_sizes.hpp"
#include "agent/milvus/coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "agent/settings/settings.hpp"
#include "rules/cluster.hpp"
#include "rules/weights.hpp"

namespace evenkeel::loop {

// Every replica was read, and none has a node.
[[nodiscard]] bool no_nodes_named(const Answers& answers);

// `known`: the nodes of the last complete answer, used where this time the coordinator does not
// say. `weights` correct all sizes but those reported for the very segment.
[[nodiscard]] rules::Cluster assemble(const Answers& answers,
                                      const std::vector<milvus::QueryNode>& known,
                                      const RowSizes& sizes, const rules::Weights& weights,
                                      const settings::Settings::Capacity& capacity,
                                      rules::TimePoint now);

// Why nothing is moved on this Milvus, in words; empty: it may be.
[[nodiscard]] std::string not_acted_on(const rules::Cluster& cluster,
                                       const settings::Settings::Milvus& settings);

// Newer samples of its nodes alone; a scrape that failed changes nothing, so that its node's sample
// grows old.
void read_again(rules::Cluster& cluster, const std::vector<scrape::TargetResult>& scraped);

}  // namespace evenkeel::loop
