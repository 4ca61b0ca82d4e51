#pragma once
// From what coordinator and nodes answered to one Cluster value. Pure: every oddity of the wire
// that concerns how the answers fit together is dealt with here.

#include <optional>
#include <string>
#include <vector>

#include "agent/loop/row_sizes.hpp"
#include "agent/milvus/coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "agent/settings/settings.hpp"
#include "rules/cluster.hpp"
#include "rules/weights.hpp"

namespace evenkeel::loop {

struct CollectionAnswers {
  milvus::CollectionInfo info;
  milvus::Result<std::vector<milvus::ReplicaInfo>> replicas;
  milvus::Result<std::vector<milvus::SegmentInfo>> segments;
};

struct Answers {
  milvus::Result<std::vector<milvus::QueryNode>> nodes;
  milvus::Result<std::vector<milvus::CollectionInfo>> collections;
  std::vector<CollectionAnswers> distribution;  // one a loaded collection
  std::vector<scrape::TargetResult> scraped;
};

// `known`: the nodes of the last complete answer, used where this time the coordinator does not
// say. `weights` correct all sizes but those reported for the very segment.
[[nodiscard]] rules::Cluster assemble(const Answers& answers,
                                      const std::vector<milvus::QueryNode>& known,
                                      const RowSizes& sizes, const rules::Weights& weights,
                                      const settings::Settings::Capacity& capacity,
                                      rules::TimePoint now);

}  // namespace evenkeel::loop
