#pragma once
// Queue of requests from other threads to the loop. Waiting requests for rounds are merged into
// one, so that a flood makes only one round; transfers, pauses and drains wait in bounded queues.

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

// A round to make, merged from all requests for one.
struct AskedRound {
  rules::Focus focus;
  std::vector<Alert> alerts;  // each once, at most RoundRequest::kMaxAlerts
  std::vector<std::uint64_t> numbers;
  std::string by;  // from the first request that has a name
};

// A transfer to make.
struct AskedTransfer {
  TransferRequest request;
  std::uint64_t number = 0;
};

// A pause or a drain, or its end.
struct AskedPause {
  std::variant<PauseRequest, ResumeRequest, DrainRequest> request;
  std::promise<SnapshotPtr> taken_up;
};

class Inbox {
 public:
  static constexpr std::size_t kMaxWaiting = 16;  // transfers; as many pauses and drains
  static constexpr std::size_t kMaxNumbers = 100;

  // `instruments` count the accepted requests and must outlive the inbox.
  Inbox(const asio::any_io_executor& executor, Instruments& instruments);

  // Any thread may call these.
  [[nodiscard]] Control::Answer put(RoundRequest request);
  [[nodiscard]] Control::Answer put(TransferRequest request);
  [[nodiscard]] Control::Answer put(PauseRequest request);
  [[nodiscard]] Control::Answer put(ResumeRequest request);
  [[nodiscard]] Control::Answer put(DrainRequest request);

  // Only the loop's thread may call these. put() accepts nothing before open() or after close().
  void open();
  void close();
  [[nodiscard]] bool wants_round() const;  // one from a person waits
  [[nodiscard]] bool alerts() const;       // one from an alert waits
  [[nodiscard]] std::optional<AskedRound> take_round();
  [[nodiscard]] std::optional<AskedTransfer> take_transfer();
  [[nodiscard]] std::vector<AskedPause> take_pauses();
  // Set when a request has come since the last reset.
  [[nodiscard]] Event& arrived() { return *arrived_; }

 private:
  enum class State { closed, open, ended };

  [[nodiscard]] std::optional<Denial> denial() const;
  [[nodiscard]] Ticket accept(RequestKind kind);
  template <typename Request>
  [[nodiscard]] Control::Answer put_pause(Request request, RequestKind kind);

  asio::any_io_executor executor_;
  Instruments& instruments_;
  std::shared_ptr<Event> arrived_;  // weakly held by posted handlers, which may run too late
  mutable std::mutex mutex_;        // guards all below
  State state_ = State::closed;
  std::uint64_t numbers_ = 0;
  std::optional<AskedRound> by_person_;
  std::optional<AskedRound> by_alert_;
  std::deque<AskedTransfer> transfers_;
  std::vector<AskedPause> pauses_;
};

}  // namespace evenkeel::loop
