#pragma once
// Tells whether a file is another one than it was: by what is in it, not by its times.

#include <compare>
#include <map>
#include <string>
#include <vector>

namespace evenkeel {

// What each file is, by its path: the digest of its content and whether everybody may read or write
// it, or why it cannot be read. While the mark is the same, so is what a reader of the file gets.
using FileMarks = std::map<std::string, std::string>;

// Reads the files, of which each should be small: one of more than 1 MiB is marked as too large.
[[nodiscard]] FileMarks marks_of(const std::vector<std::string>& paths);

// A name in a folder.
struct FilePlace {
  std::string folder;  // as the kernel takes it; "." and ".." may be in it
  std::string name;

  [[nodiscard]] auto operator<=>(const FilePlace&) const = default;
};

// The places where a change makes another file of this path: each link on the way, and the file's
// own name; or the first name on the way that is missing.
[[nodiscard]] std::vector<FilePlace> places_of(const std::string& path);

}  // namespace evenkeel
