#pragma once
// What a verb prints, and its exit code.

#include <gtest/gtest.h>

#include <csignal>
#include <string>

namespace evenkeel::cli {

struct Said {
  int code = -1;
  std::string output, errors;
};

template <typename Run>
Said said(Run run) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Said said;
  said.code = run();
  said.output = testing::internal::GetCapturedStdout();
  said.errors = testing::internal::GetCapturedStderr();
  return said;
}

// A ^C that was pressed before, and waits for somebody to take it.
class PendingInterrupt {
 public:
  PendingInterrupt() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, &before_);
    raise(SIGINT);
  }
  ~PendingInterrupt() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  PendingInterrupt(const PendingInterrupt&) = delete;
  PendingInterrupt& operator=(const PendingInterrupt&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace evenkeel::cli
