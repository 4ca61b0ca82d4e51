#include "rules/weights.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <set>
#include <utility>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {
namespace {

constexpr std::size_t kLeastObservations = 3;
constexpr std::size_t kMostObservations = 9;
// Observations that deviate more from each other teach nothing.
constexpr double kMostDeviation = 0.25;
// A rise this many times beyond the limits was not caused by the move.
constexpr double kBeyondBounds = 2;
// Stated bytes per row that differ by no more are the same.
constexpr double kSameRowBytes = 0.1;

// The number of samples that show how still a node's memory keeps.
constexpr std::size_t kLeastStill = 3;
constexpr std::size_t kMostStill = 8;
// Arrivals must be this many times the node's own noise, so that noise alone turns no observation
// by more than a fifth.
constexpr double kAboveNoise = 5;
// Arrivals must exceed what allocators keep and give back, as seen on real servers.
constexpr double kLeastBytes = 16.0 * 1024 * 1024;
constexpr double kLeastPart = 0.01;  // part of the node's memory

// A node with fewer bytes of the collection gives no useful bound.
constexpr double kLeastBounded = 64.0 * 1024 * 1024;
// Nodes are not read at one moment, so the measured memory gets this margin.
constexpr double kBoundMargin = 1.05;
// A bound that would fall by less stays: sizes that change with each sample explain nothing.
constexpr double kBoundStays = 0.85;
// A node's memory shows all that it holds this long after the last change.
constexpr Duration kShown = std::chrono::seconds{20};

double median(std::vector<double> values) {
  assert(!values.empty());
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// The drift of memory by itself until `later`, going by its range while nothing came or went.
double noise(const std::deque<Sample>& still, TimePoint later) {
  const auto [lowest, highest] = std::minmax_element(
      still.begin(), still.end(), [](const Sample& a, const Sample& b) { return a.used < b.used; });
  const auto range = static_cast<double>(highest->used) - static_cast<double>(lowest->used);
  const std::chrono::duration<double> seen = still.back().at - still.front().at;
  const std::chrono::duration<double> passed = later - still.back().at;
  return range * std::max(1.0, passed / seen);
}

}  // namespace

void Weights::observe(const Cluster& cluster, const Ledger& ledger, const Policy& policy) {
  if (!cluster.coordinator_complete) return;
  forget(cluster);
  if (!everything_read(cluster)) return;
  bound_by_sums(cluster, ledger, policy);

  const std::vector<Arrival> landed = arrivals(cluster, ledger);
  std::map<NodeId, Watched> watched;
  for (const NodeTotals& each : node_totals(cluster)) {
    Watched& node = watched[each.node];
    if (const auto known = watched_.find(each.node); known != watched_.end()) {
      node = std::move(known->second);
    }
    const std::deque<Sample>& samples = ledger.samples(each.node);
    if (samples.empty() || samples.back().at <= node.seen) continue;
    if (!ledger.calm(each.node, samples.back(), policy)) continue;
    watch(cluster, node, samples.back(), each.sealed_rows, change_of(each.node, node.seen, landed),
          policy);
  }
  watched_ = std::move(watched);  // drops the nodes that are gone
}

Weight Weights::weight(CollectionId collection) const {
  Weight weight;
  weight.bound = bound(collection);
  weight.factor = weight.bound;
  const auto found = learned_.find(collection);
  if (found == learned_.end() || found->second.ratios.empty()) return weight;
  std::vector<double> ratios(found->second.ratios.begin(), found->second.ratios.end());
  weight.observations = static_cast<int>(ratios.size());
  const double middle = median(ratios);
  for (double& ratio : ratios) ratio = std::abs(ratio - middle);
  weight.deviation = median(ratios) / middle;
  const bool sure = ratios.size() >= kLeastObservations && weight.deviation <= kMostDeviation;
  if (sure) weight.factor = std::clamp(middle, kLeastFactor * weight.bound, kMostFactor);
  assert(kLeastBound <= weight.bound && weight.bound <= 1 && weight.factor <= kMostFactor);
  return weight;
}

double Weights::bound(CollectionId collection) const {
  const auto found = bounds_.find(collection);
  return found == bounds_.end() ? 1 : found->second;
}

void Weights::hold_bound(CollectionId collection, double bound, bool whole) {
  const double now = this->bound(collection);
  if (bound > now && !whole) return;  // its nodes are being changed
  const double wanted = std::clamp(bound * kBoundMargin, kLeastBound, 1.0);
  if (bound <= now && wanted >= now * kBoundStays) return;
  if (wanted < 1) {
    bounds_[collection] = wanted;
  } else {
    bounds_.erase(collection);
  }
}

void Weights::bound_by_sums(const Cluster& cluster, const Ledger& ledger, const Policy& policy) {
  std::map<NodeId, double> used;  // by node whose memory shows all that it holds
  std::map<NodeId, double> stated_on;
  std::map<std::pair<CollectionId, NodeId>, double> stated;
  for (const Segment& segment : cluster.segments) {
    const auto bytes = static_cast<double>(segment.stated > 0 ? segment.stated : segment.bytes);
    if (!(bytes > 0) || segment.state == SegmentState::growing) continue;
    stated_on[segment.node] += bytes;
    stated[{segment.collection, segment.node}] += bytes;
  }
  std::map<NodeId, Load> loads;
  for (const auto& [node, bytes] : stated_on) {
    const auto known = loads_.find(node);
    const bool same = known != loads_.end() && known->second.stated == bytes;
    // The first look knows of no change before it.
    const TimePoint since = same             ? known->second.since
                            : loads_.empty() ? TimePoint{}
                                             : cluster.observed_at;
    loads[node] = {bytes, since};
    const std::deque<Sample>& samples = ledger.samples(node);
    if (samples.empty() || !ledger.calm(node, samples.back(), policy)) continue;
    if (since != TimePoint{} && samples.back().at < later(since, kShown)) continue;
    if (samples.back().used > 0) used[node] = static_cast<double>(samples.back().used);
  }
  loads_ = std::move(loads);

  std::vector<double> bounds;
  for (auto each = stated.begin(); each != stated.end();) {
    const CollectionId collection = each->first.first;
    bounds.clear();
    bool whole = true;
    for (; each != stated.end() && each->first.first == collection; ++each) {
      const auto known = used.find(each->first.second);
      if (each->second < kLeastBounded) continue;
      whole = whole && known != used.end();
      if (known != used.end()) bounds.push_back(known->second / each->second);
    }
    if (bounds.empty()) continue;
    std::sort(bounds.begin(), bounds.end());
    // One node of several may be read wrongly, so the second lowest bound counts.
    hold_bound(collection, bounds[std::min<std::size_t>(1, bounds.size() - 1)], whole);
  }
}

std::vector<Weights::Arrival> Weights::arrivals(const Cluster& cluster, const Ledger& ledger) {
  std::vector<Arrival> arrivals;
  std::map<std::pair<SegmentKey, NodeId>, const Segment*> copies;
  for (const Landed& landed : ledger.landed()) {
    arrivals.push_back({&landed.flight, landed.finished, nullptr});
    copies[{{landed.flight.segment, landed.flight.replica}, landed.flight.to}] = nullptr;
  }
  if (copies.empty()) return arrivals;
  for (const Segment& segment : cluster.segments) {
    const auto found = copies.find({{segment.id, segment.replica}, segment.node});
    if (found != copies.end()) found->second = &segment;
  }
  for (Arrival& arrival : arrivals) {
    const Flight& flight = *arrival.flight;
    arrival.segment = copies[{{flight.segment, flight.replica}, flight.to}];
  }
  return arrivals;
}

Weights::Change Weights::change_of(NodeId node, TimePoint since,
                                   const std::vector<Arrival>& arrivals) {
  Change change;
  for (const Arrival& arrival : arrivals) {
    if (arrival.finished < since || arrival.flight->to != node) continue;
    if (arrival.segment == nullptr) {
      change.clean = false;
      continue;
    }
    change.arrived.push_back(arrival.segment);
    change.arrived_rows =
        saturating_add(change.arrived_rows, std::max<std::int64_t>(arrival.segment->rows, 0));
  }
  return change;
}

void Weights::forget(const Cluster& cluster) {
  std::set<CollectionId> present;
  for (const Collection& collection : cluster.collections) {
    present.insert(collection.id);
    const auto found = learned_.find(collection.id);
    if (found == learned_.end()) continue;
    const double learned_by = found->second.row_bytes;
    const bool same = std::abs(collection.row_bytes - learned_by) <= kSameRowBytes * learned_by;
    if (!same) learned_.erase(found);
  }
  std::erase_if(learned_, [&](const auto& entry) { return !present.contains(entry.first); });
  std::erase_if(bounds_, [&](const auto& entry) { return !present.contains(entry.first); });
}

void Weights::watch(const Cluster& cluster, Watched& watched, const Sample& sample,
                    std::int64_t rows, const Change& change, const Policy& policy) {
  const std::int64_t explained = saturating_add(watched.rows, change.arrived_rows);
  const bool quiet = change.clean && change.arrived.empty() && rows == explained;
  if (change.clean && !change.arrived.empty() && rows == explained) {
    learn(cluster, watched, sample, change.arrived);
  }
  if (!change.clean || rows < explained) watched.falling = later(sample.at, policy.settle);
  if (!quiet) watched.still.clear();
  if (sample.at >= watched.falling) watched.still.push_back(sample);
  if (watched.still.size() > kMostStill) watched.still.pop_front();
  watched.rows = rows;
  watched.seen = sample.at;
}

void Weights::learn(const Cluster& cluster, const Watched& before, const Sample& sample,
                    const std::vector<const Segment*>& arrived) {
  if (before.still.size() < kLeastStill) return;
  const CollectionId id = arrived.front()->collection;
  double rows = 0;
  for (const Segment* segment : arrived) {
    if (segment->collection != id || segment->size_source == SizeSource::reported) return;
    rows += static_cast<double>(std::max<std::int64_t>(segment->rows, 0));
  }
  const Collection* collection = find_by_id(cluster.collections, id);
  if (collection == nullptr) return;

  const double stated = rows * collection->row_bytes;
  const auto used = static_cast<double>(sample.used);
  const double least =
      std::max({kLeastBytes, kLeastPart * used, kAboveNoise * noise(before.still, sample.at)});
  const double bounded = bound(id);
  if (!(stated * bounded >= least)) return;  // also where the stated size is no number
  const double ratio = (used - static_cast<double>(before.still.back().used)) / stated;
  if (!(ratio >= kLeastFactor * bounded / kBeyondBounds && ratio <= kMostFactor * kBeyondBounds))
    return;

  Learned& learned = learned_[id];
  if (learned.ratios.empty()) learned.row_bytes = collection->row_bytes;
  learned.ratios.push_back(ratio);
  if (learned.ratios.size() > kMostObservations) learned.ratios.pop_front();
}

}  // namespace evenkeel::rules
