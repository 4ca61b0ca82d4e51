#pragma once
// What is known of Milvus's own balancer, and of whoever else moves segments.

#include <array>
#include <string>
#include <string_view>

#include "rules/cluster.hpp"

namespace evenkeel::loop {

enum class Hold {
  ignored,      // [builtin_balancer] mode = "ignore": nobody looks
  quiet,        // mode = "detect": no segment moved without this agent of late
  active,       // mode = "detect": segments move without this agent
  released,     // it may move segments: no move of ours is under way or settles
  held,         // this agent holds it off
  by_operator,  // a value of somebody else switches it off
  failed,       // it should be held off, and cannot be
};
inline constexpr std::array kHolds{Hold::ignored, Hold::quiet,       Hold::active, Hold::released,
                                   Hold::held,    Hold::by_operator, Hold::failed};

[[nodiscard]] constexpr std::string_view name(Hold hold) {
  switch (hold) {
    case Hold::ignored:
      return "ignored";
    case Hold::quiet:
      return "quiet";
    case Hold::active:
      return "active";
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

// By what this agent holds it off.
enum class HeldBy {
  nothing,
  etcd,     // a value in Milvus's live configuration, under a lease
  suspend,  // /management/querycoord/balance/suspend
};
inline constexpr std::array kHeldBy{HeldBy::nothing, HeldBy::etcd, HeldBy::suspend};

[[nodiscard]] constexpr std::string_view name(HeldBy by) {
  switch (by) {
    case HeldBy::nothing:
      return "nothing";
    case HeldBy::etcd:
      return "etcd";
    case HeldBy::suspend:
      return "suspend";
  }
  return "unknown";
}

// The state of the built-in balancer.
struct BuiltinBalancer {
  Hold hold = Hold::ignored;
  std::string words{};       // what holds it, why nothing does, or what it moved; may be empty
  rules::TimePoint since{};  // when `hold` became so
  HeldBy by = HeldBy::nothing;

  [[nodiscard]] bool operator==(const BuiltinBalancer&) const = default;
};

}  // namespace evenkeel::loop
