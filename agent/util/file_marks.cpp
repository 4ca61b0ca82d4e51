#include "agent/util/file_marks.hpp"

#include <sys/stat.h>

#include <deque>
#include <filesystem>
#include <system_error>

#include "agent/util/secret_file.hpp"
#include "agent/util/sha256.hpp"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;  // as the kernel follows

std::string mark_of(const std::string& path) {
  const auto text = read_small_file(path, Secrecy::open);
  if (!text) return text.error();
  struct stat about {};
  const bool known = ::stat(path.c_str(), &about) == 0;
  const bool open = known && (about.st_mode & (S_IROTH | S_IWOTH)) != 0;
  return Sha256().add(*text).hex() + (open ? ", open to everybody" : "");
}

// A path that is followed name by name, as the kernel does it.
class Walk {
 public:
  explicit Walk(const fs::path& path) { enter(path); }

  // Follows one name, and keeps the places of which others may make another file; false: the end.
  bool step(std::vector<FilePlace>& places) {
    if (rest_.empty()) return false;
    const fs::path name = std::move(rest_.front());
    rest_.pop_front();
    std::error_code error;
    const fs::path at = folder_ / name;
    const auto kind = fs::symlink_status(at, error).type();
    const bool link = kind == fs::file_type::symlink;
    if (kind == fs::file_type::directory && !rest_.empty()) {
      folder_ = at;
      return true;
    }
    places.push_back({folder_.string(), name.string()});
    if (!link || ++links_ > kMostLinks) return false;
    enter(fs::read_symlink(at, error));
    return !error;
  }

 private:
  void enter(const fs::path& path) {
    if (path.is_absolute()) folder_ = "/";
    std::deque<fs::path> names;
    for (const auto& name : path.relative_path()) {
      if (!name.empty()) names.push_back(name);
    }
    rest_.insert(rest_.begin(), names.begin(), names.end());
  }

  fs::path folder_ = ".";
  std::deque<fs::path> rest_;
  int links_ = 0;
};

}  // namespace

FileMarks marks_of(const std::vector<std::string>& paths) {
  FileMarks marks;
  for (const auto& path : paths) marks.insert_or_assign(path, mark_of(path));
  return marks;
}

std::vector<FilePlace> places_of(const std::string& path) {
  std::vector<FilePlace> places;
  Walk walk(path);
  while (walk.step(places)) {
  }
  return places;
}

}  // namespace evenkeel
