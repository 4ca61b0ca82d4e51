#pragma once
// The version that a Milvus states, and what is known here of that version. Pure.

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace evenkeel::milvus {

// A version of Milvus in numbers.
struct Version {
  int major = 0, minor = 0, patch = 0;
  auto operator<=>(const Version&) const = default;
};

// Reads "2.6.19", "v2.3.5", "v2.4.0-rc.1", "2.5-20250101-abc" (patch 0). None: no such version.
[[nodiscard]] std::optional<Version> parse_version(std::string_view text);

// The oldest and the newest version whose answers are known, the newest by its source.
inline constexpr Version kOldest{2, 1, 0};
inline constexpr int kNewestMajor = 3, kNewestMinor = 0;

// Tells how well a version is known.
enum class Knowledge {
  live,        // a server of this line was run: 2.2, 2.3, 2.6
  source,      // its source was read: 2.1 (documentation), 2.4, 2.5, 3.0
  newer,       // newer than all that is known
  older,       // older than all that is known
  unreadable,  // empty, or no version
};
[[nodiscard]] Knowledge knowledge_of(std::string_view version);
[[nodiscard]] std::string_view name(Knowledge knowledge);  // "live", "source", …

// Says why a Milvus of this version may be judged but not acted on; empty: it may.
[[nodiscard]] std::string why_untested(std::string_view version);

// The console's lists may be there (2.5 and later, or an unreadable version).
[[nodiscard]] bool may_have_lists(std::string_view version);
// Streaming nodes may be there (2.6 and later, or an unreadable version).
[[nodiscard]] bool may_have_streaming_nodes(std::string_view version);
// system_info tells streaming nodes from query nodes (2.6.14 and later).
[[nodiscard]] bool names_streaming_nodes(std::string_view version);
// Resource groups name plain query nodes alone (2.6.1 and later; before 2.6 there are no others).
[[nodiscard]] bool groups_tell_streaming_nodes(std::string_view version);
// entity_size leaves out indexes and mapped columns (2.4 and later, or an unreadable version).
[[nodiscard]] bool entity_size_is_partial(std::string_view version);
// Vectors are mapped from files by default (2.6 and later).
[[nodiscard]] bool maps_vectors(std::string_view version);

}  // namespace evenkeel::milvus
