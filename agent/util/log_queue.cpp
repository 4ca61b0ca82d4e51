#include "agent/util/log_queue.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace evenkeel::log {

namespace {

constexpr std::size_t kBytesAtOnce = std::size_t{64} << 10;

}  // namespace

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd until_writable{fd, POLLOUT, 0};
      ::poll(&until_writable, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

// The thread, which may outlive the queue, shares its state.
struct Queue::State {
  // These two need the mutex, which guards the members after it.
  [[nodiscard]] bool idle() const { return lines.empty() && unsaid == 0 && !writing; }
  void say_dropped_lines();

  static void work(const std::shared_ptr<State>& self);

  int fd = -1;
  std::size_t max_bytes = 0;
  SayDropped say_dropped;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::string> lines;
  std::size_t bytes = 0;      // of `lines`
  std::uint64_t dropped = 0;  // since the start
  std::uint64_t unsaid = 0;   // dropped since the last line that said so
  bool writing = false;
  bool closed = false;
};

void Queue::State::say_dropped_lines() {
  if (unsaid == 0) return;
  lines.push_back(say_dropped(std::exchange(unsaid, 0)));
  bytes += lines.back().size();
}

void Queue::State::work(const std::shared_ptr<State>& self) {
  std::unique_lock lock(self->mutex);
  for (;;) {
    self->changed.wait(lock, [&] { return self->closed || !self->idle(); });
    if (self->closed) return;
    if (self->lines.empty()) self->say_dropped_lines();
    std::string text;
    std::uint64_t count = 0;
    for (; !self->lines.empty() && text.size() < kBytesAtOnce; ++count) {
      self->bytes -= self->lines.front().size();
      text += self->lines.front();
      self->lines.pop_front();
    }
    self->writing = true;
    lock.unlock();
    const bool written = write_all(self->fd, text);
    lock.lock();
    self->writing = false;
    if (!written) self->dropped += count;  // nobody is there to be told
    self->changed.notify_all();
  }
}

Queue::Queue(int fd, std::size_t max_bytes, SayDropped say_dropped)
    : state_(std::make_shared<State>()) {
  state_->fd = fd;
  state_->max_bytes = max_bytes;
  state_->say_dropped = std::move(say_dropped);
  std::thread([state = state_] { State::work(state); }).detach();
}

Queue::~Queue() {
  const std::lock_guard lock(state_->mutex);
  state_->closed = true;
  state_->changed.notify_all();
}

void Queue::put(std::string line, bool is_error) {
  const std::lock_guard lock(state_->mutex);
  auto& state = *state_;
  const auto room = is_error ? state.max_bytes : state.max_bytes / 4 * 3;
  if (state.bytes + line.size() > room) {
    ++state.dropped;
    ++state.unsaid;
    return;
  }
  state.say_dropped_lines();
  state.bytes += line.size();
  state.lines.push_back(std::move(line));
  state.changed.notify_all();
}

bool Queue::flush(std::chrono::milliseconds at_most) {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, at_most, [this] { return state_->idle(); });
}

std::size_t Queue::waiting() const {
  const std::lock_guard lock(state_->mutex);
  return state_->lines.size();
}

std::uint64_t Queue::dropped() const {
  const std::lock_guard lock(state_->mutex);
  return state_->dropped;
}

}  // namespace evenkeel::log
