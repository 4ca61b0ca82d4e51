#pragma once
// Bytes per row of each collection, from which segments are estimated: learned from the query
// nodes' own figures if they agree with the coordinator's distribution, else from the schema, else
// a default.

#include <chrono>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "agent/milvus/coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::loop {

// Figures must stand still for this long: Milvus 2.3 counts bytes every 3 s, or at each request for
// system_info, which the observer sends every 7 s.
inline constexpr std::chrono::seconds kStill{15};

// The bytes of a row, and where the figure comes from.
struct RowSize {
  double bytes = 0;
  rules::SizeSource source = rules::SizeSource::assumed;
};

class RowSizes {
 public:
  // Learns a collection's bytes per row: the median over the nodes whose own row count equals the
  // distribution's, since a node may go on showing figures for segments that left it long ago. If
  // something was learned before, a node counts only after its figures have stood still for kStill:
  // it counts its rows at once and their bytes some seconds later.
  void learn(rules::CollectionId collection, const std::vector<milvus::SegmentInfo>& segments,
             const std::vector<scrape::TargetResult>& results);
  void set_schema(rules::CollectionId collection, rules::Bytes bytes);
  [[nodiscard]] bool needs_schema(rules::CollectionId collection) const;
  // From 2.4 on the nodes' figures leave out indexes and mapped columns: they may then raise the
  // schema's figure, but never lower it.
  void figures_are_partial(bool partial) { partial_ = partial; }
  void forget_except(const std::set<rules::CollectionId>& collections);
  // Forgets the figures of nodes that did not answer this time: a restarted node has a new id.
  void forget_nodes_except(const std::set<rules::NodeId>& nodes);
  [[nodiscard]] std::size_t remembered() const { return figures_.size(); }

  [[nodiscard]] RowSize of(rules::CollectionId collection, rules::Bytes standard) const;

 private:
  // A node's figures of a collection, and since when they stand still.
  struct Figures {
    rules::Bytes size = 0;
    std::int64_t rows = 0;
    rules::TimePoint since{};
  };

  std::map<rules::CollectionId, double> learned_;
  std::map<std::pair<rules::CollectionId, rules::NodeId>, Figures> figures_;
  std::map<rules::CollectionId, rules::Bytes> schema_;
  bool partial_ = false;
};

}  // namespace evenkeel::loop
