#pragma once
// Files that the settings name. Every error says which key and file, what is wrong, and what to do.

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/settings/settings.hpp"

namespace evenkeel::web {

using Mistakes = std::vector<settings::Mistake>;

// `key` is the one of [web] that names the file.
[[nodiscard]] settings::Mistake mistake_in(const std::string& path, const std::string& key,
                                           const std::string& what);

enum class Secrecy {
  secret,  // whoever reads it could pass for somebody else: others must not be allowed to
  open,
};
// The file's text. Missing, empty, no plain file, or larger than 1 MiB is a mistake, and so is a
// secret that others than the owner and the group may read or write.
[[nodiscard]] tl::expected<std::string, settings::Mistake> read_file(const std::string& path,
                                                                     const std::string& key,
                                                                     Secrecy secrecy);

}  // namespace evenkeel::web
