#pragma once
// Whose turn it is to act, where several agents watch one cluster.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "rules/cluster.hpp"

namespace evenkeel::loop {

enum class Standing {
  alone,        // [turns] mode = "alone": this agent asks nobody
  watching,     // another acts, or it is not known who may
  taking_over,  // it is this agent's turn, but what the last one began is not known yet
  acting,       // it is this agent's turn
};
inline constexpr std::array kStandings{Standing::alone, Standing::watching, Standing::taking_over,
                                       Standing::acting};

[[nodiscard]] constexpr std::string_view name(Standing standing) {
  switch (standing) {
    case Standing::alone:
      return "alone";
    case Standing::watching:
      return "watching";
    case Standing::taking_over:
      return "taking_over";
    case Standing::acting:
      return "acting";
  }
  return "unknown";
}

// The state of the turn, as this agent knows it.
struct Turn {
  Standing standing = Standing::alone;
  std::string actor{};       // the host of the agent whose turn it is; empty: none is known
  std::string words{};       // why this agent does not act; empty: it does
  std::int64_t term = 0;     // this agent's: each turn of anybody has a higher one; 0: none
  rules::TimePoint since{};  // when `standing` became so

  // True if this agent may carry out its plans.
  [[nodiscard]] bool ours() const {
    return standing == Standing::alone || standing == Standing::acting;
  }
  [[nodiscard]] bool operator==(const Turn&) const = default;
};

}  // namespace evenkeel::loop
