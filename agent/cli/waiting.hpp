#pragma once
// What the verbs share that wait for something the running agent does.

#include <chrono>
#include <optional>
#include <string>

namespace evenkeel::cli {

// How often the agent is asked.
inline constexpr std::chrono::seconds kPoll{1};

// What --timeout says; prints the mistake.
[[nodiscard]] std::optional<std::chrono::milliseconds> timeout_in(const std::string& text);

// "42 s", "3 min 20 s".
[[nodiscard]] std::string duration_of(std::chrono::steady_clock::duration time);

// Errors that come and go, for example while the agent restarts: each is told once.
class PassingTrouble {
 public:
  // Empty words: there is none now.
  void show(const std::string& words);

 private:
  std::string words_;
};

}  // namespace evenkeel::cli
