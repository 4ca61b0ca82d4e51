#include "agent/loop/row_sizes.hpp"

#include <algorithm>

namespace evenkeel::loop {

void RowSizes::learn(rules::CollectionId collection,
                     const std::vector<milvus::SegmentInfo>& segments,
                     const std::vector<scrape::TargetResult>& results) {
  std::map<rules::NodeId, std::int64_t> rows;
  for (const auto& segment : segments) {
    if (segment.state != rules::SegmentState::sealed) continue;
    for (const rules::NodeId node : segment.nodes) rows[node] += segment.rows;
  }
  const bool first = !learned_.contains(collection);
  std::vector<double> per_row;
  for (const auto& result : results) {
    if (!result.good() || !result.figures.id) continue;
    const rules::NodeId node = *result.figures.id;
    const auto found = result.figures.collections.find(collection);
    const std::pair key{collection, node};
    if (found == result.figures.collections.end()) {
      figures_.erase(key);  // most nodes hold nothing of most collections
      continue;
    }
    const Figures now{found->second.entity_size, found->second.entity_num, result.at};
    Figures& figures = figures_[key];
    if (figures.size != now.size || figures.rows != now.rows) figures = now;
    const auto expected = rows.find(node);
    if (now.size <= 0 || now.rows <= 0) continue;
    if (expected == rows.end() || expected->second != now.rows) continue;
    if (!first && result.at - figures.since < kStill) continue;
    per_row.push_back(static_cast<double>(now.size) / static_cast<double>(now.rows));
  }
  if (per_row.empty()) return;
  const auto middle = per_row.begin() + static_cast<std::ptrdiff_t>(per_row.size() / 2);
  std::nth_element(per_row.begin(), middle, per_row.end());
  learned_[collection] = *middle;
}

void RowSizes::set_schema(rules::CollectionId collection, rules::Bytes bytes) {
  schema_[collection] = bytes;
}

bool RowSizes::needs_schema(rules::CollectionId collection) const {
  return (partial_ || !learned_.contains(collection)) && !schema_.contains(collection);
}

void RowSizes::forget_except(const std::set<rules::CollectionId>& collections) {
  const auto gone = [&](const auto& entry) { return !collections.contains(entry.first); };
  std::erase_if(learned_, gone);
  std::erase_if(figures_,
                [&](const auto& entry) { return !collections.contains(entry.first.first); });
  std::erase_if(schema_, gone);
}

void RowSizes::forget_nodes_except(const std::set<rules::NodeId>& nodes) {
  std::erase_if(figures_, [&](const auto& entry) { return !nodes.contains(entry.first.second); });
}

RowSize RowSizes::of(rules::CollectionId collection, rules::Bytes standard) const {
  const auto learned = learned_.find(collection);
  const auto schema = schema_.find(collection);
  RowSize other{static_cast<double>(standard), rules::SizeSource::assumed};
  if (schema != schema_.end()) {
    other = {static_cast<double>(schema->second), rules::SizeSource::schema};
  }
  const bool believed = learned != learned_.end() && (!partial_ || learned->second > other.bytes);
  return believed ? RowSize{learned->second, rules::SizeSource::learned} : other;
}

}  // namespace evenkeel::loop
