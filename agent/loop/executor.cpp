#include "agent/loop/executor.hpp"

#include <algorithm>
#include <cassert>
#include <memory>
#include <set>
#include <utility>

#include "agent/util/format.hpp"
#include "agent/util/race.hpp"

namespace evenkeel::loop {

namespace {

rules::SegmentKey key_of(const rules::Move& move) {
  return {move.segment, move.replica};
}

bool holds(const std::vector<rules::NodeId>& nodes, rules::NodeId node) {
  return std::binary_search(nodes.begin(), nodes.end(), node);
}

std::string detail_of(Sighting sighting, const rules::Move& move) {
  switch (sighting) {
    case Sighting::landed:
      return "";
    case Sighting::on_source:
      return "it is still on node " + to_string(move.from);
    case Sighting::in_transit:
      return "it is on both nodes";
    case Sighting::elsewhere:
      return "it left node " + to_string(move.from) + " for a node that was not asked for";
    case Sighting::gone:
      return "the segment is no longer in the replica (compacted, released or dropped)";
  }
  return "";
}

MoveResult result_of(Sighting sighting) {
  switch (sighting) {
    case Sighting::landed:
      return MoveResult::succeeded;
    case Sighting::on_source:
    case Sighting::elsewhere:
      return MoveResult::failed;
    case Sighting::in_transit:
      return MoveResult::unknown;
    case Sighting::gone:
      return MoveResult::gone;
  }
  return MoveResult::unknown;
}

// The moves of an exchange help only together.
bool in_an_exchange(const rules::Call& call) {
  return std::any_of(call.moves.begin(), call.moves.end(),
                     [](const rules::Move& move) { return move.exchange != 0; });
}

bool of_a_gone_collection(const milvus::Failure& failure) {
  return failure.kind == milvus::FailureKind::not_found ||
         failure.kind == milvus::FailureKind::not_loaded;
}

// True if waiting cannot change the sighting any more.
bool settled(const std::optional<Sighting>& sighting) {
  return sighting == Sighting::landed || sighting == Sighting::gone;
}

}  // namespace

Sighting sight(const std::vector<milvus::SegmentInfo>& segments, rules::SegmentId segment,
               rules::NodeId from, rules::NodeId to, const std::vector<rules::NodeId>& replica) {
  const auto* found = rules::find_by_id(segments, segment);
  if (found == nullptr) return Sighting::gone;
  const bool at_source = holds(found->nodes, from);
  const bool at_destination = holds(found->nodes, to);
  if (at_source) return at_destination ? Sighting::in_transit : Sighting::on_source;
  if (at_destination) return Sighting::landed;
  const bool in_replica = std::any_of(found->nodes.begin(), found->nodes.end(),
                                      [&](rules::NodeId node) { return holds(replica, node); });
  return in_replica ? Sighting::elsewhere : Sighting::gone;
}

milvus::CollectionInfo collection_info(const rules::Cluster& cluster, rules::CollectionId id) {
  milvus::CollectionInfo info;
  info.id = id;
  for (const auto& collection : cluster.collections) {
    if (collection.id != id) continue;
    info.name = collection.own_name.empty() ? collection.name : collection.own_name;
    if (!collection.database.empty()) info.database = collection.database;
  }
  return info;
}

Executor::Executor(milvus::Coordinator& coordinator, Clock& clock, Event& stopping,
                   rules::Ledger& ledger)
    : coordinator_(coordinator), clock_(clock), stopping_(stopping), ledger_(ledger) {}

// The plan may be seconds old: the segments must still be where it saw them, and both nodes in the
// replica.
Awaitable<Executor::Checked> Executor::still_as_planned(rules::Call call,
                                                        milvus::CollectionInfo info) {
  const auto changed = [](std::string why) {
    return tl::unexpected(milvus::Failure{milvus::FailureKind::refused, std::move(why)});
  };
  const auto replicas = co_await coordinator_.replicas(info);
  if (!replicas) co_return tl::unexpected(replicas.error());
  const auto* replica = rules::find_by_id(*replicas, call.replica);
  if (replica == nullptr) co_return changed("replica " + to_string(call.replica) + " is gone");
  for (const rules::NodeId node : {call.from, call.to}) {
    if (!holds(replica->nodes, node)) {
      co_return changed("node " + to_string(node) + " left replica " + to_string(call.replica));
    }
  }
  const auto segments = co_await coordinator_.segments(info);
  if (!segments) co_return tl::unexpected(segments.error());
  for (const auto& move : call.moves) {
    if (sight(*segments, move.segment, move.from, move.to, replica->nodes) != Sighting::on_source) {
      co_return changed("segment " + to_string(move.segment) +
                        " is no longer where the plan saw it");
    }
  }
  // Another agent, or the built-in balancer, may be filling the same node at this moment.
  for (const auto& segment : *segments) {
    const auto copies = std::count_if(segment.nodes.begin(), segment.nodes.end(),
                                      [&](auto node) { return holds(replica->nodes, node); });
    const bool sealed = segment.state == rules::SegmentState::sealed;
    if (sealed && copies > 1 && holds(segment.nodes, call.to)) {
      co_return changed("node " + to_string(call.to) + " is taking segment " +
                        to_string(segment.id) + " by another's hand");
    }
  }
  co_return replica->nodes;
}

// Returns `grace` after the agent was told to stop.
Awaitable<void> Executor::give_up(rules::Duration grace) {
  co_await stopping_.wait();
  co_await clock_.sleep(grace);
}

Awaitable<milvus::Result<void>> Executor::send(rules::Call call, milvus::CollectionInfo info,
                                               std::function<bool()> may_send,
                                               ExecutorOptions options) {
  milvus::LoadBalance request{std::move(info.name),     call.from,          {call.to}, {},
                              std::move(info.database), std::move(may_send)};
  for (const auto& move : call.moves) request.segments.push_back(move.segment);
  // A call under way gets a moment to end when the agent must stop: hanging up on it may leave a
  // move half done.
  auto outcome = co_await race(coordinator_.load_balance(request), give_up(options.stop_grace));
  if (outcome.index() == 0) co_return std::get<0>(std::move(outcome));
  co_return tl::unexpected(
      milvus::Failure{milvus::FailureKind::transport, "the agent stopped waiting for it"});
}

Awaitable<Executor::Watched> Executor::watch(rules::Call call, milvus::CollectionInfo info,
                                             std::vector<rules::NodeId> replica,
                                             rules::Duration timeout, bool collection_gone,
                                             ExecutorOptions options) {
  const rules::TimePoint deadline = clock_.now() + timeout;
  Watched watched;
  watched.sightings.resize(call.moves.size());
  for (;;) {
    auto read = co_await race(coordinator_.segments(info), give_up(options.stop_grace / 3));
    if (read.index() == 0) {
      const auto& segments = std::get<0>(read);
      const bool nothing = segments && segments->empty();
      if (nothing && !collection_gone) {
        // A coordinator that has just restarted says so of every collection.
        watched.trouble = "the query coordinator lists no segment of the collection";
      } else if (segments && !nothing) {
        for (std::size_t i = 0; i < call.moves.size(); ++i) {
          const auto& move = call.moves[i];
          watched.sightings[i] = sight(*segments, move.segment, move.from, move.to, replica);
        }
      } else if (nothing || of_a_gone_collection(segments.error())) {
        std::fill(watched.sightings.begin(), watched.sightings.end(), Sighting::gone);
      } else {
        watched.trouble = segments.error().message;
      }
    }
    if (std::all_of(watched.sightings.begin(), watched.sightings.end(), settled)) break;
    if (stopping_.is_set() || clock_.now() >= deadline) break;
    co_await race(clock_.sleep(options.poll), stopping_.wait());
  }
  co_return watched;
}

std::vector<MoveRecord> Executor::records_of(const rules::Call& call, const Watched& watched,
                                             const milvus::Result<void>& answer) const {
  assert(watched.sightings.size() == call.moves.size());
  std::vector<MoveRecord> records;
  for (std::size_t i = 0; i < call.moves.size(); ++i) {
    MoveRecord record;
    record.move = call.moves[i];
    record.finished = clock_.now();
    if (const auto& sighting = watched.sightings[i]) {
      record.result = result_of(*sighting);
      record.detail = detail_of(*sighting, record.move);
    } else {
      record.detail = "the distribution could not be read: " + watched.trouble;
    }
    // The agent stopped watching early: a segment on its source may yet move.
    if (stopping_.is_set() && record.result == MoveResult::failed)
      record.result = MoveResult::unknown;
    if (record.result == MoveResult::failed && answer) {
      record.detail +=
          ", though the call was answered as done: so it is, too, when Milvus's own time for the "
          "task runs out";
    }
    if (record.result != MoveResult::succeeded && !answer) {
      record.detail += (record.detail.empty() ? "" : "; ") + answer.error().message;
    }
    records.push_back(std::move(record));
  }
  return records;
}

void Executor::settle(const MoveRecord& record, const milvus::Result<void>& answer,
                      const rules::Policy& policy) {
  const bool read_only = !answer && answer.error().code == milvus::kCodeNodeStateUnexpected;
  if (read_only && record.result == MoveResult::failed) {
    return ledger_.destination_refused(key_of(record.move), clock_.now(), policy);
  }
  switch (record.result) {
    case MoveResult::succeeded:
      ledger_.land(key_of(record.move), clock_.now());
      break;
    case MoveResult::failed:
      if (!answer && answer.error().kind == milvus::FailureKind::transport) {
        ledger_.give_up(key_of(record.move), clock_.now(), policy);
      } else {
        ledger_.fail(key_of(record.move), clock_.now(), policy);
      }
      break;
    case MoveResult::gone:
      ledger_.drop(key_of(record.move));
      break;
    case MoveResult::unknown:
      break;  // stays in flight until an observation shows its end
  }
}

MoveRecord Executor::not_sent(const rules::Move& move, rules::TimePoint started,
                              const std::string& why) {
  ledger_.withdraw(key_of(move));
  MoveRecord record;
  record.move = move;
  record.result = MoveResult::failed;
  record.detail = "the call was not sent, since " + why;
  record.started = started;
  record.finished = clock_.now();
  return record;
}

Awaitable<std::vector<MoveRecord>> Executor::run(ExecutorInput input, ExecutorOptions options,
                                                 rules::Policy policy) {
  std::vector<MoveRecord> all;
  std::set<rules::CollectionId> gone;
  for (const rules::Call& call : input.calls) {
    if (stopping_.is_set()) break;
    if (gone.contains(call.collection)) continue;
    const milvus::CollectionInfo collection = input.collection(call.collection);
    // Nothing was sent yet, so a stop need not wait for these answers.
    auto checked = co_await race(still_as_planned(call, collection), stopping_.wait());
    if (checked.index() == 1) break;
    auto& replica = std::get<0>(checked);
    if (!replica) {
      input.on_refused(call, replica.error().message);
      if (!of_a_gone_collection(replica.error()) || in_an_exchange(call)) break;
      gone.insert(call.collection);
      continue;
    }
    const auto guarded = co_await race(input.guard(call), stopping_.wait());
    if (guarded.index() == 1) break;
    if (const auto& reason = std::get<0>(guarded); reason) {
      input.on_refused(call, *reason);
      break;
    }
    const rules::TimePoint started = clock_.now();
    for (const auto& move : call.moves) {
      ledger_.start({move.segment, move.replica, move.from, move.to, move.bytes, started});
    }
    input.on_start(call);
    const auto withdrawn = std::make_shared<std::string>();  // a cancelled call may ask late
    const auto may_send = [withdrawn, why_not = input.why_not_now] {
      if (why_not) *withdrawn = why_not();
      return withdrawn->empty();
    };
    const auto answer = co_await send(call, collection, may_send, options);
    if (!withdrawn->empty()) {
      for (const auto& move : call.moves) {
        all.push_back(not_sent(move, started, *withdrawn));
        input.on_end(all.back());
      }
      break;
    }
    const bool refused = !answer && answer.error().kind != milvus::FailureKind::transport;
    const rules::Duration timeout = refused ? options.refused_timeout : options.verify_timeout;
    const bool collection_gone = !answer && of_a_gone_collection(answer.error());
    const auto watched =
        co_await watch(call, collection, *std::move(replica), timeout, collection_gone, options);
    auto records = records_of(call, watched, answer);
    bool good = true;
    for (auto& record : records) {
      record.started = started;
      settle(record, answer, policy);
      input.on_end(record);
      good = good && record.result == MoveResult::succeeded;
      all.push_back(std::move(record));
    }
    if (good) continue;
    // Nothing reached the destination, and the dropped collection freed room: others may go on.
    if (!collection_gone || in_an_exchange(call)) break;
    gone.insert(call.collection);
  }
  co_return all;
}

}  // namespace evenkeel::loop
