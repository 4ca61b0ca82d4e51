#pragma once
// What others may ask of a running agent. Values.

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
};

// A round now, or right after the present one. The same gates hold as for any round.
struct RoundRequest {
  static constexpr std::size_t kMaxAlerts = 100;  // that are kept by name

  rules::Focus focus;
  std::vector<Alert> alerts;  // each once; none: a person asks
  std::string by;             // who, as the server knows them; empty: not known
};

// A person's load_balance. All gates hold but that of auto_balance.
struct TransferRequest {
  rules::Transfer transfer;
  std::string by;
};

// Nothing is moved from now on, not even to relieve an overloaded node.
struct PauseRequest {
  std::string reason;
  std::string by;
  std::optional<std::chrono::seconds> length;  // none: until somebody resumes
};

struct ResumeRequest {
  std::string by;
};

// A pause in force.
struct Pause {
  std::string reason;
  std::string by;
  rules::TimePoint since{};
  std::optional<rules::TimePoint> until;
};

enum class RequestKind { rebalance, load_balance, pause, resume, alert };
inline constexpr std::array kRequestKinds{RequestKind::rebalance, RequestKind::load_balance,
                                          RequestKind::pause, RequestKind::resume,
                                          RequestKind::alert};
[[nodiscard]] std::string_view name(RequestKind kind);

// What became of an alert that was sent to the agent.
enum class AlertResult {
  accepted,   // it asked for a round
  duplicate,  // it had already asked for one
  resolved,
  ignored,  // neither firing nor resolved
  refused,  // the whole request was
};
inline constexpr std::array kAlertResults{AlertResult::accepted, AlertResult::duplicate,
                                          AlertResult::resolved, AlertResult::ignored,
                                          AlertResult::refused};
[[nodiscard]] std::string_view name(AlertResult result);

}  // namespace evenkeel::loop
