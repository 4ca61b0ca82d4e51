#pragma once
// Notices that files have become other files, however that was done: written in place, replaced, or
// a link on the way led elsewhere, as Kubernetes changes what it mounts.

#include <functional>
#include <optional>

#include "agent/util/asio.hpp"
#include "agent/util/file_marks.hpp"
#include "agent/util/folder_watch.hpp"

namespace evenkeel {

struct FileWatcherOptions {
  // A change is taken up once nothing more has happened for so long, or after `longest`.
  std::chrono::milliseconds quiet{2'000};
  std::chrono::milliseconds longest{10'000};
  // A change that was not taken up is looked at again after so long.
  std::chrono::milliseconds patience{5'000};
  // The files are also looked at without a sign: the kernel gives none of changes that another
  // machine makes, or of a file that is mounted by itself.
  std::chrono::milliseconds interval{30'000};
};

// Belongs to the executor's thread. Reads the files on it.
class FileWatcher {
 public:
  // Takes up the files as they are, and returns their marks, taken before they were read; none: not
  // yet, as they make no sense and may be half written. `stays`: they were the same when that was
  // the answer, so it must be another now.
  using TakeUp = std::function<std::optional<FileMarks>(bool stays)>;

  FileWatcher(const asio::any_io_executor& executor, TakeUp take_up,
              FileWatcherOptions options = {});

  // The files to watch, and what they were when they were read.
  void know(FileMarks marks);
  // Call it once. Until stop() the watcher must live, and so must what `take_up` needs.
  void start();
  void stop();

 private:
  using Clock = asio::steady_timer::clock_type;

  [[nodiscard]] Awaitable<void> listen();
  [[nodiscard]] Awaitable<void> look_when_due();
  void look();
  void watch_folders();
  [[nodiscard]] std::vector<std::string> paths() const;
  void look_at(Clock::time_point when);
  void look_after(std::chrono::milliseconds time);

  TakeUp take_up_;
  FileWatcherOptions options_;
  FolderWatch folders_;
  asio::steady_timer due_;
  FileMarks known_;
  FileMarks seen_;        // at the last look
  bool doubted_ = false;  // those were not taken up
  // When the first sign came of what has not been looked at yet.
  std::optional<Clock::time_point> first_sign_;
  bool warned_ = false;
  bool stopped_ = false;
};

}  // namespace evenkeel
