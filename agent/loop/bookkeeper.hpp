#pragma once
// Keeps the journal: reads it at the start, and writes what has changed, for the
// next run of this agent and, where agents take turns, for the next one to act.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/loop/chronicle.hpp"
#include "agent/loop/context.hpp"
#include "agent/loop/journal.hpp"
#include "agent/loop/pauses.hpp"
#include "agent/loop/picture.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::loop {

class Bookkeeper {
 public:
  // All must outlive it.
  Bookkeeper(const asio::any_io_executor& executor, Context& context, Picture& picture,
             Pauses& pauses, Chronicle& chronicle);

  // Takes up what an earlier run has left, and has everything rest where that is not all.
  void recall();

  // Takes up what the agent has left that acted last; where that is not known, everything rests.
  void take_over(tl::expected<Memory, std::string> left);

  // Tells that what the agent must know again has changed.
  void changed() { changed_.set(); }
  // Writes whenever changed() was called, until the agent stops.
  [[nodiscard]] Awaitable<void> keep();
  // Returns when keep() has written the last that it was told of.
  [[nodiscard]] Awaitable<void> finished() { return finished_.wait(); }

  // Writes that these moves are about to start. Returns why they must not: what is not written is
  // forgotten if the agent dies. `decision` has the moves of its earlier calls.
  [[nodiscard]] Awaitable<std::optional<std::string>> write_ahead(Decision decision,
                                                                  std::vector<rules::Move> moves);
  // The ledger knows these moves by now, or they are not sent after all.
  void call_settled() { ahead_.clear(); }
  // Whether an agent has suspended Milvus's own balancer, as far as is noted.
  [[nodiscard]] const SuspensionNote& suspension() const { return suspension_; }
  // Why nothing can be noted for the next run of this agent; empty: it can.
  [[nodiscard]] std::string forgets() const;
  // Notes it. Returns why that cannot be: then it is as before, or with `suspended` false will be
  // noted with the next writing.
  [[nodiscard]] Awaitable<std::optional<std::string>> note_suspension(bool suspended);
  // Writes a finished decision; if that fails, keep() tries again.
  [[nodiscard]] Awaitable<void> record(Decision decision);

 private:
  using DecisionPtr = std::shared_ptr<const Decision>;

  // True if something outlives this agent's process.
  [[nodiscard]] bool keeps() const;
  [[nodiscard]] JournalEntry entry() const;
  [[nodiscard]] Awaitable<bool> write(JournalEntry entry);
  [[nodiscard]] Awaitable<tl::expected<void, std::string>> hand_over(Memory memory);
  [[nodiscard]] Awaitable<void> write_all();
  void note(const tl::expected<void, std::string>& written);

  Context& context_;
  Picture& picture_;
  Pauses& pauses_;
  Chronicle& chronicle_;
  Event changed_;
  Event finished_;
  std::vector<rules::Flight> ahead_;   // about to start: the ledger does not know them yet
  std::deque<DecisionPtr> unwritten_;  // oldest first
  SuspensionNote suspension_;
};

}  // namespace evenkeel::loop
