#include "agent/web/dispatcher.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace evenkeel::web {
namespace {

using Clock = Connection::Clock;

constexpr std::size_t kAcceptsAtOnce = 64;
// How long no connection is accepted after the system refused one for want of descriptors or
// memory.
constexpr std::chrono::milliseconds kAcceptPause{100};

FileDescriptor make_wake_up() {
  FileDescriptor fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!fd) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

}  // namespace

Dispatcher::Dispatcher(FileDescriptor listener, Answer answer, DispatcherLimits limits)
    : answer_(std::move(answer)),
      limits_(limits),
      wake_up_(make_wake_up()),
      listener_(std::move(listener)) {
  threads_.emplace_back([this] { wait_for_requests(); });
  for (std::size_t i = 0; i < limits_.workers; ++i) threads_.emplace_back([this] { work(); });
}

Dispatcher::~Dispatcher() {
  stop();
}

void Dispatcher::stop() {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    wake();
    changed_.wait_for(lock, limits_.grace, [this] { return answering_.empty(); });
    for (auto* connection : answering_) connection->abort();
  }
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  asking_.clear();
  answered_.clear();
}

void Dispatcher::wake() const {
  const std::uint64_t one = 1;
  // It can only fail where it is set already.
  [[maybe_unused]] const auto written = ::write(wake_up_.get(), &one, sizeof one);
}

// --- The waiting thread
// ----------------------------------------------------------------------------------------------

void Dispatcher::wait_for_requests() {
  std::vector<pollfd> waiting;
  while (take_back_answered()) {
    const bool accepting = Clock::now() >= accept_again_;
    waiting.assign({{.fd = wake_up_.get(), .events = POLLIN, .revents = 0},
                    {.fd = accepting ? listener_.get() : -1, .events = POLLIN, .revents = 0}});
    for (const auto& idle : idle_) {
      waiting.push_back({.fd = idle.connection->fd(), .events = POLLIN, .revents = 0});
    }
    if (::poll(waiting.data(), waiting.size(), time_to_wait(accepting)) < 0) continue;

    std::uint64_t woken = 0;
    [[maybe_unused]] const auto read = ::read(wake_up_.get(), &woken, sizeof woken);
    dispatch_requests(std::span(waiting).subspan(2));
    close_expired();
    if (waiting[1].revents != 0) accept_connections();
  }
  idle_.clear();
  listener_ = FileDescriptor();
}

// In milliseconds, as poll() takes it.
int Dispatcher::time_to_wait(bool accepting) const {
  auto until = Clock::time_point::max();
  if (!accepting) until = accept_again_;
  if (!idle_.empty()) until = std::min(until, idle_.front().since + limits_.idle);
  if (until == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 0));
}

// False: it is time to end.
bool Dispatcher::take_back_answered() {
  const std::scoped_lock lock(mutex_);
  const auto now = Clock::now();
  for (auto& connection : answered_) idle_.push_back({std::move(connection), now});
  answered_.clear();
  return !stopping_;
}

void Dispatcher::dispatch_requests(std::span<const pollfd> idle) {
  std::deque<Idle> still_idle;
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < idle.size(); ++i) {
    if (idle[i].revents == 0) {
      still_idle.push_back(std::move(idle_[i]));
    } else {
      asking_.push_back(std::move(idle_[i].connection));
      changed_.notify_all();
    }
  }
  idle_ = std::move(still_idle);
}

void Dispatcher::close_expired() {
  const auto now = Clock::now();
  while (!idle_.empty() && idle_.front().since + limits_.idle <= now) idle_.pop_front();
}

void Dispatcher::accept_connections() {
  for (std::size_t i = 0; i < kAcceptsAtOnce; ++i) {
    FileDescriptor socket(
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      const bool passing =
          errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ECONNABORTED;
      if (!passing) accept_again_ = Clock::now() + kAcceptPause;
      return;
    }
    if (!make_room()) continue;
    // Head and body of an answer are two writes; the second must not wait for the first to be
    // acknowledged.
    const int yes = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    idle_.push_back({std::make_unique<Connection>(std::move(socket)), Clock::now()});
  }
}

bool Dispatcher::make_room() {
  std::size_t open = idle_.size();
  {
    const std::scoped_lock lock(mutex_);
    open += asking_.size() + answering_.size() + answered_.size();
  }
  if (open < limits_.connections) return true;
  if (idle_.empty()) return false;
  idle_.pop_front();
  return true;
}

// --- A worker
// --------------------------------------------------------------------------------------------------------

void Dispatcher::work() {
  while (true) {
    ConnectionPtr connection;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !asking_.empty(); });
      if (stopping_) return;
      connection = std::move(asking_.front());
      asking_.pop_front();
      answering_.push_back(connection.get());
    }
    connection->begin_request();
    const bool keep = answer_(*connection);
    if (!keep) connection->part();

    const std::scoped_lock lock(mutex_);
    std::erase(answering_, connection.get());
    if (keep) (connection->has_input() ? asking_ : answered_).push_back(std::move(connection));
    changed_.notify_all();
    wake();
  }
}

}  // namespace evenkeel::web
