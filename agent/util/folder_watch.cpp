#include "agent/util/folder_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>

namespace evenkeel {
namespace {

constexpr std::uint32_t kSigns = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE |
                                 IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF |
                                 IN_ONLYDIR;

std::string words_of(int error) {
  const char* const words = ::strerrordesc_np(error);  // needs no descriptor, even under UBSan
  return words == nullptr ? "error " + std::to_string(error) : words;
}

// What to do where the kernel has no more of what a watch needs; else only what it said.
std::string advice_for(int error) {
  if (error == EMFILE) return "; raise fs.inotify.max_user_instances, or the limit of open files";
  if (error == ENOSPC) return "; raise fs.inotify.max_user_watches";
  return {};
}

bool is_away(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

}  // namespace

struct FolderWatch::Impl {
  explicit Impl(const asio::any_io_executor& executor) : kernel(executor) {
    const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) {
      trouble = "inotify: " + words_of(errno) + advice_for(errno);
    } else {
      kernel.assign(fd);
    }
  }

  // Reads all that the kernel has to say; true if it concerns a place.
  bool concerns_a_place() {
    alignas(inotify_event) std::array<char, 16'384> said{};
    bool concerns = false;
    for (;;) {
      const auto size = ::read(kernel.native_handle(), said.data(), said.size());
      if (size <= 0) return concerns;
      for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
        inotify_event event{};
        std::memcpy(&event, said.data() + at, sizeof event);
        const char* const name = said.data() + at + sizeof event;
        concerns = concerns || concerns_a_place(event, event.len > 0 ? name : "");
        at += sizeof event + event.len;
      }
    }
  }

  // An event without a name is the folder's own; one without a folder says that some were lost.
  [[nodiscard]] bool concerns_a_place(const inotify_event& event, const std::string& name) const {
    const auto folder = names.find(event.wd);
    if (folder == names.end()) return event.wd < 0;
    return name.empty() || folder->second.contains(name);
  }

  asio::posix::stream_descriptor kernel;
  std::map<int, std::set<std::string>> names;  // by the folder's watch
  std::string trouble;
};

FolderWatch::FolderWatch(const asio::any_io_executor& executor)
    : impl_(std::make_unique<Impl>(executor)) {}

FolderWatch::~FolderWatch() = default;

tl::expected<void, std::string> FolderWatch::watch(const std::vector<FilePlace>& places) {
  if (!impl_->kernel.is_open()) return tl::unexpected(impl_->trouble);
  const int kernel = impl_->kernel.native_handle();
  std::string trouble;
  std::map<int, std::set<std::string>> names;
  for (const auto& place : places) {
    const int folder = ::inotify_add_watch(kernel, place.folder.c_str(), kSigns);
    if (folder >= 0) {
      names[folder].insert(place.name);
    } else if (!is_away(errno)) {
      trouble = "inotify: " + place.folder + ": " + words_of(errno) + advice_for(errno);
    }
  }
  for (const auto& [folder, unused] : impl_->names) {
    if (!names.contains(folder)) ::inotify_rm_watch(kernel, folder);
  }
  impl_->names = std::move(names);
  if (!trouble.empty()) return tl::unexpected(std::move(trouble));
  return {};
}

Awaitable<bool> FolderWatch::changed() {
  while (impl_->kernel.is_open()) {
    const auto [error] = co_await impl_->kernel.async_wait(
        asio::posix::stream_descriptor::wait_read, asio::as_tuple(asio::use_awaitable));
    if (error) co_return false;
    if (impl_->concerns_a_place()) co_return true;
  }
  co_return false;
}

void FolderWatch::close() {
  boost::system::error_code ignored;
  impl_->kernel.close(ignored);
}

}  // namespace evenkeel
