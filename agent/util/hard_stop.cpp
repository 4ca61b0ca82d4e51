#include "agent/util/hard_stop.hpp"

#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "agent/util/asio.hpp"

namespace evenkeel {
namespace {

// Writes past the log, which may be what is stuck, and only if somebody reads.
void say(std::string_view text) {
  pollfd error{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&error, 1, 0) != 1 || (error.revents & POLLOUT) == 0) return;
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

struct HardStop::Impl {
  Impl(std::chrono::milliseconds after, int exit_code) : signals(io, SIGINT, SIGTERM), timer(io) {
    signals.async_wait([this, after, exit_code](const boost::system::error_code& error, int) {
      if (error) return;
      timer.expires_after(after);
      timer.async_wait([exit_code](const boost::system::error_code& cancelled) {
        if (cancelled) return;
        say("evenkeel: something did not end in time, so the process ends now; what a call under "
            "way moved is unknown\n");
        std::_Exit(exit_code);
      });
    });
    thread = std::thread([this] { io.run(); });
  }
  ~Impl() {
    io.stop();
    thread.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  asio::io_context io{1};
  asio::signal_set signals;
  asio::steady_timer timer;
  std::thread thread;
};

HardStop::HardStop(std::chrono::milliseconds after, int exit_code)
    : impl_(std::make_unique<Impl>(after, exit_code)) {}

HardStop::~HardStop() = default;

}  // namespace evenkeel
