#pragma once
// Where other threads leave what they ask of the loop, and where the loop finds it. Rounds that are
// asked for while others wait become one with them, so that a flood of requests makes no more than
// one round; of the rest a few may wait.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

#include "agent/loop/control.hpp"
#include "agent/loop/instruments.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::loop {

// A round to be made, merged of all requests for one.
struct AskedRound {
  rules::Focus focus;
  std::vector<Alert> alerts;  // each once, at most RoundRequest::kMaxAlerts
  std::vector<std::uint64_t> numbers;
  std::string by;  // of the first that said
};

struct AskedTransfer {
  TransferRequest request;
  std::uint64_t number = 0;
};

// A pause or its end.
struct AskedPause {
  std::variant<PauseRequest, ResumeRequest> request;
  std::promise<SnapshotPtr> taken_up;
};

class Inbox {
 public:
  static constexpr std::size_t kMaxWaiting = 16;  // transfers, and pauses
  static constexpr std::size_t kMaxNumbers = 100;

  // `instruments`, which count what is taken, must outlive it.
  Inbox(const asio::any_io_executor& executor, Instruments& instruments);

  // From any thread.
  [[nodiscard]] Control::Answer put(RoundRequest request);
  [[nodiscard]] Control::Answer put(TransferRequest request);
  [[nodiscard]] Control::Answer put(PauseRequest request);
  [[nodiscard]] Control::Answer put(ResumeRequest request);

  // From the loop's thread alone. Nothing is taken before open() or after close().
  void open();
  void close();
  [[nodiscard]] bool wants_round() const;  // a person
  [[nodiscard]] bool alerts() const;       // an alert wants one
  [[nodiscard]] std::optional<AskedRound> take_round();
  [[nodiscard]] std::optional<AskedTransfer> take_transfer();
  [[nodiscard]] std::vector<AskedPause> take_pauses();
  // Set when something has come since it was last reset.
  [[nodiscard]] Event& arrived() { return *arrived_; }

 private:
  enum class State { closed, open, ended };

  [[nodiscard]] std::optional<Denial> denial() const;
  [[nodiscard]] Ticket accept(RequestKind kind);
  template <typename Request>
  [[nodiscard]] Control::Answer put_pause(Request request, RequestKind kind);

  asio::any_io_executor executor_;
  Instruments& instruments_;
  std::shared_ptr<Event> arrived_;  // shared with what is posted, which may come too late
  mutable std::mutex mutex_;        // guards all below
  State state_ = State::closed;
  std::uint64_t numbers_ = 0;
  std::optional<AskedRound> by_person_;
  std::optional<AskedRound> by_alert_;
  std::deque<AskedTransfer> transfers_;
  std::vector<AskedPause> pauses_;
};

}  // namespace evenkeel::loop
