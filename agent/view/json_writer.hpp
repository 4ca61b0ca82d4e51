#pragma once
// The one place where nodes, replicas, segments, moves, plans and decisions become JSON. Their
// members have the names that agent/api/openapi.json gives them.

#include <map>
#include <string>

#include "agent/loop/decision.hpp"
#include "agent/view/cluster.hpp"
#include "agent/view/json.hpp"

namespace evenkeel::view {

// How many members of a value are written.
enum class Detail {
  api,   // those that openapi.json describes
  full,  // also those that only the verbs print
};

// Writes the values of one cluster.
class JsonWriter {
 public:
  // `cluster` and `policy` must outlive the writer.
  JsonWriter(const rules::Cluster& cluster, const rules::Policy& policy,
             Detail detail = Detail::api);

  // A list of all nodes. `judgement` is of the cluster; null: there is none yet.
  [[nodiscard]] Json nodes(const rules::Judgement* judgement);
  [[nodiscard]] Json replicas(const rules::Judgement* judgement);
  [[nodiscard]] Json segment(const rules::Segment& segment);
  // A list of the copies of segments that the judgement left out, and why.
  [[nodiscard]] static Json set_aside(const rules::Judgement& judgement);
  // Which Milvus it is. `untested` says why it is not acted on; empty: it is.
  [[nodiscard]] Json milvus(const std::string& untested) const;

  [[nodiscard]] Json move(const rules::Move& move);
  // The decision's plan: its moves, why it has none, and what it could not do.
  [[nodiscard]] Json plan(const loop::Decision& decision);
  [[nodiscard]] Json call(const rules::Call& call);
  [[nodiscard]] static Json gates(const rules::Admission& admission);
  // What a finished round came to.
  [[nodiscard]] Json decision(const loop::Decision& decision);

 private:
  [[nodiscard]] bool full() const { return detail_ == Detail::full; }
  [[nodiscard]] Json node(const JudgedNode& judged) const;
  [[nodiscard]] Json replica(const JudgedReplica& judged);
  void put_verdict(Json& json, const rules::ReplicaVerdict& verdict) const;
  [[nodiscard]] Json rejected_move(const rules::RejectedMove& move) const;
  [[nodiscard]] Json unfixable(const rules::Unfixable& wrong) const;
  [[nodiscard]] Json moves(const rules::Plan& plan);
  [[nodiscard]] Json made_move(const loop::MoveRecord& record);

  const rules::Cluster& cluster_;
  const rules::Policy& policy_;
  Detail detail_;
  CollectionNames names_;
};

// Where the sizes of the segments to move come from.
[[nodiscard]] std::map<rules::SegmentId, rules::SizeSource> size_sources(
    const rules::Plan& plan, const rules::Cluster& cluster);

}  // namespace evenkeel::view
