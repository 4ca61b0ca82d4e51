#include "agent/loop/guard.hpp"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "agent/util/format.hpp"
#include "rules/arithmetic.hpp"
#include "rules/explain.hpp"
#include "rules/room.hpp"

namespace evenkeel::loop {
namespace {

using rules::Bytes;

using Reason = std::optional<std::string>;

// The reading must be good, of that very node, and fresh.
Reason wrong_with(const scrape::TargetResult& reading, rules::NodeId node,
                  const rules::Policy& policy, rules::TimePoint now) {
  if (!reading.good()) return "node " + to_string(node) + ": " + reading.failure();
  if (reading.figures.id != node) {
    return reading.target + " no longer answers as node " + to_string(node);
  }
  if (reading.at + policy.max_sample_age < now) {
    return "node " + to_string(node) + " has no fresh sample any more";
  }
  return std::nullopt;
}

Reason outdated(const rules::Call& call, const rules::Cluster& cluster) {
  if (!cluster.coordinator_complete) return "the proxy no longer answers every question";
  const bool complete =
      std::any_of(cluster.collections.begin(), cluster.collections.end(),
                  [&](const auto& each) { return each.id == call.collection && each.complete; });
  if (!complete) return "collection " + to_string(call.collection) + " can no longer be read";
  const auto* replica = rules::find_by_id(cluster.replicas, call.replica);
  for (const rules::NodeId id : {call.from, call.to}) {
    // A node may have begun to leave: still a member, but nothing may move to it.
    if (replica != nullptr && (replica->unknown_leaving > 0 ||
                               std::count(replica->nodes.begin(), replica->nodes.end(), id) == 0)) {
      return "node " + to_string(id) + " no longer takes part in replica " +
             to_string(call.replica);
    }
    const rules::Node* node = rules::find_node(cluster, id);
    if (node == nullptr || node->health != rules::NodeHealth::up || node->capacity <= 0) {
      return "node " + to_string(id) + " can no longer be judged";
    }
  }
  return std::nullopt;
}

// Bytes that the destination will use once all that is under way to it has arrived.
Bytes expected_on(const rules::Node& node, const scrape::TargetResult& reading,
                  const Guard::Picture& picture, const rules::Ledger& ledger) {
  const Bytes known = rules::saturating_add(node.used, ledger.inbound(node.id, picture.policy));
  // With Milvus's own figure, resident memory says nothing: it has pages that the kernel can drop.
  if (picture.cluster->memory_source == "milvus") return known;
  // The reading was requested after everything that has landed; a caching source may give an older
  // one.
  const rules::TimePoint read_at = reading.at + rules::Duration{1};
  return std::max(known,
                  rules::saturating_add(*reading.figures.resident,
                                        ledger.inbound_since(node.id, read_at, picture.policy)));
}

Reason without_room(const rules::Call& call, Bytes expected, const Guard::Picture& picture) {
  const rules::NodeVerdict* verdict = picture.judgement->node(call.to);
  if (verdict == nullptr) return "node " + to_string(call.to) + " can no longer be judged";
  rules::Room room = rules::room_on(*verdict, picture.policy);
  room.expected = expected;
  if (call.moves.front().urgency == rules::Urgency::asked) room.drained = false;  // by force
  if (room.drained) return "node " + to_string(call.to) + " is drained meanwhile";
  if (call.bytes() <= room.left(picture.policy)) return std::nullopt;
  return "node " + to_string(call.to) + " would pass its threshold: " +
         rules::format_percent(
             rules::ratio_of(room.highest(call.bytes(), picture.policy), verdict->capacity));
}

}  // namespace

Guard::Guard(scrape::Scraper& scraper, const Observer& observer, const Clock& clock,
             const rules::Ledger& ledger, std::function<Picture()> newest)
    : scraper_(scraper),
      observer_(observer),
      clock_(clock),
      ledger_(ledger),
      newest_(std::move(newest)) {}

Awaitable<std::optional<std::string>> Guard::look(rules::Call call) const {
  const std::vector<rules::NodeId> nodes{call.from, call.to};
  std::vector<http::Url> urls;
  for (const rules::NodeId node : nodes) {
    const auto target = observer_.target_of(node);
    if (!target) co_return "node " + to_string(node) + " has no metrics target";
    urls.push_back(*target);
  }
  const auto readings = co_await scraper_.scrape(urls);
  assert(readings.size() == nodes.size());
  const Picture picture = newest_();
  assert(picture.cluster != nullptr && picture.judgement != nullptr);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    auto reason = wrong_with(readings[i], nodes[i], picture.policy, clock_.now());
    if (reason) co_return reason;
  }
  if (auto reason = outdated(call, *picture.cluster)) co_return reason;
  const rules::Node& destination = *rules::find_node(*picture.cluster, call.to);
  const Bytes expected = expected_on(destination, readings.back(), picture, ledger_);
  co_return without_room(call, expected, picture);
}

}  // namespace evenkeel::loop
