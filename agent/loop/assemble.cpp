#include "agent/loop/assemble.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "agent/util/format.hpp"

namespace evenkeel::loop {
namespace {

using rules::Cluster;
using rules::NodeHealth;
using rules::NodeId;

// Which scrape results claim to be which node.
using Claims = std::map<NodeId, std::vector<const scrape::TargetResult*>>;

Claims claims_of(const std::vector<scrape::TargetResult>& scraped) {
  Claims claims;
  for (const auto& result : scraped) {
    if (result.figures.id) claims[*result.figures.id].push_back(&result);
  }
  return claims;
}

void set_capacity(rules::Node& node, rules::Bytes reported,
                  const settings::Settings::Capacity& capacity) {
  auto own = capacity.node.find(to_string(node.id));
  if (own == capacity.node.end()) own = capacity.node.find(node.address);
  if (own != capacity.node.end()) {
    node.capacity = own->second;
    node.capacity_source = rules::CapacitySource::configured_node;
  } else if (capacity.standard) {
    node.capacity = *capacity.standard;
    node.capacity_source = rules::CapacitySource::configured_default;
  } else if (reported > 0) {
    node.capacity = reported;
    node.capacity_source = rules::CapacitySource::coordinator;
  }
}

void set_memory(rules::Node& node, const std::vector<const scrape::TargetResult*>* claims) {
  if (claims == nullptr) {
    node.health = NodeHealth::unreachable;
    node.problem = "no metrics target answered as this node";
    return;
  }
  if (claims->size() > 1) {
    node.health = NodeHealth::ambiguous;
    node.problem = "claimed by " + claims->front()->target + " and by " + claims->back()->target;
    return;
  }
  const scrape::TargetResult& result = *claims->front();
  if (result.error) {
    node.health = NodeHealth::unreachable;
    node.problem = result.failure();
  } else if (result.figures.problem || !result.figures.resident) {
    node.health = NodeHealth::invalid;
    node.problem = result.failure();
  } else {
    node.health = NodeHealth::up;
    node.used = *result.figures.resident;
    node.sampled_at = result.at;
  }
}

void add_nodes(Cluster& cluster, const Answers& answers,
               const std::vector<milvus::QueryNode>& known,
               const settings::Settings::Capacity& capacity) {
  Claims claims = claims_of(answers.scraped);
  for (const auto& listed : answers.nodes ? *answers.nodes : known) {
    if (std::any_of(cluster.nodes.begin(), cluster.nodes.end(),
                    [&](const auto& n) { return n.id == listed.id; })) {
      continue;  // listed twice
    }
    rules::Node node;
    node.id = listed.id;
    node.address = listed.address;
    set_capacity(node, listed.memory, capacity);
    const auto found = claims.find(listed.id);
    set_memory(node, found == claims.end() ? nullptr : &found->second);
    if (listed.has_error) {
      node.health = NodeHealth::stopping;
      node.problem = "the coordinator says: " + (listed.error.empty() ? "in error" : listed.error);
    }
    if (found != claims.end()) claims.erase(found);
    cluster.nodes.push_back(std::move(node));
  }
  for (const auto& [id, results] : claims) {
    rules::Node node;
    node.id = id;
    node.address = results.front()->target;
    set_capacity(node, 0, capacity);
    set_memory(node, &results);
    if (node.health == NodeHealth::up) {
      node.health = NodeHealth::unlisted;
      node.problem = "its metrics answer, but the coordinator does not list it";
    }
    cluster.nodes.push_back(std::move(node));
  }
}

rules::Bytes size_of(const milvus::SegmentInfo& segment, const RowSize& row) {
  if (segment.memory_size > 0) return segment.memory_size;
  const double bytes =
      std::round(static_cast<double>(std::max<std::int64_t>(segment.rows, 0)) * row.bytes);
  constexpr rules::Bytes kMost = std::numeric_limits<rules::Bytes>::max() / 4;
  return static_cast<rules::Bytes>(std::min(bytes, static_cast<double>(kMost)));
}

void add_segments(Cluster& cluster, const CollectionAnswers& answers, const RowSize& row) {
  std::map<NodeId, rules::ReplicaId> replica_of;
  for (const auto& replica : *answers.replicas) {
    for (const NodeId node : replica.nodes) replica_of.emplace(node, replica.id);
  }
  for (const auto& segment : *answers.segments) {
    // `nodes` mixes the replicas: each copy belongs to the replica whose node holds it.
    for (const NodeId node : segment.nodes) {
      const auto replica = replica_of.find(node);
      cluster.segments.push_back(
          {.id = segment.id,
           .collection = answers.info.id,
           .partition = segment.partition,
           .replica = replica == replica_of.end() ? rules::ReplicaId{} : replica->second,
           .node = node,
           .rows = segment.rows,
           .bytes = size_of(segment, row),
           .size_source = segment.memory_size > 0 ? rules::SizeSource::reported : row.source,
           .state = segment.state});
    }
  }
}

RowSize corrected(const RowSize& row, double correction) {
  if (correction == 1) return row;
  return {row.bytes * correction, rules::SizeSource::corrected};
}

void add_collection(Cluster& cluster, const CollectionAnswers& answers, const RowSize& row,
                    double correction) {
  rules::Collection collection{.id = answers.info.id,
                               .name = answers.info.name,
                               .complete = true,
                               .problem = {},
                               .row_bytes = row.bytes,
                               .correction = correction};
  const auto incomplete = [&](const std::string& why) {
    collection.complete = false;
    if (!collection.problem.empty()) collection.problem += "; ";
    collection.problem += why;
  };
  if (!answers.replicas) incomplete(answers.replicas.error().message);
  if (!answers.segments) incomplete(answers.segments.error().message);
  if (answers.info.loaded_percentage < 100) {
    incomplete("still loading (" + std::to_string(answers.info.loaded_percentage) + " %)");
  }
  if (answers.replicas) {
    for (const auto& replica : *answers.replicas) {
      cluster.replicas.push_back(
          {replica.id, answers.info.id, replica.resource_group, replica.nodes});
    }
    if (answers.segments) add_segments(cluster, answers, corrected(row, correction));
  }
  if (!collection.complete)
    cluster.problems.push_back("collection " + collection.name + ": " + collection.problem);
  cluster.collections.push_back(std::move(collection));
}

bool dropped_meanwhile(const CollectionAnswers& answers) {
  const auto gone = [](const auto& result) {
    return !result && result.error().kind == milvus::FailureKind::not_found;
  };
  return gone(answers.replicas) || gone(answers.segments);
}

}  // namespace

Cluster assemble(const Answers& answers, const std::vector<milvus::QueryNode>& known,
                 const RowSizes& sizes, const rules::Weights& weights,
                 const settings::Settings::Capacity& capacity, rules::TimePoint now) {
  Cluster cluster;
  cluster.observed_at = now;
  cluster.coordinator_complete = answers.nodes.has_value() && answers.collections.has_value();
  if (!answers.nodes) cluster.problems.push_back(answers.nodes.error().message);
  if (!answers.collections) cluster.problems.push_back(answers.collections.error().message);
  add_nodes(cluster, answers, known, capacity);
  for (const auto& collection : answers.distribution) {
    // Dropped or released between two calls: it has no segments any more, and that is no error.
    if (dropped_meanwhile(collection)) continue;
    const rules::CollectionId id = collection.info.id;
    add_collection(cluster, collection, sizes.of(id, capacity.default_row_bytes), weights.of(id));
  }
  for (const auto& node : cluster.nodes) {
    if (node.health != NodeHealth::up) {
      cluster.problems.push_back("node " + to_string(node.id) + ": " + node.problem);
    }
  }
  for (const auto& result : answers.scraped) {
    if (!result.good() && !result.figures.id) cluster.problems.push_back(result.failure());
  }
  return cluster;
}

}  // namespace evenkeel::loop
