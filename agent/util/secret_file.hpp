#pragma once
// Reads small files that settings name, such as those with secrets.

#include <string>
#include <tl/expected.hpp>

namespace evenkeel {

enum class Secrecy {
  secret,  // its readers could pass for somebody else: others must not be allowed to
  open,
};

// Returns the file's text. A file that is missing, empty, not plain or larger than 1 MiB is an
// error, and so is a secret that others than the owner and the group may read or write. The error
// says what is wrong and what to do, but neither the file's name nor its content.
[[nodiscard]] tl::expected<std::string, std::string> read_small_file(const std::string& path,
                                                                     Secrecy secrecy);

// Returns a secret that is alone on its one line, without the line's end; any more is an error.
[[nodiscard]] tl::expected<std::string, std::string> read_secret_line(const std::string& path);

}  // namespace evenkeel
