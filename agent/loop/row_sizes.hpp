#pragma once
// Bytes of a segment: rows × bytes per row, and where that figure comes from. Learned from what the
// query nodes say of themselves where that agrees with the coordinator's distribution, else from
// the schema, else a stated default.

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "agent/milvus/coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::loop {

struct RowSize {
  double bytes = 0;
  rules::SizeSource source = rules::SizeSource::assumed;
};

class RowSizes {
 public:
  // Learns a collection's bytes per row: the median over the nodes whose own row count equals the
  // distribution's, since a node may go on showing figures for segments that left it long ago.
  // Where something was learned before, a node counts only if its figures stood still since the
  // last call: size and rows are not updated together while a move goes on.
  void learn(rules::CollectionId collection, const std::vector<milvus::SegmentInfo>& segments,
             const std::vector<scrape::TargetResult>& results);
  void set_schema(rules::CollectionId collection, rules::Bytes bytes);
  [[nodiscard]] bool needs_schema(rules::CollectionId collection) const;
  void forget_except(const std::set<rules::CollectionId>& collections);

  [[nodiscard]] RowSize of(rules::CollectionId collection, rules::Bytes standard) const;

 private:
  // What each node said of each collection in the last call: its size and its rows.
  using Figures = std::pair<rules::Bytes, std::int64_t>;

  std::map<rules::CollectionId, double> learned_;
  std::map<std::pair<rules::CollectionId, rules::NodeId>, Figures> last_;
  std::map<rules::CollectionId, rules::Bytes> schema_;
};

}  // namespace evenkeel::loop
