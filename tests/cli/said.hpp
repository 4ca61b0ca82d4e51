#pragma once
// What a verb prints, and its exit code.

#include <gtest/gtest.h>

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

}  // namespace evenkeel::cli
