#pragma once
// What etcd holds and says, as values.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace evenkeel::etcd {

// A number that grows with each change of the store; 0: none.
using Revision = std::int64_t;
enum class LeaseId : std::int64_t {};  // 0: no lease

// A key as it stands.
struct KeyValue {
  std::string key{};
  std::string value{};
  Revision created = 0;   // the change that made it: the same as long as it was not deleted
  Revision modified = 0;  // the last change of it
  LeaseId lease{};        // the key goes when this ends

  [[nodiscard]] bool operator==(const KeyValue&) const = default;
};

// A lease and its time, which etcd may set longer than it was asked for.
struct Lease {
  LeaseId id{};
  std::chrono::seconds time{};  // how long it lasts without being renewed
};

// What a change with a condition came to.
struct Change {
  bool done = false;
  // The store's revision then: that of the key, if it was put.
  Revision revision = 0;
  std::optional<KeyValue> found{};  // if not done: what stands there instead
};

enum class FailureKind {
  unreachable,      // no answer: refused, reset, hung beyond the timeout, …
  unavailable,      // etcd cannot serve now: no leader, too many requests, timed out inside
  malformed,        // an answer that is not etcd's
  no_space,         // its quota is used up, and it takes no writes (alarm NOSPACE)
  login,            // user or password is missing, wrong or cannot be read
  token,            // the login's token is no longer good; the client gets a new one
  login_off,        // etcd has its authentication switched off
  permission,       // this user may not do this
  compacted,        // the revision that was asked for is no longer kept
  lease_not_found,  // the lease has ended
  refused,          // another error that etcd answered
};
[[nodiscard]] std::string_view name(FailureKind kind);

// The failure of a call: what, where and what to do.
struct Failure {
  FailureKind kind = FailureKind::unreachable;
  std::string message{};
};

template <typename T>
using Result = tl::expected<T, Failure>;

}  // namespace evenkeel::etcd
