// In a process of its own each: it is the process that must end.

#include "agent/util/hard_stop.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>

#include "agent/util/asio.hpp"

namespace evenkeel::hard_stop_test {
namespace {

using namespace std::chrono_literals;

constexpr int kCode = 37;

// Runs `body` in a child that has a HardStop of so long, sends it `signal` once it is there, and
// returns how it ended.
int end_of(int signal, void (*body)(asio::io_context&), std::chrono::milliseconds after = 100ms) {
  std::array<int, 2> ready{};
  EXPECT_EQ(::pipe(ready.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The program's own ear, which `body` may wait with.
    asio::io_context heard{1};
    asio::signal_set signals(heard, SIGINT, SIGTERM);
    signals.async_wait([](const boost::system::error_code&, int) {});
    {
      const HardStop stop(after, kCode);
      [[maybe_unused]] const auto told = ::write(ready[1], "x", 1);
      body(heard);
    }
    std::this_thread::sleep_for(after + 100ms);
    ::_exit(0);
  }
  char byte = 0;
  EXPECT_EQ(::read(ready[0], &byte, 1), 1);
  ::close(ready[0]);
  ::close(ready[1]);
  ::kill(child, signal);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void wait_for_ever(asio::io_context&) {
  for (;;) ::pause();
}

// A log whose reader has stopped: standard error is a full pipe.
void write_for_ever(asio::io_context&) {
  std::array<int, 2> full{};
  if (::pipe(full.data()) != 0) return;
  ::dup2(full[1], STDERR_FILENO);
  const std::string text(4096, 'x');
  for (;;) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
  }
}

TEST(HardStop, EndsAProcessWhoseMainThreadIsStuck) {
  EXPECT_EQ(end_of(SIGTERM, wait_for_ever), kCode);
  EXPECT_EQ(end_of(SIGINT, wait_for_ever), kCode);
}

TEST(HardStop, EndsOneThatNobodyReads) {
  EXPECT_EQ(end_of(SIGTERM, write_for_ever), kCode);
}

TEST(HardStop, IsCalledOffByAnOrderlyEnd) {
  EXPECT_EQ(end_of(
                SIGTERM, [](asio::io_context& heard) { heard.run(); }, 2s),
            0);
}

}  // namespace
}  // namespace evenkeel::hard_stop_test
