#pragma once
// What the loop does about Milvus's own balancer: it holds it off while it moves segments, or, with
// [builtin_balancer] mode = "detect", levels nothing while segments move without it.

#include <optional>
#include <string>

#include "agent/loop/context.hpp"
#include "agent/loop/picture.hpp"
#include "agent/util/asio.hpp"
#include "rules/admit.hpp"

namespace evenkeel::loop {

// The state of the built-in balancer now.
[[nodiscard]] BuiltinBalancer builtin_balancer(const Context& context, const Picture& picture);

class Holding {
 public:
  // Both must outlive it.
  Holding(Context& context, const Picture& picture) : context_(context), picture_(picture) {}

  // Tends the hold until the agent stops, and lets go then. A dry run leaves all as it is.
  [[nodiscard]] Awaitable<void> on_schedule();

  // The reason, in words, to level nothing before the hold is asked for; empty: there is none.
  [[nodiscard]] std::string disquiet() const;
  // Holds for the moves of a round, and returns why that cannot be; empty: it is held. Must be
  // followed by moves_end().
  [[nodiscard]] Awaitable<std::string> take();
  // What was moved keeps the hold until it has settled, and a drained node from round to round:
  // Milvus's own balancer would fill it again.
  void moves_end();
  // Some node is drained.
  [[nodiscard]] bool drains() const;
  // Why this call must not be sent now, though take() held; nullopt: nothing is against it.
  [[nodiscard]] std::optional<std::string> against(const rules::Call& call) const;

 private:
  void publish_changes();

  Context& context_;
  const Picture& picture_;
  BuiltinBalancer published_;
};

// Ends a round's use of the hold, however the round ends.
class MovesEnd {
 public:
  explicit MovesEnd(Holding& holding) : holding_(holding) {}
  ~MovesEnd() { holding_.moves_end(); }
  MovesEnd(const MovesEnd&) = delete;
  MovesEnd& operator=(const MovesEnd&) = delete;

 private:
  Holding& holding_;
};

}  // namespace evenkeel::loop
