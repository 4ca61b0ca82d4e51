#include "agent/loop/inbox.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace evenkeel::loop {
namespace {

void merge(std::optional<AskedRound>& into, RoundRequest request, std::uint64_t number) {
  if (!into) {
    into.emplace();
    into->focus = request.focus;
  } else {
    into->focus.widen(request.focus);
  }
  for (auto& alert : request.alerts) {
    if (into->alerts.size() == RoundRequest::kMaxAlerts) break;
    const auto known = std::find(into->alerts.begin(), into->alerts.end(), alert);
    if (known == into->alerts.end()) into->alerts.push_back(std::move(alert));
  }
  if (into->numbers.size() < Inbox::kMaxNumbers) into->numbers.push_back(number);
  assert(into->alerts.size() <= RoundRequest::kMaxAlerts);
  assert(into->numbers.size() <= Inbox::kMaxNumbers);
  if (into->by.empty()) into->by = std::move(request.by);
}

}  // namespace

Inbox::Inbox(const asio::any_io_executor& executor, Instruments& instruments)
    : executor_(executor), instruments_(instruments), arrived_(std::make_shared<Event>(executor)) {}

std::optional<Denial> Inbox::denial() const {
  if (state_ == State::closed) return Denial::not_ready;
  if (state_ == State::ended) return Denial::stopping;
  return std::nullopt;
}

Ticket Inbox::accept(RequestKind kind) {
  instruments_.requested(kind);
  asio::post(executor_, [arrived = std::weak_ptr(arrived_)] {
    if (const auto event = arrived.lock()) event->set();
  });
  return {++numbers_, {}};
}

Control::Answer Inbox::put(RoundRequest request) {
  const std::scoped_lock lock(mutex_);
  if (const auto why = denial()) return tl::unexpected(*why);
  const bool alerts = !request.alerts.empty();
  Ticket ticket = accept(alerts ? RequestKind::alert : RequestKind::rebalance);
  merge(alerts ? by_alert_ : by_person_, std::move(request), ticket.number);
  return ticket;
}

Control::Answer Inbox::put(TransferRequest request) {
  const std::scoped_lock lock(mutex_);
  if (const auto why = denial()) return tl::unexpected(*why);
  if (transfers_.size() == kMaxWaiting) return tl::unexpected(Denial::full);
  Ticket ticket = accept(RequestKind::load_balance);
  transfers_.push_back({std::move(request), ticket.number});
  assert(transfers_.size() <= kMaxWaiting);
  return ticket;
}

template <typename Request>
Control::Answer Inbox::put_pause(Request request, RequestKind kind) {
  const std::scoped_lock lock(mutex_);
  if (const auto why = denial()) return tl::unexpected(*why);
  if (pauses_.size() == kMaxWaiting) return tl::unexpected(Denial::full);
  Ticket ticket = accept(kind);
  AskedPause asked{std::move(request), {}};
  ticket.taken_up = asked.taken_up.get_future();
  pauses_.push_back(std::move(asked));
  return ticket;
}

Control::Answer Inbox::put(PauseRequest request) {
  return put_pause(std::move(request), RequestKind::pause);
}

Control::Answer Inbox::put(ResumeRequest request) {
  return put_pause(std::move(request), RequestKind::resume);
}

Control::Answer Inbox::put(DrainRequest request) {
  const auto kind = request.drained ? RequestKind::drain : RequestKind::undrain;
  return put_pause(std::move(request), kind);
}

void Inbox::open() {
  const std::scoped_lock lock(mutex_);
  if (state_ == State::closed) state_ = State::open;
}

void Inbox::close() {
  const std::scoped_lock lock(mutex_);
  state_ = State::ended;
  by_person_.reset();
  by_alert_.reset();
  transfers_.clear();
  pauses_.clear();
}

bool Inbox::wants_round() const {
  const std::scoped_lock lock(mutex_);
  return by_person_.has_value();
}

bool Inbox::alerts() const {
  const std::scoped_lock lock(mutex_);
  return by_alert_.has_value();
}

std::optional<AskedRound> Inbox::take_round() {
  const std::scoped_lock lock(mutex_);
  auto round = std::exchange(by_person_, std::nullopt);
  auto alert = std::exchange(by_alert_, std::nullopt);
  if (!round) return alert;
  if (!alert) return round;
  assert(round->alerts.empty() && "a person's requests name no alerts");
  round->focus.widen(alert->focus);
  round->alerts = std::move(alert->alerts);
  round->numbers.insert(round->numbers.end(), alert->numbers.begin(), alert->numbers.end());
  return round;
}

std::optional<AskedTransfer> Inbox::take_transfer() {
  const std::scoped_lock lock(mutex_);
  if (transfers_.empty()) return std::nullopt;
  auto transfer = std::move(transfers_.front());
  transfers_.pop_front();
  return transfer;
}

std::vector<AskedPause> Inbox::take_pauses() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(pauses_, {});
}

}  // namespace evenkeel::loop
