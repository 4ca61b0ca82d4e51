#pragma once
// Bodies of answers of etcd's JSON gateway to values. An answer without etcd's header, cut short or
// of another shape is malformed.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/etcd/values.hpp"

namespace evenkeel::etcd {

// The keys found, and whether the range has more than were asked for.
struct Listing {
  std::vector<KeyValue> keys{};
  bool all = true;
};

[[nodiscard]] Result<Listing> parse_range(std::string_view body);
// Returns the store's revision, which is the key's new one.
[[nodiscard]] Result<Revision> parse_put(std::string_view body);
// Reads the answer to a transaction that changes a key, or else reads it.
[[nodiscard]] Result<Change> parse_change(std::string_view body);
[[nodiscard]] Result<Lease> parse_grant(std::string_view body);
// A lease that has ended is lease_not_found, here and in parse_time_left().
[[nodiscard]] Result<Lease> parse_renewal(std::string_view body);
[[nodiscard]] Result<Lease> parse_time_left(std::string_view body);
[[nodiscard]] Result<void> parse_revoked(std::string_view body);
[[nodiscard]] Result<std::string> parse_token(std::string_view body);

// Reads the answer of a status other than 200.
[[nodiscard]] Failure parse_failure(int status, std::string_view body);

}  // namespace evenkeel::etcd
