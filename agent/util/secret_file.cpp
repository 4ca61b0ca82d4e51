#include "agent/util/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "agent/util/file_descriptor.hpp"
#include "agent/util/utf8.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

// Returns the one line. An editor's line end is no part of a password; anything more might be.
tl::expected<std::string, std::string> one_line(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return tl::unexpected(std::string("has nothing but a line end in it"));
  if (std::any_of(text.begin(), text.end(), is_control)) {
    return tl::unexpected(
        std::string("must be one line without control characters, and has more than that"));
  }
  return text;
}

}  // namespace

tl::expected<std::string, std::string> read_small_file(const std::string& path, Secrecy secrecy) {
  const auto mistake = [](const std::string& what) { return tl::unexpected(what); };
  const auto unreadable = [&] {
    return mistake("cannot be read: " + std::generic_category().message(errno));
  };
  // The descriptor is checked, not the name again: that file is the one read. O_NONBLOCK keeps
  // open() from waiting for a pipe.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about {};
  if (!file || ::fstat(file.get(), &about) != 0) return unreadable();
  if (!S_ISREG(about.st_mode)) return mistake("is not a plain file");
  if (secrecy == Secrecy::secret && (about.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    return mistake("everybody on this machine may read or write it (its mode is " +
                   octal(about.st_mode) + "); run chmod o= on it, and replace the secret");
  }
  std::string text;
  std::array<char, 8192> piece{};
  for (;;) {
    const auto size = ::read(file.get(), piece.data(), piece.size());
    if (size < 0) return unreadable();
    if (size == 0) break;
    text.append(piece.data(), static_cast<std::size_t>(size));
    if (text.size() > kMaxBytes) return mistake("is larger than 1 MiB, which no such file is");
  }
  if (text.empty()) return mistake("is empty");
  return text;
}

tl::expected<std::string, std::string> read_secret_line(const std::string& path) {
  return read_small_file(path, Secrecy::secret).and_then(one_line);
}

}  // namespace evenkeel
