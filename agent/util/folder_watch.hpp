#pragma once
// The kernel's word (inotify(7)) that something about a name in a folder has changed.

#include <map>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/util/asio.hpp"
#include "agent/util/file_marks.hpp"

namespace evenkeel {

// Belongs to the executor's thread.
class FolderWatch {
 public:
  explicit FolderWatch(const asio::any_io_executor& executor);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // Watches these places from now on, and no others. A folder that is not there is passed over. The
  // error says why some place is not watched, and what to do; the others are.
  [[nodiscard]] tl::expected<void, std::string> watch(const std::vector<FilePlace>& places);

  // Returns once something about one of the places may have changed; false: never will, since
  // nothing can be watched, or close() was called.
  [[nodiscard]] Awaitable<bool> changed();
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
