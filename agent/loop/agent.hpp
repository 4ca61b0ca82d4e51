#pragma once
// The agent: schedules of observations, rounds and pauses, and the requests of others. All of it
// runs on one executor of one thread; other threads may call only Control's functions, unwell() and
// instruments().

#include <functional>
#include <memory>
#include <string>

#include "agent/loop/context.hpp"
#include "agent/loop/control.hpp"
#include "agent/loop/decision.hpp"
#include "agent/loop/instruments.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::loop {

class Agent final : public Control {
 public:
  // `parts` must outlive the agent.
  Agent(const asio::any_io_executor& executor, Parts parts, settings::Settings settings,
        bool dry_run);
  ~Agent() override;
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Observes and balances on schedule until stop(). Never throws: the next round follows a failed
  // one.
  [[nodiscard]] Awaitable<void> run();
  // Ends run() within 5 s: no new call is sent; a move under way is verified once more, else
  // recorded as unknown.
  void stop();

  // Applies new settings; the ledger and the counters stay. What the parts were built with
  // ([milvus], the scraper's timeout) stays, too.
  void reload(settings::Settings settings);
  void reload_failed();

  // In words, what the agent has not attempted for too long; empty: it is alive. Says nothing of
  // Milvus. Any thread may call it.
  [[nodiscard]] std::string unwell() const;

  [[nodiscard]] SnapshotPtr snapshot() const override;
  // The agent's counters. Any thread may call it.
  [[nodiscard]] std::shared_ptr<const Instruments> instruments() const;
  // A requested round comes at once, or right after the current one. Alerts wait until [alerts]
  // min_interval has passed since the last round that an alert caused.
  [[nodiscard]] Answer ask(RoundRequest request) override;
  [[nodiscard]] Answer ask(TransferRequest request) override;
  [[nodiscard]] Answer ask(PauseRequest request) override;
  [[nodiscard]] Answer ask(ResumeRequest request) override;
  [[nodiscard]] Answer ask(DrainRequest request) override;
  void count(AlertResult result, std::uint64_t times) override;

  // `callback` runs on the executor after each publication.
  void on_publish(std::function<void(const SnapshotPtr&)> callback);
  // `callback` runs on the executor with each round's cluster, ledger and decision, before any
  // call.
  using Planned = std::function<void(const rules::Cluster&, const rules::Ledger&, const Decision&)>;
  void on_plan(Planned callback);
  // `callback` runs on the executor when the end of a move is known, before its round ends.
  void on_move(std::function<void(const MoveRecord&)> callback);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel::loop
