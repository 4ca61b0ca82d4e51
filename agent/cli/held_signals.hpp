#pragma once
// ^C and SIGTERM for a verb that waits: they end its wait instead of the program, so that it can
// say what holds on.

#include <chrono>
#include <csignal>

namespace evenkeel::cli {

class HeldSignals {
 public:
  // Make it before any thread is started: threads inherit what is blocked.
  HeldSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  // Sleeps. True: a signal has come, perhaps before the call.
  [[nodiscard]] bool sleep(std::chrono::milliseconds time) const {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const timespec most{.tv_sec = whole.count(),
                        .tv_nsec = std::chrono::nanoseconds(time - whole).count()};
    return sigtimedwait(&signals_, nullptr, &most) > 0;
  }

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

}  // namespace evenkeel::cli
