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
[[nodiscard]] inline settings::Mistake mistake_in(const std::string& path, const std::string& key,
                                                  const std::string& what) {
  return {path, "[web] " + key + ": " + what};
}

// As read_small_file, with a mistake that names key and file.
[[nodiscard]] inline tl::expected<std::string, settings::Mistake> read_file(const std::string& path,
                                                                            const std::string& key,
                                                                            Secrecy secrecy) {
  return read_small_file(path, secrecy).map_error([&](const std::string& what) {
    return mistake_in(path, key, what);
  });
}

}  // namespace evenkeel::web
