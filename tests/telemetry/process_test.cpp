#include "agent/telemetry/process.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

namespace evenkeel::telemetry::process_test {
namespace {

namespace fs = std::filesystem;

class FakeProc : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) /
            ("proc-" + std::to_string(getpid()) + '-' +
             testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(root_ / "self/fd");
  }
  void TearDown() override { fs::remove_all(root_); }
  void write(const std::string& file, const std::string& text) {
    std::ofstream(root_ / file) << text;
  }

  fs::path root_;
};

TEST_F(FakeProc, IsReadWhateverTheProgramIsCalled) {
  write("self/stat",
        "17 (even) keel (x) S 1 17 17 0 -1 4194560 900 0 0 0 250 50 0 0 20 0 6 0 1000 "
        "123456789 256 18446744073709551615 1 1 0\n");
  write("stat", "cpu  1 2 3\nbtime 1700000000\nprocesses 5\n");
  write("self/limits",
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max open files            1024                 524288               files     \n");
  for (const auto* fd : {"0", "1", "2"}) write(std::string("self/fd/") + fd, "");

  const auto figures = read_process(root_);
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  EXPECT_EQ(figures.cpu_seconds, 300 / ticks);
  EXPECT_EQ(figures.start_time_seconds, 1'700'000'000 + 1000 / ticks);
  EXPECT_EQ(figures.virtual_bytes, 123456789);
  EXPECT_EQ(figures.resident_bytes, 256.0 * static_cast<double>(sysconf(_SC_PAGESIZE)));
  EXPECT_EQ(figures.open_fds, 3);
  EXPECT_EQ(figures.max_fds, 1024);
}

// As under systemd's ProcSubset=pid.
TEST_F(FakeProc, KnowsWhenItBeganAlsoWhereOnlyProcessesAreSeen) {
  std::ifstream own("/proc/self/stat");
  write("self/stat", std::string(std::istreambuf_iterator<char>(own), {}));
  const auto figures = read_process(root_);
  ASSERT_TRUE(figures.start_time_seconds);
  EXPECT_NEAR(*figures.start_time_seconds, read_process().start_time_seconds.value(), 3);
  EXPECT_EQ(figures.start_time_seconds, read_process(root_).start_time_seconds);
}

TEST_F(FakeProc, LeavesOutWhatItCannotRead) {
  write("self/stat", "17 (evenkeel) S 1 17\n");
  write("self/limits",
        "Max open files            unlimited            unlimited            files\n");
  const auto figures = read_process(root_);
  EXPECT_FALSE(figures.cpu_seconds);
  EXPECT_FALSE(figures.resident_bytes);
  EXPECT_FALSE(figures.virtual_bytes);
  EXPECT_FALSE(figures.start_time_seconds);
  EXPECT_FALSE(figures.max_fds);
}

TEST(Process, HasNoFiguresWithoutProc) {
  const auto figures = read_process("/nonexistent");
  EXPECT_FALSE(figures.cpu_seconds);
  EXPECT_FALSE(figures.start_time_seconds);
  EXPECT_FALSE(figures.resident_bytes);
  EXPECT_FALSE(figures.virtual_bytes);
  EXPECT_FALSE(figures.open_fds);
  EXPECT_FALSE(figures.max_fds);
}

TEST(Process, FiguresOfThisOneMakeSense) {
  const auto figures = read_process();
  const auto now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_GT(figures.resident_bytes.value(), 1 << 20);
  EXPECT_GT(figures.virtual_bytes.value(), figures.resident_bytes.value());
  EXPECT_GE(figures.cpu_seconds.value(), 0);
  EXPECT_GE(figures.open_fds.value(), 3);
  EXPECT_GE(figures.max_fds.value(), figures.open_fds.value());
  EXPECT_NEAR(figures.start_time_seconds.value(), now, 60);
}

}  // namespace
}  // namespace evenkeel::telemetry::process_test
