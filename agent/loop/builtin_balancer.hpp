#pragma once
// What is known of Milvus's own balancer, which would move segments back.

#include <array>
#include <string>
#include <string_view>

#include "rules/cluster.hpp"

namespace evenkeel::loop {

enum class Hold {
  ignored,      // [builtin_balancer] mode = "ignore": nobody looks
  released,     // it may move segments: no move of ours is under way or settles
  held,         // this agent holds it off
  by_operator,  // a value of somebody else switches it off
  failed,       // it should be held off, and cannot be
};
inline constexpr std::array kHolds{Hold::ignored, Hold::released, Hold::held, Hold::by_operator,
                                   Hold::failed};

[[nodiscard]] constexpr std::string_view name(Hold hold) {
  switch (hold) {
    case Hold::ignored:
      return "ignored";
    case Hold::released:
      return "released";
    case Hold::held:
      return "held";
    case Hold::by_operator:
      return "by_operator";
    case Hold::failed:
      return "failed";
  }
  return "unknown";
}

// The state of the built-in balancer.
struct BuiltinBalancer {
  Hold hold = Hold::ignored;
  std::string words{};       // what holds it, or why nothing does; may be empty
  rules::TimePoint since{};  // when `hold` became so

  [[nodiscard]] bool operator==(const BuiltinBalancer&) const = default;
};

}  // namespace evenkeel::loop
