#pragma once
// The release of a simulated cluster, and what it does differently from the others.

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace evenkeel::demo {

// Releases that behave alike as far as an outside balancer can see.
enum class Era { v2_3, v2_5, v2_6, v3_0 };

// Returns the version that `system_info` states: "2.3.5", "2.5.6", "2.6.19", "3.0.0".
[[nodiscard]] const char* build_version(Era era);

// A version in numbers, which names what changed between releases: nobody else compares versions.
struct Release {
  int major = 2, minor = 3, patch = 5;
  friend auto operator<=>(const Release&, const Release&) = default;

  [[nodiscard]] bool at_least(int a, int b, int c = 0) const { return *this >= Release{a, b, c}; }

  // Errors have a code of their own (merr) beside the old one.
  [[nodiscard]] bool has_codes() const { return at_least(2, 3); }
  // Resource groups can be listed and described; since 2.4 they name their nodes.
  [[nodiscard]] bool has_resource_groups() const { return at_least(2, 2, 6); }
  [[nodiscard]] bool groups_name_nodes() const { return at_least(2, 4); }
  // gRPC lists databases.
  [[nodiscard]] bool lists_databases() const { return at_least(2, 2, 9); }
  // Answers name the level of a segment, and the sizes of nodes' /metrics leave indexes out.
  [[nodiscard]] bool has_levels() const { return at_least(2, 4); }
  // L0 segments stand in lists of segments; later the coordinator keeps them to itself.
  [[nodiscard]] bool lists_l0() const { return has_levels() && !has_streaming_nodes(); }
  // The v2 REST interface lists databases.
  [[nodiscard]] bool has_v2() const { return at_least(2, 4); }
  // The built-in balancer can be suspended and resumed; whether it is can be asked from 2.5 on.
  [[nodiscard]] bool has_balance_switch() const { return at_least(2, 4); }
  // The console's routes are /api/v1/_….
  [[nodiscard]] bool has_console() const { return at_least(2, 5); }
  [[nodiscard]] bool has_streaming_nodes() const { return at_least(2, 6); }
  // Before, a streaming node calls itself a query node and may be the source of a move.
  [[nodiscard]] bool names_streaming_nodes() const { return at_least(2, 6, 14); }
  // In 2.6.0 alone, a streaming node stands in the resource group like a query node.
  [[nodiscard]] bool groups_streaming_nodes() const {
    return has_streaming_nodes() && !at_least(2, 6, 1);
  }
  // Before, /api/v1 is open to everybody, even with authorization on.
  [[nodiscard]] bool asks_for_login() const {
    return at_least(2, 6, 10) || (at_least(2, 5, 27) && !at_least(2, 6));
  }
};

// Reads "2.6.19", with or without a "v" before and anything behind the patch ("2.5.6-dev"). None:
// no such text. A patch that is not stated is 0.
[[nodiscard]] std::optional<Release> parse_release(std::string_view version);

}  // namespace evenkeel::demo
