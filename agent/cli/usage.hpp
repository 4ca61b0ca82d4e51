#pragma once
// What is wrong with a command line, and what was meant.

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace evenkeel::cli {

// Makes "help" and "help plan" into "--help" and "plan --help".
[[nodiscard]] std::vector<std::string> with_help_as_flag(std::vector<std::string> arguments);

// True if the command line has a word or a flag that no verb takes, whatever else it asks for.
[[nodiscard]] bool has_unknown_words(const CLI::App& app);

// Returns the lines for a command line that could not be parsed. The first unknown verb or flag is
// named with the nearest ones, a verb also with those that there are.
[[nodiscard]] std::string usage_error(const CLI::App& app,
                                      const std::vector<std::string>& arguments,
                                      const CLI::ParseError& error);

// Takes one of these words alone, and names the nearest to another.
[[nodiscard]] CLI::Validator one_of(std::vector<std::string> words);

// An option whose value is one of a few words.
template <typename Value>
CLI::Option* add_choice(CLI::App& verb, const std::string& names, Value& value,
                        const std::map<std::string, Value>& choices, const std::string& what) {
  std::vector<std::string> words;
  words.reserve(choices.size());
  for (const auto& [word, meant] : choices) words.push_back(word);
  return verb
      .add_option_function<std::string>(
          names, [&value, choices](const std::string& word) { value = choices.at(word); }, what)
      ->check(one_of(std::move(words)));
}

}  // namespace evenkeel::cli
