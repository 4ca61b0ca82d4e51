#pragma once
// Files that the settings name. Every error says which key and file, what is wrong, and what to do.

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/settings/settings.hpp"
#include "agent/util/secret_file.hpp"

namespace evenkeel::web {

using Mistakes = std::vector<settings::Mistake>;

// `key`: the one of [web] that names the file.
[[nodiscard]] inline settings::Mistake mistake_in(const std::string& path, const std::string& key,
                                                  const std::string& what) {
  return {path, "[web] " + key + ": " + what};
}

// Like read_small_file(), but the error names the key and the file.
[[nodiscard]] inline tl::expected<std::string, settings::Mistake> read_file(const std::string& path,
                                                                            const std::string& key,
                                                                            Secrecy secrecy) {
  return read_small_file(path, secrecy).map_error([&](const std::string& what) {
    return mistake_in(path, key, what);
  });
}

}  // namespace evenkeel::web
