#pragma once
// Executor: sends load_balance calls one after the other and verifies each. Only the distribution
// tells what happened, whatever the call answered.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/loop/clock.hpp"
#include "agent/loop/decision.hpp"
#include "agent/milvus/coordinator.hpp"
#include "agent/util/asio.hpp"
#include "rules/admit.hpp"
#include "rules/ledger.hpp"

namespace evenkeel::loop {

// The time limits of an executor.
struct ExecutorOptions {
  rules::Duration verify_timeout =
      std::chrono::seconds{60};  // how long the distribution may take to show a move
  // The time for which a refused call is watched: an error does not mean that nothing happened.
  rules::Duration refused_timeout = std::chrono::seconds{10};
  rules::Duration poll = std::chrono::milliseconds{500};
  rules::Duration stop_grace =
      std::chrono::seconds{3};  // for a call under way when the agent must stop
};

// The calls to make, and callbacks that run on the loop's thread.
struct ExecutorInput {
  std::vector<rules::Call> calls;
  std::function<milvus::CollectionInfo(rules::CollectionId)> collection;
  // Runs just before each call is sent; returns the reason not to send it, or nullopt.
  std::function<Awaitable<std::optional<std::string>>(rules::Call)> guard;
  // Asked at the last moment before a call is written: why it is not sent after all, or nothing.
  std::function<std::string()> why_not_now;
  // Runs if a call is not sent: the cluster has changed since the plan, or the guard objected.
  std::function<void(const rules::Call&, const std::string& reason)> on_refused;
  std::function<void(const rules::Call&)> on_start;
  std::function<void(const MoveRecord&)> on_end;
};

// The place of a moving segment, as the distribution shows it.
enum class Sighting { landed, on_source, in_transit, elsewhere, gone };
[[nodiscard]] Sighting sight(const std::vector<milvus::SegmentInfo>& segments,
                             rules::SegmentId segment, rules::NodeId from, rules::NodeId to,
                             const std::vector<rules::NodeId>& replica);

// The names by which Milvus is asked for a collection; no name if the cluster does not list it.
[[nodiscard]] milvus::CollectionInfo collection_info(const rules::Cluster& cluster,
                                                     rules::CollectionId id);

// The only sender of load_balance calls; it keeps the ledger up to date about them.
class Executor {
 public:
  // All must outlive the executor.
  Executor(milvus::Coordinator& coordinator, Clock& clock, Event& stopping, rules::Ledger& ledger);

  // Runs the calls in order and stops after the first that did not fully succeed, since later ones
  // count on it. A released or dropped collection ends only its own moves. A move that was not sent
  // has no record; a move whose end is unknown stays in the ledger as a flight.
  [[nodiscard]] Awaitable<std::vector<MoveRecord>> run(ExecutorInput input, ExecutorOptions options,
                                                       rules::Policy policy);

 private:
  // The nodes of the call's replica, or why the call must not be sent.
  using Checked = tl::expected<std::vector<rules::NodeId>, milvus::Failure>;
  // The result of watching one call.
  struct Watched {
    std::vector<std::optional<Sighting>> sightings;  // one a move; nullopt: never read
    std::string trouble;                             // the message of the last failed read
  };

  [[nodiscard]] Awaitable<Checked> still_as_planned(rules::Call call,
                                                    milvus::CollectionInfo collection);
  [[nodiscard]] Awaitable<void> give_up(rules::Duration grace);
  [[nodiscard]] Awaitable<milvus::Result<void>> send(rules::Call call,
                                                     milvus::CollectionInfo collection,
                                                     std::function<bool()> may_send,
                                                     ExecutorOptions options);
  [[nodiscard]] MoveRecord not_sent(const rules::Move& move, rules::TimePoint started,
                                    const std::string& why);
  [[nodiscard]] Awaitable<Watched> watch(rules::Call call, milvus::CollectionInfo collection,
                                         std::vector<rules::NodeId> replica,
                                         rules::Duration timeout, bool collection_gone,
                                         ExecutorOptions options);
  [[nodiscard]] std::vector<MoveRecord> records_of(const rules::Call& call, const Watched& watched,
                                                   const milvus::Result<void>& answer) const;
  void settle(const MoveRecord& record, const milvus::Result<void>& answer,
              const rules::Policy& policy);

  milvus::Coordinator& coordinator_;
  Clock& clock_;
  Event& stopping_;
  rules::Ledger& ledger_;
};

}  // namespace evenkeel::loop
