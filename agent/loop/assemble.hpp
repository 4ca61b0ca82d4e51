#pragma once
// Makes one Cluster of the raw answers. Pure: answers that contradict each other are dealt with
// here and nowhere else.

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

// True if every replica was read and none has a node.
[[nodiscard]] bool no_nodes_named(const Answers& answers);

// `known`: the nodes of the last complete answer, used if the list of nodes could not be read this
// time. `weights` correct estimated sizes, and cap sizes that were reported for the very segment.
[[nodiscard]] rules::Cluster assemble(const Answers& answers,
                                      const std::vector<milvus::QueryNode>& known,
                                      const RowSizes& sizes, const rules::Weights& weights,
                                      const settings::Settings::Capacity& capacity,
                                      rules::TimePoint now);

// The reason, in words, to move nothing on this Milvus; empty: moves are allowed.
[[nodiscard]] std::string not_acted_on(const rules::Cluster& cluster,
                                       const settings::Settings::Milvus& settings);

// Replaces the nodes' samples by newer ones. A failed scrape changes nothing: its node's sample
// grows old.
void read_again(rules::Cluster& cluster, const std::vector<scrape::TargetResult>& scraped);

}  // namespace evenkeel::loop
