#pragma once
// Shell completion, made from the command line's own description so that it cannot drift.

#include <string>

namespace CLI {
class App;
}

namespace evenkeel::cli {

// `shell`: bash, zsh or fish.
[[nodiscard]] std::string completion(const CLI::App& app, const std::string& shell);

}  // namespace evenkeel::cli
