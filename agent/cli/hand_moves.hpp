#pragma once
// Moves that a verb makes itself: checked by the guard, sent, verified and told one after the
// other.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/cli/session.hpp"
#include "agent/loop/decision.hpp"
#include "agent/loop/guard.hpp"
#include "rules/admit.hpp"
#include "rules/ledger.hpp"

namespace evenkeel::cli {

// The names of collections, for people.
using CollectionNames = std::map<rules::CollectionId, std::string>;
[[nodiscard]] CollectionNames names_of(const rules::Cluster& cluster);

// What to move, and what it is by.
struct HandMoves {
  loop::Guard::Picture picture;
  rules::Ledger& ledger;
  const std::vector<rules::Call>& calls;
  const CollectionNames& names;
  // Before each call, look for segments of all the calls that somebody else has moved.
  bool watch_for_others = false;
  // ^C ends the moves after the call under way instead of at once; a second one ends them at once.
  bool ends_gently = false;
  std::function<void(const loop::MoveRecord&)> on_end = {};  // besides the line that is printed
};

// What became of the moves.
struct HandMoved {
  std::vector<loop::MoveRecord> records;
  std::string refusal;  // why a call was not sent, and none after it; empty: all were sent

  [[nodiscard]] std::size_t succeeded() const;
  [[nodiscard]] rules::Bytes bytes() const;  // of these
};

// Stops after the first call that did not fully succeed.
[[nodiscard]] HandMoved make_moves(Session& session, const HandMoves& moves);

// These print, and return the exit code: what became of so many moves, or why none is made.
int tell(const HandMoved& moved, std::size_t asked);
int refuse(const std::string& why);

}  // namespace evenkeel::cli
