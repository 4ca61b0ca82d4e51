#include "agent/web/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace evenkeel::web {

Connection::Connection(FileDescriptor socket, ConnectionLimits limits)
    : socket_(std::move(socket)), limits_(limits) {}

void Connection::begin_request() {
  ++requests_;
  left_to_read_ = limits_.max_request;
  answering_ = false;
  deadline_ = Clock::now() + limits_.read_time;
}

bool Connection::wait_for(short event) const {
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    if (left <= 0) return false;
    pollfd waiting{.fd = fd(), .events = event, .revents = 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

ssize_t Connection::receive(char* to, std::size_t size) const {
  while (true) {
    const ssize_t received = ::recv(fd(), to, size, 0);
    if (received >= 0) return received;
    if (errno == EINTR) continue;
    if ((errno != EAGAIN && errno != EWOULDBLOCK) || !wait_for(POLLIN)) return -1;
  }
}

ssize_t Connection::read(char* to, std::size_t size) {
  if (left_to_read_ == 0) return -1;
  if (!has_input()) {
    const ssize_t received = receive(input_.data(), input_.size());
    if (received <= 0) return received;
    next_ = 0;
    end_ = static_cast<std::size_t>(received);
  }
  const std::size_t taken = std::min({size, end_ - next_, left_to_read_});
  std::copy_n(input_.data() + next_, taken, to);
  next_ += taken;
  left_to_read_ -= taken;
  return static_cast<ssize_t>(taken);
}

ssize_t Connection::write(const char* from, std::size_t size) {
  if (!std::exchange(answering_, true)) deadline_ = Clock::now() + limits_.write_time;
  while (true) {
    const ssize_t sent = ::send(fd(), from, size, MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    if (errno == EINTR) continue;
    if ((errno != EAGAIN && errno != EWOULDBLOCK) || !wait_for(POLLOUT)) return -1;
  }
}

void Connection::part() {
  if (::shutdown(fd(), SHUT_WR) != 0) return;
  deadline_ = Clock::now() + limits_.parting_time;
  while (Clock::now() < deadline_ && receive(input_.data(), input_.size()) > 0) {
  }
}

void Connection::abort() {
  ::shutdown(fd(), SHUT_RDWR);
}

}  // namespace evenkeel::web
