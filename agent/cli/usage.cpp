#include "agent/cli/usage.hpp"

#include <algorithm>

#include "agent/util/utf8.hpp"
#include "rules/nearest.hpp"

namespace evenkeel::cli {
namespace {

// The verb that was given: the last of "show nodes".
const CLI::App& given_verb(const CLI::App& app) {
  const CLI::App* verb = &app;
  while (!verb->get_subcommands().empty()) verb = verb->get_subcommands().front();
  return *verb;
}

// "show nodes"; empty: no verb.
std::string path_of(const CLI::App& verb) {
  if (verb.get_parent() == nullptr) return "";
  const auto above = path_of(*verb.get_parent());
  return above.empty() ? verb.get_name() : above + " " + verb.get_name();
}

std::vector<std::string> verbs_below(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const auto* each : verb.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(each->get_name());
  }
  return names;
}

std::vector<std::string> flags_of(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const auto* option : verb.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back(name);
  }
  return names;
}

// The first word as it was written that nobody takes.
std::string first_unknown(const CLI::App& app, const std::vector<std::string>& arguments) {
  const auto unknown = app.remaining(true);
  for (const auto& each : arguments) {
    if (std::find(unknown.begin(), unknown.end(), each) != unknown.end()) return each;
  }
  return unknown.front();
}

std::string words_about_flag(const CLI::App& verb, const std::string& written) {
  const auto name = written.substr(0, written.find('='));
  const auto bare = name.substr(std::min(name.find_first_not_of('-'), name.size()));
  auto meant = rules::nearest(bare, flags_of(verb));
  for (auto& each : meant) each.insert(0, "--");
  return "there is no flag " + name + rules::did_you_mean(meant);
}

std::string all_of(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& each : words) text += (text.empty() ? "" : ", ") + each;
  return text;
}

std::string words_about(const CLI::App& verb, const std::string& unknown) {
  if (unknown.starts_with('-')) return words_about_flag(verb, unknown);
  const auto verbs = verbs_below(verb);
  if (verbs.empty()) return "there is a word too many: '" + unknown + "'";
  const auto meant = rules::nearest(unknown, verbs);
  return "there is no verb '" + unknown + "'" +
         (meant.empty() ? "; there are " + all_of(verbs) : rules::did_you_mean(meant));
}

std::string cause_of(const CLI::App& app, const CLI::App& verb,
                     const std::vector<std::string>& arguments, const CLI::ParseError& error) {
  if (has_unknown_words(app)) return words_about(verb, first_unknown(app, arguments));
  const auto verbs = verbs_below(verb);
  if (verbs.empty()) return error.what();
  return (&verb == &app ? "say what to do: " : "say what: ") + all_of(verbs);
}

}  // namespace

std::vector<std::string> with_help_as_flag(std::vector<std::string> arguments) {
  if (arguments.empty() || arguments.front() != "help") return arguments;
  arguments.erase(arguments.begin());
  arguments.emplace_back("--help");
  return arguments;
}

bool has_unknown_words(const CLI::App& app) {
  return app.remaining_size(true) > 0;
}

std::string usage_error(const CLI::App& app, const std::vector<std::string>& arguments,
                        const CLI::ParseError& error) {
  const auto& verb = given_verb(app);
  const auto path = path_of(verb);
  const auto cause = (path.empty() ? "" : path + ": ") + cause_of(app, verb, arguments, error);
  return printable(
      "evenkeel: " + cause + "\nSee 'evenkeel " + (path.empty() ? "" : path + " ") + "--help'.\n",
      "\n");
}

CLI::Validator one_of(std::vector<std::string> words) {
  return {[words = std::move(words)](const std::string& word) {
            if (std::find(words.begin(), words.end(), word) != words.end()) return std::string();
            const bool names_a_file = word.ends_with(".json") || word.find('/') != word.npos;
            return "'" + word + "' is none of " + all_of(words) +
                   rules::did_you_mean(rules::nearest(word, words)) +
                   (names_a_file ? "; a plan is written to a file by --save" : "");
          },
          ""};
}

}  // namespace evenkeel::cli
