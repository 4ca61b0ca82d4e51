#pragma once
// How the loop takes turns with other agents. Without a port for it, as with [turns] mode =
// "alone", it is always this agent's turn.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "agent/loop/bookkeeper.hpp"
#include "agent/loop/context.hpp"
#include "agent/loop/picture.hpp"
#include "agent/loop/turn.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::loop {

class Turning {
 public:
  // All must outlive it.
  Turning(Context& context, Picture& picture, Bookkeeper& bookkeeper)
      : context_(context), picture_(picture), bookkeeper_(bookkeeper) {}

  // Seeks and keeps the turn until the agent stops, and resigns then.
  [[nodiscard]] Awaitable<void> on_schedule();

  // True once after this agent's turn has begun: a round should not wait for its time.
  [[nodiscard]] bool has_begun() { return std::exchange(begun_, false); }

  // In words, why this agent must not act now; empty: it may.
  [[nodiscard]] std::string not_ours() const;
  // As not_ours(), but asks the others' common store: the last look before a call.
  [[nodiscard]] Awaitable<std::optional<std::string>> check() const;
  // The turn still lasts by this agent's own clock.
  [[nodiscard]] bool in_time() const;

 private:
  [[nodiscard]] Awaitable<void> take_over();
  [[nodiscard]] Awaitable<void> let_work_end();
  void publish_changes();

  Context& context_;
  Picture& picture_;
  Bookkeeper& bookkeeper_;
  Turn published_;
  bool begun_ = false;
  std::int64_t known_term_ = 0;  // what was left at its beginning is known
};

}  // namespace evenkeel::loop
