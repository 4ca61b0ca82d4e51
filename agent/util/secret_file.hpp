#pragma once
// Small files that settings name, such as those with secrets.

#include <string>
#include <tl/expected.hpp>

namespace evenkeel {

enum class Secrecy {
  secret,  // whoever reads it could pass for somebody else: others must not be allowed to
  open,
};

// The file's text. Missing, empty, no plain file, or larger than 1 MiB is an error, and so is a
// secret that others than the owner and the group may read or write. The error says what is wrong
// and what to do, without the file's name, and never what is in it.
[[nodiscard]] tl::expected<std::string, std::string> read_small_file(const std::string& path,
                                                                     Secrecy secrecy);

}  // namespace evenkeel
