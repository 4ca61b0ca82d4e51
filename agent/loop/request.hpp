#pragma once
// Requests to a running agent, as values.

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/focus.hpp"
#include "rules/transfer.hpp"

namespace evenkeel::loop {

// An alert that asked for a round.
struct Alert {
  std::string name;         // its label "alertname"
  std::string fingerprint;  // of all its labels, as Alertmanager computes it

  auto operator<=>(const Alert&) const = default;
  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("name", self.name);
    visit("fingerprint", self.fingerprint);
  }
};

// A request for a round at once, or right after the current one. All gates apply.
struct RoundRequest {
  static constexpr std::size_t kMaxAlerts = 100;  // kept by name; more are dropped

  rules::Focus focus;
  std::vector<Alert> alerts;  // each once; empty: a person asks
  std::string by;             // the user's name; empty: not known
};

// A person's load_balance. All gates apply except that of auto_balance.
struct TransferRequest {
  rules::Transfer transfer;
  std::string by;
};

// A request to move nothing from now on, not even off an overloaded node.
struct PauseRequest {
  std::string reason;
  std::string by;
  std::optional<std::chrono::seconds> length;  // nullopt: until somebody resumes
};

// A request to end the pause.
struct ResumeRequest {
  std::string by;
};

// A request to empty a node, or to let it take segments again.
struct DrainRequest {
  rules::NodeId node{};
  bool drained = true;  // false: no longer
  std::string reason;
  std::string by;
};

// A pause in force.
struct Pause {
  std::string reason;
  std::string by;
  rules::TimePoint since{};
  std::optional<rules::TimePoint> until;
  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("reason", self.reason);
    visit("by", self.by);
    visit("since", self.since);
    visit("until", self.until);
  }
};

enum class RequestKind { rebalance, load_balance, pause, resume, drain, undrain, alert };
inline constexpr std::array kRequestKinds{
    RequestKind::rebalance, RequestKind::load_balance, RequestKind::pause, RequestKind::resume,
    RequestKind::drain,     RequestKind::undrain,      RequestKind::alert};
[[nodiscard]] std::string_view name(RequestKind kind);

// The agent's treatment of an alert that it was sent.
enum class AlertResult {
  accepted,   // it asked for a round
  duplicate,  // it had already asked for one
  resolved,
  ignored,  // neither firing nor resolved
  refused,  // with the whole request
};
inline constexpr std::array kAlertResults{AlertResult::accepted, AlertResult::duplicate,
                                          AlertResult::resolved, AlertResult::ignored,
                                          AlertResult::refused};
[[nodiscard]] std::string_view name(AlertResult result);

}  // namespace evenkeel::loop
