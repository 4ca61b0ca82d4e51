#include "rules/unexplained.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {
namespace {

// The window has this many parts, however often the nodes are read.
constexpr int kParts = 60;
// Bytes that leave a node and are less than this part of its memory leave no gap that could
// mislead.
constexpr Bytes kSmallPart = 100;

Bytes to_bytes(double bytes) {
  return bytes < 0 ? -scaled_up(1, -bytes) : scaled_up(1, bytes);
}

}  // namespace

void Unexplained::observe(const Cluster& cluster, const std::vector<NodeTotals>& totals,
                          const std::map<NodeId, Sample>& calm, const Policy& policy) {
  follow_sizes(cluster);
  std::map<NodeId, Watched> watched;
  for (const NodeTotals& each : totals) {
    Watched& node = watched[each.node];
    if (const auto known = watched_.find(each.node); known != watched_.end()) {
      node = std::move(known->second);
    }
    const auto newest = calm.find(each.node);
    if (newest == calm.end() || newest->second.at <= node.seen) continue;
    watch(node, newest->second, each.bytes, policy);
  }
  watched_ = std::move(watched);  // drops the nodes that are gone
}

Bytes Unexplained::of(NodeId node) const {
  const auto found = watched_.find(node);
  return found == watched_.end() ? 0 : std::max<Bytes>(found->second.now, 0);
}

Bytes Unexplained::kept_free(NodeId node, TimePoint now, const Policy& policy) const {
  const auto found = watched_.find(node);
  if (found == watched_.end()) return 0;
  Bytes highest = 0;
  Bytes second = 0;
  for (const Peak& peak : found->second.peaks) {
    if (later(peak.from, policy.unexplained_window) <= now) continue;
    second = std::max(second, std::min(highest, peak.bytes));
    highest = std::max(highest, peak.bytes);
  }
  return std::max<Bytes>(0, saturating_subtract(second, of(node)));
}

// Where a collection's bytes per row change, all its segments explain more or less, also in what
// was read before: figures of the past are corrected by the difference.
void Unexplained::follow_sizes(const Cluster& cluster) {
  std::map<CollectionId, double> row_sizes;
  std::map<CollectionId, double> grown;  // change of bytes per row
  for (const Collection& collection : cluster.collections) {
    const double size = collection.row_bytes * collection.correction;
    if (!std::isfinite(size) || size <= 0) continue;
    row_sizes[collection.id] = size;
    const auto before = row_sizes_.find(collection.id);
    if (before != row_sizes_.end() && before->second != size) {
      grown[collection.id] = size - before->second;
    }
  }
  row_sizes_ = std::move(row_sizes);
  if (grown.empty()) return;

  std::map<NodeId, double> changes;
  for (const Segment& segment : cluster.segments) {
    const auto by = grown.find(segment.collection);
    if (by == grown.end() || segment.size_source == SizeSource::reported) continue;
    changes[segment.node] +=
        by->second * static_cast<double>(std::max<std::int64_t>(segment.rows, 0));
  }
  for (const auto& [node, change] : changes) {
    const auto found = watched_.find(node);
    if (found == watched_.end()) continue;
    Watched& watched = found->second;
    const Bytes bytes = to_bytes(change);
    watched.held = saturating_add(watched.held, bytes);
    watched.now = saturating_subtract(watched.now, bytes);
    for (Peak& peak : watched.peaks) peak.bytes = saturating_subtract(peak.bytes, bytes);
  }
}

void Unexplained::watch(Watched& watched, const Sample& sample, Bytes held, const Policy& policy) {
  const Bytes left = saturating_subtract(watched.held, held);
  if (left > sample.used / kSmallPart) watched.falling = later(sample.at, policy.settle);
  watched.held = held;
  watched.seen = sample.at;
  if (sample.at < watched.falling) return;

  watched.now = std::max<Bytes>(0, saturating_subtract(sample.used, held));
  const Duration window = std::max(policy.unexplained_window, Duration{0});
  std::deque<Peak>& peaks = watched.peaks;
  if (peaks.empty() || later(peaks.back().from, window / kParts) <= sample.at) {
    peaks.push_back({sample.at, watched.now});
  } else {
    peaks.back().bytes = std::max(peaks.back().bytes, watched.now);
  }
  while (later(peaks.front().from, window) <= sample.at && peaks.size() > 1) peaks.pop_front();
  assert(peaks.size() <= kParts + 2 && peaks.front().from <= peaks.back().from);
}

}  // namespace evenkeel::rules
