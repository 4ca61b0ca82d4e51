#include "rules/ledger.hpp"

#include <algorithm>
#include <cassert>

#include "rules/arithmetic.hpp"

namespace evenkeel::rules {
namespace {

// A destination's memory may still rise for this long after a move, as seen on real servers.
constexpr Duration kRising = std::chrono::seconds{20};

SegmentKey key_of(const Flight& flight) {
  return {flight.segment, flight.replica};
}

bool figure_counts(const Node& node) {
  return node.health == NodeHealth::up && node.used >= 0 && node.sampled_at > TimePoint{};
}

}  // namespace

void Ledger::observe(const Cluster& cluster, const Policy& policy) {
  const auto keep = static_cast<std::size_t>(evidence_samples(policy));
  std::map<NodeId, int> named;
  for (const Node& node : cluster.nodes) ++named[node.id];

  for (const Node& node : cluster.nodes) {
    // Neither of two entries under one id can be believed.
    if (named[node.id] > 1 || !figure_counts(node)) continue;
    std::deque<Sample>& samples = samples_[node.id];
    if (!samples.empty() && node.sampled_at <= samples.back().at) continue;
    samples.push_back({node.sampled_at, node.used});
    while (samples.size() > keep) samples.pop_front();
    assert(samples.front().at <= samples.back().at);
    courses_.observe(node.id, samples.back(), disturbed(node.id, samples.back(), policy));
  }

  notice_late_moves(cluster);
  drop_returned(cluster);

  if (!cluster.coordinator_complete) return;  // it may have missed nodes that are there
  std::erase_if(samples_, [&](const auto& entry) { return !named.contains(entry.first); });
  courses_.keep(named);
  std::erase_if(touched_, [&](const auto& entry) { return !named.contains(entry.first); });
  std::erase_if(refused_until_, [&](const auto& entry) { return !named.contains(entry.first); });
  drains_.observe(cluster);
  follow_collections(cluster);
  effects_.observe(cluster, samples_, policy);
  const bool read = std::all_of(
      cluster.collections.begin(), cluster.collections.end(), [&](const Collection& collection) {
        return collection.complete || stuck(collection.id, cluster.observed_at);
      });
  if (!read) return;
  const std::vector<NodeTotals> held = node_totals(cluster);
  follow_totals(cluster, held);
  unexplained_.observe(cluster, held, calm_samples(policy), policy);
}

std::map<NodeId, Sample> Ledger::calm_samples(const Policy& policy) const {
  std::map<NodeId, Sample> calm_ones;
  for (const auto& [node, samples] : samples_) {
    if (calm(node, samples.back(), policy)) calm_ones.emplace(node, samples.back());
  }
  return calm_ones;
}

void Ledger::follow_collections(const Cluster& cluster) {
  std::map<CollectionId, TimePoint> since;
  for (const Collection& collection : cluster.collections) {
    if (collection.complete) continue;
    const auto known = incomplete_since_.find(collection.id);
    since[collection.id] = known == incomplete_since_.end() ? cluster.observed_at : known->second;
  }
  incomplete_since_ = std::move(since);
}

bool Ledger::stuck(CollectionId collection, TimePoint now) const {
  const auto since = incomplete_since_.find(collection);
  return since != incomplete_since_.end() && later(since->second, kWaitForCollection) <= now;
}

void Ledger::notice_late_moves(const Cluster& cluster) {
  std::map<SegmentKey, std::vector<NodeId>> copies;  // by segment that failed to move
  for (const auto& [key, history] : histories_) {
    if (history.failures > 0) copies[key];
  }
  if (copies.empty()) return;
  for (const Segment& segment : cluster.segments) {
    const auto found = copies.find({segment.id, segment.replica});
    if (found != copies.end()) found->second.push_back(segment.node);
  }
  for (const auto& [key, nodes] : copies) {
    SegmentHistory& history = histories_[key];
    if (nodes != std::vector{history.failed_to}) continue;
    std::erase_if(given_up_,
                  [&key = key](const GivenUp& each) { return key_of(each.flight) == key; });
    for (const NodeId node : {history.failed_from, history.failed_to}) {
      touched_[node] = std::max(touched_[node], cluster.observed_at);
    }
    history = {.last_moved = cluster.observed_at,
               .moves = history.moves + 1,
               .last_from = history.failed_from};
  }
}

// A reversed move leaves nothing to fall. Only a picture that was begun after the move had ended
// can tell. On its way back the segment is on both nodes, so its destination still has it.
void Ledger::drop_returned(const Cluster& cluster) {
  std::map<SegmentKey, Flight> moves;
  for (const Landed& landed : landed_) {
    if (landed.finished >= begun(cluster)) continue;
    moves.insert_or_assign(key_of(landed.flight), landed.flight);
  }
  if (moves.empty()) return;
  std::set<SegmentKey> returned;
  std::set<SegmentKey> still_there;
  for (const Segment& segment : cluster.segments) {
    const auto found = moves.find({segment.id, segment.replica});
    if (found == moves.end()) continue;
    if (found->second.from == segment.node) returned.insert(found->first);
    if (found->second.to == segment.node) still_there.insert(found->first);
  }
  for (const SegmentKey& key : still_there) returned.erase(key);
  std::erase_if(landed_, [&](const Landed& landed) {
    const bool back = returned.contains(key_of(landed.flight)) && landed.finished < begun(cluster);
    if (!back) return false;
    touch(landed.flight, cluster.observed_at);
    effects_.returned(landed.flight.from, landed.flight.bytes);
    return true;
  });
}

// A move of ours from or to the node may be missing in a picture that was begun then.
bool Ledger::may_miss_a_move(NodeId node, TimePoint since) const {
  const auto concerns = [node](const Flight& flight) {
    return flight.from == node || flight.to == node;
  };
  return std::any_of(flights_.begin(), flights_.end(), concerns) ||
         std::any_of(landed_.begin(), landed_.end(), [&](const Landed& landed) {
           return concerns(landed.flight) && landed.finished >= since;
         });
}

void Ledger::follow_totals(const Cluster& cluster, const std::vector<NodeTotals>& totals) {
  std::map<NodeId, Bytes> held;
  for (const NodeTotals& each : totals) {
    const auto before = held_.find(each.node);
    if (may_miss_a_move(each.node, begun(cluster))) {
      if (before != held_.end()) held.insert(*before);
      continue;
    }
    held.emplace(each.node, each.bytes);
    if (before == held_.end() || each.bytes <= before->second) continue;
    const Bytes more = saturating_subtract(each.bytes, before->second);
    effects_.arrived(each.node, more);
    if (!landed_.empty()) arrivals_.push_back({each.node, more, cluster.observed_at});
  }
  held_ = std::move(held);
  if (landed_.empty()) arrivals_.clear();
}

void Ledger::start(const Flight& flight) {
  std::erase_if(given_up_, [&flight](const GivenUp& each) {
    return key_of(each.flight) == key_of(flight) && each.flight.to == flight.to;
  });
  if (const auto old = find(key_of(flight)); old != flights_.end()) flights_.erase(old);
  flights_.push_back(flight);
  flights_.back().bytes = std::max<Bytes>(flight.bytes, 0);
  before_[key_of(flight)] = {newest(flight.from), newest(flight.to)};
  assert(before_.size() == flights_.size() && "one flight for each segment of a replica");
  touch(flight, flight.started);
}

void Ledger::land(const SegmentKey& key, TimePoint now) {
  const auto found = find(key);
  if (found == flights_.end()) return;
  const Flight flight = *found;
  flights_.erase(found);
  const Before before = before_[key];
  before_.erase(key);

  landed_.push_back({flight, now, before.source.used, before.destination.used, before.source.at});
  effects_.left(flight.from, flight.bytes, before.source.used, now);
  effects_.arrived(flight.to, flight.bytes);
  touch(flight, now);
  if (const auto from = held_.find(flight.from); from != held_.end()) {
    from->second = std::max<Bytes>(0, saturating_subtract(from->second, flight.bytes));
  }
  if (const auto to = held_.find(flight.to); to != held_.end()) {
    to->second = saturating_add(to->second, flight.bytes);
  }
  SegmentHistory& history = histories_[key];
  history = {.last_moved = now, .moves = history.moves + 1, .last_from = flight.from};
}

void Ledger::fail(const SegmentKey& key, TimePoint now, const Policy& policy) {
  const auto found = find(key);
  if (found == flights_.end()) return;
  touch(*found, now);  // the destination may have loaded a part and dropped it again
  SegmentHistory& history = histories_[key];
  ++history.failures;
  history.last_failed = now;
  history.failed_from = found->from;
  history.failed_to = found->to;
  flights_.erase(found);
  before_.erase(key);
  if (history.failures >= policy.failures_before_rest) {
    history.resting_until = later(now, policy.failure_rest);
  }
}

void Ledger::give_up(const SegmentKey& key, TimePoint now, const Policy& policy) {
  const auto found = find(key);
  if (found == flights_.end()) return;
  given_up_.push_back({*found, later(now, policy.settle)});
  fail(key, now, policy);
}

void Ledger::withdraw(const SegmentKey& key) {
  if (const auto found = find(key); found != flights_.end()) flights_.erase(found);
  before_.erase(key);
}

void Ledger::drop(const SegmentKey& key) {
  withdraw(key);
  histories_.erase(key);
}

void Ledger::destination_refused(const SegmentKey& key, TimePoint now, const Policy& policy) {
  const auto found = find(key);
  if (found == flights_.end()) return;
  touch(*found, now);
  refused_until_[found->to] = later(now, policy.segment_cooldown);
  flights_.erase(found);
  before_.erase(key);
}

bool Ledger::destination_rests(NodeId destination, TimePoint now) const {
  const auto found = refused_until_.find(destination);
  return found != refused_until_.end() && found->second > now;
}

void Ledger::taken_back(const SegmentKey& key, TimePoint now) {
  SegmentHistory& history = histories_[key];
  history.moves = std::max(history.moves, 1) + 1;
  history.last_moved = now;
}

void Ledger::expire(const Cluster& cluster, TimePoint now, const Policy& policy) {
  std::erase_if(landed_,
                [&](const Landed& landed) { return later(landed.finished, policy.settle) <= now; });
  std::erase_if(given_up_, [now](const GivenUp& each) { return each.until <= now; });
  std::set<SegmentKey> flying;  // their next move counts from the one before
  for (const Flight& flight : flights_) flying.insert(key_of(flight));
  std::erase_if(histories_, [&](const auto& entry) {
    return !flying.contains(entry.first) && forgettable(entry.second, policy, now);
  });

  if (!everything_read(cluster) || (histories_.empty() && flights_.empty())) return;
  std::map<SegmentKey, bool> present;
  for (const auto& [key, history] : histories_) present[key] = false;
  for (const Flight& flight : flights_) present[key_of(flight)] = false;
  for (const Segment& segment : cluster.segments) {
    if (const auto it = present.find({segment.id, segment.replica}); it != present.end()) {
      it->second = true;
    }
  }
  // The distribution may miss a segment for a moment while it moves.
  std::erase_if(histories_, [&](const auto& entry) {
    const auto& [key, history] = entry;
    return !present[key] && later(history.last_moved, cooldown(history, policy)) <= now;
  });
  std::erase_if(flights_, [&](const Flight& flight) {
    const bool over = !present[key_of(flight)] && later(flight.started, policy.settle) <= now;
    if (over) before_.erase(key_of(flight));
    return over;
  });
}

const std::deque<Sample>& Ledger::samples(NodeId node) const {
  static const std::deque<Sample> kNone;
  const auto found = samples_.find(node);
  return found == samples_.end() ? kNone : found->second;
}

const SegmentHistory* Ledger::history(const SegmentKey& key) const {
  const auto found = histories_.find(key);
  return found == histories_.end() ? nullptr : &found->second;
}

bool Ledger::sent(const SegmentKey& key, TimePoint since) const {
  return std::any_of(flights_.begin(), flights_.end(),
                     [&](const Flight& flight) { return key_of(flight) == key; }) ||
         std::any_of(landed_.begin(), landed_.end(), [&](const Landed& landed) {
           return key_of(landed.flight) == key && landed.finished >= since;
         });
}

TimePoint Ledger::touched(NodeId node) const {
  const auto found = touched_.find(node);
  return found == touched_.end() ? TimePoint{} : found->second;
}

bool Ledger::in_flight(NodeId node) const {
  return std::any_of(flights_.begin(), flights_.end(), [node](const Flight& flight) {
    return flight.from == node || flight.to == node;
  });
}

bool Ledger::calm(NodeId node, const Sample& sample, const Policy& policy) const {
  const TimePoint last = touched(node);
  const bool risen = later(last, std::min(kRising, policy.settle)) <= sample.at;
  return (risen || last == TimePoint{}) && !in_flight(node);
}

// The sample may show the memory of a node while a move of ours still changes it.
bool Ledger::disturbed(NodeId node, const Sample& sample, const Policy& policy) const {
  const TimePoint last = touched(node);
  const bool settled = last == TimePoint{} || later(last, policy.settle) <= sample.at;
  return !settled || !calm(node, sample, policy);
}

Bytes Ledger::inbound(NodeId node, const Policy& policy) const {
  const std::deque<Sample>& known = samples(node);
  return inbound_since(node, known.empty() ? TimePoint{} : known.back().at, policy);
}

Bytes Ledger::unfallen(NodeId node, TimePoint now, const Policy& policy) const {
  const std::deque<Sample>& known = samples(node);
  return known.empty() ? 0 : unfallen_at(node, known.back(), now, policy);
}

Bytes Ledger::expected(NodeId node, const Sample& sample, TimePoint now,
                       const Policy& policy) const {
  const Bytes coming = saturating_add(sample.used, inbound_since(node, sample.at, policy));
  return saturating_subtract(coming, unfallen_at(node, sample, now, policy));
}

std::vector<Flight>::iterator Ledger::find(const SegmentKey& key) {
  return std::find_if(flights_.begin(), flights_.end(),
                      [&](const Flight& flight) { return key_of(flight) == key; });
}

void Ledger::touch(const Flight& flight, TimePoint time) {
  for (const NodeId node : {flight.from, flight.to}) {
    TimePoint& last = touched_[node];
    last = std::max(last, time);
  }
}

Sample Ledger::newest(NodeId node) const {
  const std::deque<Sample>& known = samples(node);
  return known.empty() ? Sample{} : known.back();
}

Bytes Ledger::inbound_since(NodeId node, TimePoint sampled, const Policy& policy) const {
  Bytes sum = 0;
  for (const Flight& flight : flights_) {
    if (flight.to != node) continue;
    sum = saturating_add(sum, scaled_up(flight.bytes, policy.loading_peak));
  }
  for (const Landed& landed : landed_) {
    if (landed.flight.to != node || landed.finished < sampled) continue;
    sum = saturating_add(sum, landed.flight.bytes);
  }
  return sum;
}

Bytes Ledger::unfallen_at(NodeId node, const Sample& sample, TimePoint now,
                          const Policy& policy) const {
  // Several moves off one node fall together: all are compared with its memory before the first.
  const Landed* first = nullptr;
  Bytes left = 0;
  for (const Landed& landed : landed_) {
    const bool known = landed.source_used_before > 0;  // otherwise the fall is unknown
    if (landed.flight.from != node || !known) continue;
    if (later(landed.finished, policy.settle) <= now) continue;
    left = saturating_add(left, landed.flight.bytes);
    if (first == nullptr || landed.source_sampled_at < first->source_sampled_at) first = &landed;
  }
  if (first == nullptr) return 0;

  Bytes arrived = 0;  // between the two samples
  for (const Landed& landed : landed_) {
    if (landed.flight.to != node) continue;
    if (landed.finished < first->source_sampled_at || landed.finished >= sample.at) continue;
    arrived = saturating_add(arrived, landed.flight.bytes);
  }
  for (const Arrival& arrival : arrivals_) {
    if (arrival.node != node || arrival.at < first->source_sampled_at) continue;
    arrived = saturating_add(arrived, arrival.bytes);
  }
  const Bytes when_fallen =
      saturating_subtract(saturating_add(first->source_used_before, arrived), left);
  // The node goes on using the bytes that it holds by the distribution, and those that are
  // unexplained.
  const auto held = held_.find(node);
  const Bytes least = saturating_add(held == held_.end() ? 0 : held->second, unexplained_.of(node));
  Bytes shown_later = 0;  // held already, and not in the sample yet
  for (const Landed& landed : landed_) {
    if (landed.flight.to != node || landed.finished < sample.at) continue;
    shown_later = saturating_add(shown_later, landed.flight.bytes);
  }
  const Bytes most = std::min(
      left,
      std::max<Bytes>(0, saturating_subtract(saturating_add(sample.used, shown_later), least)));
  assert(least >= 0 && most >= 0);
  return std::clamp<Bytes>(saturating_subtract(sample.used, when_fallen), 0, most);
}

}  // namespace evenkeel::rules
