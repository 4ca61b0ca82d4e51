#pragma once
// The port by which agents of one cluster take turns: one acts, the others watch.

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "agent/loop/journal.hpp"
#include "agent/loop/turn.hpp"
#include "agent/util/asio.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::loop {

// A turn that ends by itself soon after the agent has died or hangs. All functions are for the
// loop's thread.
class Turns {
 public:
  virtual ~Turns() = default;

  // Seeks the turn, or renews it, and returns how long it can be left alone.
  [[nodiscard]] virtual Awaitable<rules::Duration> tend() = 0;
  // Asks whether it is still this agent's turn, which lasts long enough to send one call; returns,
  // in words, why a call must not be sent now; nullopt: send it.
  [[nodiscard]] virtual Awaitable<std::optional<std::string>> check() = 0;
  // By this agent's own clock alone: the turn still lasts, for what is written at once.
  [[nodiscard]] virtual bool in_time() const = 0;
  // Lets another agent have the turn at once.
  [[nodiscard]] virtual Awaitable<void> resign() = 0;

  // What the agent that acted last has left; or why it cannot be known, in words.
  [[nodiscard]] virtual Awaitable<tl::expected<Memory, std::string>> handed_over() = 0;
  // Tells that what was left is known: from now on this agent leaves its own, and may act once what
  // another sent at the end of its turn has arrived.
  virtual void took_over() = 0;
  // Leaves what the next agent must know, while it is this agent's turn; else does nothing. An
  // error says what failed, where, and what to do.
  [[nodiscard]] virtual Awaitable<tl::expected<void, std::string>> hand_over(Memory memory) = 0;

  [[nodiscard]] virtual const Turn& state() const = 0;
};

}  // namespace evenkeel::loop
