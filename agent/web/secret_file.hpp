#pragma once
// Files that the settings name. Every error says which key and file, what is wrong, and what to do.

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/settings/settings.hpp"
#include "agent/util/secret_file.hpp"

namespace evenkeel::web {

using Mistakes = std::vector<settings::Mistake>;

// `key` is the one of [web] that names the file.
[[nodiscard]] settings::Mistake mistake_in(const std::string& path, const std::string& key,
                                           const std::string& what);

// As read_small_file, with a mistake that names key and file.
[[nodiscard]] tl::expected<std::string, settings::Mistake> read_file(const std::string& path,
                                                                     const std::string& key,
                                                                     Secrecy secrecy);

}  // namespace evenkeel::web
