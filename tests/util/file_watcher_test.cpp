// Real files, changed as editors, scripts and Kubernetes change them.

#include "agent/util/file_watcher.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>

#include "tests/folder.hpp"

namespace evenkeel::file_watcher_test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr FileWatcherOptions kQuick{
    .quiet = 20ms, .longest = 10s, .patience = 20ms, .interval = 1h};

class FileWatcherTest : public testing::Test {
 protected:
  // Begins to watch the file as it is.
  void watch(const std::string& name, FileWatcherOptions options = kQuick) {
    path_ = folder_.file(name);
    watcher_.emplace(
        io_.get_executor(), [this](bool stays) { return take_up(stays); }, options);
    watcher_->know(marks_of({path_}));
    watcher_->start();
    io_.run_for(5ms);  // its first look
  }
  ~FileWatcherTest() override {
    if (!watcher_) return;
    watcher_->stop();
    io_.restart();
    io_.run();
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.file(name)) << text;
  }
  std::string text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Whether it has taken up so many changes, within ten seconds.
  bool takes(std::size_t changes) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (taken_.size() < changes && std::chrono::steady_clock::now() < until) {
      io_.restart();
      io_.run_one_for(100ms);
    }
    return taken_.size() == changes;
  }
  // Runs it for longer than it waits, and says how many changes it has taken up by then.
  std::size_t taken_after_a_while() {
    io_.restart();
    io_.run_for(100ms);
    return taken_.size();
  }
  // A version of a folder of Kubernetes: `token` leads by `..data` into the folder of that name.
  void mount(const std::string& version, const std::string& text) const {
    fs::create_directory(folder_.file(version));
    write(version + "/token", text);
    fs::create_directory_symlink(version, folder_.file("..data_tmp"));
    fs::rename(folder_.file("..data_tmp"), folder_.file("..data"));
    if (!fs::exists(folder_.file("token"))) {
      fs::create_symlink("..data/token", folder_.file("token"));
    }
  }

  std::optional<FileMarks> take_up(bool stays) {
    auto marks = marks_of({path_});
    if (text().starts_with("bad") && !stays) return std::nullopt;
    taken_.push_back(text());
    return marks;
  }

  tests::Folder folder_;
  std::string path_;
  asio::io_context io_{1};
  std::optional<FileWatcher> watcher_;
  std::vector<std::string> taken_;
};

TEST_F(FileWatcherTest, TakesUpAFileThatWasWrittenInPlace) {
  write("token", "first");
  watch("token");
  write("token", "second");
  ASSERT_TRUE(takes(1));
  write("token", "third");
  ASSERT_TRUE(takes(2));
  EXPECT_THAT(taken_, testing::ElementsAre("second", "third"));
}

TEST_F(FileWatcherTest, TakesUpAFileThatWasReplaced) {
  write("token", "first");
  watch("token");
  write("new", "second");
  fs::rename(folder_.file("new"), path_);
  ASSERT_TRUE(takes(1));
  EXPECT_EQ(taken_.front(), "second");
}

TEST_F(FileWatcherTest, TakesUpWhatKubernetesMountsAnew) {
  mount("..1", "first");
  watch("token");
  mount("..2", "second");
  fs::remove_all(folder_.file("..1"));
  ASSERT_TRUE(takes(1));
  mount("..3", "third");
  fs::remove_all(folder_.file("..2"));
  ASSERT_TRUE(takes(2));
  EXPECT_THAT(taken_, testing::ElementsAre("second", "third"));
}

TEST_F(FileWatcherTest, LeavesWhatIsTheSame) {
  mount("..1", "first");
  watch("token");
  fs::last_write_time(path_, fs::file_time_type::clock::now());
  write("beside", "of no matter");
  mount("..2", "first");
  EXPECT_EQ(taken_after_a_while(), 0U);
}

TEST_F(FileWatcherTest, WaitsUntilItIsQuiet) {
  write("token", "first");
  watch("token", {.quiet = 50ms, .longest = 10s, .patience = 50ms, .interval = 1h});
  for (int i = 0; i < 20; ++i) {
    write("token", "piece " + std::to_string(i));
    io_.restart();
    io_.run_for(5ms);
  }
  ASSERT_TRUE(takes(1));
  EXPECT_EQ(taken_.front(), "piece 19");
}

TEST_F(FileWatcherTest, DoesNotWaitForEver) {
  write("token", "first");
  watch("token", {.quiet = 1h, .longest = 10ms, .patience = 1h, .interval = 1h});
  write("token", "second");
  EXPECT_TRUE(takes(1));
}

TEST_F(FileWatcherTest, TakesUpABadFileOnlyIfItStaysSo) {
  write("token", "first");
  watch("token", {.quiet = 10ms, .longest = 10s, .patience = 1h, .interval = 1h});
  write("token", "bad");
  EXPECT_EQ(taken_after_a_while(), 0U);
  write("token", "first");
  EXPECT_EQ(taken_after_a_while(), 0U) << "it is what it was";
  watcher_->stop();
  io_.restart();
  io_.run();
  watch("token");
  write("token", "bad");
  ASSERT_TRUE(takes(1));
  EXPECT_EQ(taken_.front(), "bad");
  write("token", "second");
  EXPECT_TRUE(takes(2));
}

TEST_F(FileWatcherTest, FindsAFolderThatWasAway) {
  fs::create_directory(folder_.file("secrets"));
  write("secrets/token", "first");
  watch("secrets/token");
  fs::remove_all(folder_.file("secrets"));
  ASSERT_TRUE(takes(1));
  fs::create_directory(folder_.file("secrets"));
  write("secrets/token", "second");
  ASSERT_TRUE(takes(2));
  write("secrets/token", "third");
  ASSERT_TRUE(takes(3));
  EXPECT_THAT(taken_, testing::ElementsAre("", "second", "third"));
}

TEST_F(FileWatcherTest, FindsAFolderThatWasPutInThePlaceOfAnother) {
  for (const char* name : {"secrets", "others"}) fs::create_directory(folder_.file(name));
  write("secrets/token", "first");
  write("others/token", "second");
  watch("secrets/token");
  fs::rename(folder_.file("secrets"), folder_.file("old"));
  fs::rename(folder_.file("others"), folder_.file("secrets"));
  ASSERT_TRUE(takes(1));
  write("secrets/token", "third");
  ASSERT_TRUE(takes(2));
  EXPECT_EQ(taken_.back(), "third");
}

TEST_F(FileWatcherTest, SeesWhatChangedBeforeItBegan) {
  write("token", "first");
  path_ = folder_.file("token");
  const auto marks = marks_of({path_});
  watch("token");
  write("token", "second");
  watcher_->know(marks);
  EXPECT_TRUE(takes(1));
}

TEST_F(FileWatcherTest, LooksNowAndThenWhereNothingCanBeWatched) {
  write("token", "first");
  const FolderWatch earlier(io_.get_executor());  // the loop's own descriptors are there by now
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  path_ = folder_.file("token");
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  watcher_.emplace(
      io_.get_executor(), [this](bool stays) { return take_up(stays); },
      FileWatcherOptions{.quiet = 10ms, .longest = 10s, .patience = 10ms, .interval = 10ms});
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  watcher_->know(marks_of({path_}));
  testing::internal::CaptureStderr();
  watcher_->start();
  io_.run_for(50ms);
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, testing::HasSubstr("changes of files are noticed late"));
  EXPECT_THAT(said, testing::HasSubstr("raise fs.inotify.max_user_instances"));
  EXPECT_EQ(said.find("noticed late"), said.rfind("noticed late")) << "said once: " << said;
  write("token", "second");
  EXPECT_TRUE(takes(1));
}

}  // namespace
}  // namespace evenkeel::file_watcher_test
