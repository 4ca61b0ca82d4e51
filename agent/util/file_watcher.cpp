#include "agent/util/file_watcher.hpp"

#include <algorithm>
#include <utility>

#include "agent/util/log.hpp"

namespace evenkeel {
namespace {

std::string names_of_changed(const FileMarks& before, const FileMarks& now) {
  std::string names;
  for (const auto& [path, mark] : now) {
    const auto known = before.find(path);
    if (known != before.end() && known->second == mark) continue;
    names += (names.empty() ? "" : ", ") + path;
  }
  return names;
}

}  // namespace

FileWatcher::FileWatcher(const asio::any_io_executor& executor, TakeUp take_up,
                         FileWatcherOptions options)
    : take_up_(std::move(take_up)), options_(options), folders_(executor), due_(executor) {}

void FileWatcher::know(FileMarks marks) {
  known_ = std::move(marks);
  doubted_ = false;
  look_at(Clock::now());  // they may have changed before their folders are watched
}

void FileWatcher::start() {
  asio::co_spawn(due_.get_executor(), listen(), asio::detached);
  asio::co_spawn(due_.get_executor(), look_when_due(), asio::detached);
}

void FileWatcher::stop() {
  stopped_ = true;
  folders_.close();
  due_.cancel();
}

Awaitable<void> FileWatcher::listen() {
  while (co_await folders_.changed()) {
    const auto now = Clock::now();
    if (!first_sign_) first_sign_ = now;
    look_at(std::min(now + options_.quiet, *first_sign_ + options_.longest));
  }
}

Awaitable<void> FileWatcher::look_when_due() {
  while (!stopped_) {
    // Cancelled where another time was set.
    co_await due_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!stopped_ && due_.expiry() <= Clock::now()) look();
  }
}

void FileWatcher::look() {
  const bool quiet = std::exchange(first_sign_, std::nullopt).has_value();
  watch_folders();  // before the files are read, so that no change comes between
  auto marks = marks_of(paths());
  const bool stays = marks == std::exchange(seen_, marks);
  if (marks == known_) {
    doubted_ = false;
    return look_after(options_.interval);
  }
  // One of them may be in the middle of being written.
  if (!quiet && !stays) return look_after(options_.quiet);
  const bool again = stays && doubted_;
  if (!again) log::info("files have changed", {{"files", names_of_changed(known_, marks)}});
  if (auto taken = take_up_(again)) return know(*std::move(taken));
  doubted_ = true;
  look_after(options_.patience);
}

void FileWatcher::watch_folders() {
  std::vector<FilePlace> places;
  for (const auto& path : paths()) {
    for (auto& place : places_of(path)) places.push_back(std::move(place));
  }
  const auto watched = folders_.watch(places);
  if (watched || std::exchange(warned_, true)) return;
  log::warn("changes of files are noticed late, since their folders cannot be watched",
            {{"why", watched.error()},
             {"looks_each_seconds",
              std::chrono::duration_cast<std::chrono::seconds>(options_.interval).count()}});
}

std::vector<std::string> FileWatcher::paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, mark] : known_) paths.push_back(path);
  return paths;
}

void FileWatcher::look_at(Clock::time_point when) {
  due_.expires_at(when);  // wakes look_when_due()
}

void FileWatcher::look_after(std::chrono::milliseconds time) {
  look_at(Clock::now() + time);
}

}  // namespace evenkeel
