#pragma once
// The agent: its schedules of observations, rounds and pauses, and what others may ask of it.
// Everything runs on one executor of one thread; what Control offers alone may be called from other
// threads.

#include <functional>
#include <memory>
#include <string>

#include "agent/loop/context.hpp"
#include "agent/loop/control.hpp"
#include "agent/loop/decision.hpp"
#include "agent/loop/instruments.hpp"
#include "agent/util/asio.hpp"
#include "rules/ledger.hpp"

namespace evenkeel::loop {

class Agent final : public Control {
 public:
  // `parts` must outlive the agent.
  Agent(const asio::any_io_executor& executor, Parts parts, settings::Settings settings,
        bool dry_run);
  ~Agent() override;
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Scrapes and balances on schedule until stop(). A failed round is recorded and the next one
  // comes: nothing throws.
  [[nodiscard]] Awaitable<void> run();
  // Ends run() within 5 s: no new call is sent; a move under way is verified once more and else
  // recorded as unknown.
  void stop();

  // New settings from now on; the ledger and the counters stay. What the parts were built with
  // ([milvus], the scraper's timeout) stays too.
  void reload(settings::Settings settings);
  void reload_failed();

  // In words, what the agent has not attempted for too long; empty: it turns. It says nothing of
  // Milvus. From any thread.
  [[nodiscard]] std::string unwell() const;

  [[nodiscard]] SnapshotPtr snapshot() const override;
  // What the agent counts. From any thread.
  [[nodiscard]] std::shared_ptr<const Instruments> instruments() const;
  // A round that is asked for comes at once, or right after the present one. Alerts wait until
  // [alerts] min_interval has passed since the last round that one of them asked for.
  [[nodiscard]] Answer ask(RoundRequest request) override;
  [[nodiscard]] Answer ask(TransferRequest request) override;
  [[nodiscard]] Answer ask(PauseRequest request) override;
  [[nodiscard]] Answer ask(ResumeRequest request) override;
  void count(AlertResult result, std::uint64_t times) override;

  // Called on the executor after each publication.
  void on_publish(std::function<void(const SnapshotPtr&)> callback);
  // Called on the executor with what each round came to, the picture it was made on and the ledger,
  // before anything of it is sent.
  using Planned = std::function<void(const rules::Cluster&, const rules::Ledger&, const Decision&)>;
  void on_plan(Planned callback);
  // Called on the executor when the end of a move is known, before its round ends.
  void on_move(std::function<void(const MoveRecord&)> callback);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel::loop
