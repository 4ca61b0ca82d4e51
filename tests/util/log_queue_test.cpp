// A log whose reader is slow, stops or goes: nobody who logs waits for it.
#include "agent/util/log_queue.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>
#include <utility>

#include "agent/util/file_descriptor.hpp"
#include "agent/util/log.hpp"

namespace evenkeel::log::log_queue_test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr milliseconds kHangGuard{20'000};

class SlowReader : public testing::Test {
 protected:
  static constexpr std::size_t kRoom = 4000;

  void SetUp() override {
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    reader_ = FileDescriptor(ends[0]);
    writer_ = FileDescriptor(ends[1]);
    std::signal(SIGPIPE, SIG_IGN);
  }
  // The thread may still be in its write: its end of the pipe stays open, as no other file.
  void TearDown() override {
    reader_ = FileDescriptor();
    (void)writer_.release();
  }

  // The pipe full to its last byte: the next write hangs.
  void fill_pipe() {
    const int flags = ::fcntl(writer_.get(), F_GETFL);
    ::fcntl(writer_.get(), F_SETFL, flags | O_NONBLOCK);
    while (::write(writer_.get(), "x", 1) == 1) ++filled_;
    ::fcntl(writer_.get(), F_SETFL, flags);
  }

  // Reads what fill_pipe() wrote, and then so many bytes more.
  std::string read(std::size_t size) {
    std::string text(filled_ + size, '\0');
    for (std::size_t at = 0; at < text.size();) {
      const auto got = ::read(reader_.get(), text.data() + at, text.size() - at);
      if (got <= 0) return "nothing more to read";
      at += static_cast<std::size_t>(got);
    }
    text.erase(0, std::exchange(filled_, 0));
    return text;
  }

  std::string read_some() {
    std::string text(4096, '\0');
    const auto got = ::read(reader_.get(), text.data(), text.size());
    return got <= 0 ? " lines dropped, or nothing more to read"
                    : text.substr(0, static_cast<std::size_t>(got));
  }

  static std::string say(std::uint64_t lines) { return std::to_string(lines) + " dropped\n"; }

  // A first line, with which the thread hangs in its write from now on.
  static void stop_thread(Queue& queue) {
    queue.put("first\n", false);
    while (queue.waiting() > 0) std::this_thread::yield();
  }

  // Lines until there is no room for one more; how many had room.
  int fill_queue(Queue& queue, bool errors) {
    int count = 0;
    for (const auto before = queue.dropped(); queue.dropped() == before; ++count) {
      queue.put(line(), errors);
    }
    return count - 1;
  }
  static std::string line() { return std::string(99, 'a') + '\n'; }

  FileDescriptor reader_;
  FileDescriptor writer_;
  std::size_t filled_ = 0;
};

TEST_F(SlowReader, GetsEveryLineInOrder) {
  Queue queue(writer_.get(), kRoom, say);
  std::string all;
  for (int i = 0; i < 100; ++i) {
    const std::string line = "line " + std::to_string(i) + '\n';
    queue.put(line, i % 3 == 0);
    ASSERT_TRUE(queue.flush(kHangGuard));
    all += line;
  }
  EXPECT_EQ(read(all.size()), all);
  EXPECT_EQ(queue.dropped(), 0U);
}

TEST_F(SlowReader, IsToldHowManyLinesWereDroppedWhereTheyAreMissing) {
  fill_pipe();
  Queue queue(writer_.get(), kRoom, say);
  stop_thread(queue);
  const int kept = fill_queue(queue, false);
  EXPECT_EQ(kept, 30);
  queue.put(line(), false);
  queue.put("an error\n", true);
  EXPECT_EQ(queue.dropped(), 2U);

  std::string all = "first\n";
  for (int i = 0; i < kept; ++i) all += line();
  all += "2 dropped\nan error\n";
  EXPECT_EQ(read(all.size()), all);
  EXPECT_TRUE(queue.flush(kHangGuard));
  EXPECT_EQ(queue.dropped(), 2U);
}

TEST_F(SlowReader, IsToldAlsoWhereNoLineComesAfter) {
  fill_pipe();
  Queue queue(writer_.get(), kRoom, say);
  stop_thread(queue);
  const int kept = fill_queue(queue, false);
  std::string all = "first\n";
  for (int i = 0; i < kept; ++i) all += line();
  all += "1 dropped\n";
  EXPECT_EQ(read(all.size()), all);
}

TEST_F(SlowReader, KeepsRoomForErrors) {
  fill_pipe();
  Queue queue(writer_.get(), kRoom, say);
  stop_thread(queue);
  EXPECT_EQ(fill_queue(queue, false), 30);
  EXPECT_EQ(fill_queue(queue, true), 9);  // and a line that tells of the drop
  EXPECT_EQ(queue.dropped(), 2U);
}

TEST_F(SlowReader, ThatStoppedIsWaitedForNoLongerThanAsked) {
  fill_pipe();
  {
    Queue queue(writer_.get(), kRoom, say);
    stop_thread(queue);
    EXPECT_FALSE(queue.flush(milliseconds(10)));
  }
  EXPECT_EQ(read(6), "first\n");  // the thread goes on by itself
}

TEST_F(SlowReader, ThatIsGoneCostsTheLines) {
  reader_ = FileDescriptor();
  Queue queue(writer_.get(), kRoom, say);
  queue.put(line(), true);
  queue.put(line(), true);
  EXPECT_TRUE(queue.flush(kHangGuard));
  EXPECT_EQ(queue.dropped(), 2U);
}

TEST_F(SlowReader, OfAPipeThatDoesNotBlockGetsAllOfIt) {
  ::fcntl(writer_.get(), F_SETFL, O_NONBLOCK);
  fill_pipe();
  ::fcntl(writer_.get(), F_SETFL, O_NONBLOCK);
  Queue queue(writer_.get(), kRoom, say);
  queue.put(line(), false);
  EXPECT_EQ(read(line().size()), line());
  EXPECT_TRUE(queue.flush(kHangGuard));
}

// Standard error as a pipe that nobody reads, for the log itself.
class StoppedLog : public SlowReader {
 protected:
  void SetUp() override {
    SlowReader::SetUp();
    fill_pipe();
    saved_ = FileDescriptor(::dup(STDERR_FILENO));
    ASSERT_GE(::dup2(writer_.get(), STDERR_FILENO), 0);
  }
  void TearDown() override {
    ::dup2(saved_.get(), STDERR_FILENO);
    SlowReader::TearDown();
  }

  FileDescriptor saved_;
};

TEST_F(StoppedLog, KeepsNobodyWaitingAndSaysWhatItDropped) {
  const auto before = dropped();
  const Background background;
  const std::string text(4000, 'a');
  int lines = 0;
  while (dropped() == before && ++lines < 10'000) warn(text);
  ASSERT_LT(lines, 10'000);
  EXPECT_FALSE(flush(milliseconds(10)));
  std::string got = read(0);
  // Whatever is there, since nothing may come after that line.
  while (got.find(" lines dropped") == std::string::npos) {
    got.erase(0, got.size() - std::min<std::size_t>(got.size(), 200));
    got += read_some();
  }
  EXPECT_THAT(got, HasSubstr("level=warn msg=\""));
}

}  // namespace
}  // namespace evenkeel::log::log_queue_test
