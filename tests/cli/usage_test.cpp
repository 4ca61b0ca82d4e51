// What a person is told whose command line is wrong.
#include <gmock/gmock.h>

#include <sstream>
#include <string>
#include <vector>

#include "agent/cli/verbs.hpp"
#include "tests/cli/said.hpp"

namespace evenkeel::cli::usage_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Said evenkeel(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "evenkeel");
  std::vector<char*> argv;
  argv.reserve(arguments.size());
  for (auto& each : arguments) argv.push_back(each.data());
  return said([&] { return main(static_cast<int>(argv.size()), argv.data()); });
}

std::string refusal(std::vector<std::string> arguments) {
  const auto outcome = evenkeel(std::move(arguments));
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_EQ(outcome.output, "");
  return outcome.errors;
}

TEST(Usage, NamesAnUnknownVerbAndTheNearest) {
  EXPECT_EQ(refusal({"plna"}),
            "evenkeel: there is no verb 'plna'; did you mean 'plan'?\n"
            "See 'evenkeel --help'.\n");
  EXPECT_THAT(
      refusal({"load-balance", "-s", "1"}),
      StartsWith("evenkeel: there is no verb 'load-balance'; did you mean 'load_balance'?"));
  EXPECT_THAT(refusal({"show", "node"}),
              AllOf(StartsWith("evenkeel: show: there is no verb 'node'; did you mean 'nodes'?"),
                    HasSubstr("See 'evenkeel show --help'")));
  EXPECT_THAT(refusal({"nonsense"}), HasSubstr("'nonsense'; there are run, plan, apply, "));
  EXPECT_THAT(refusal({"plna", "--help"}), HasSubstr("'plan'?")) << "help for a verb that is none";
}

TEST(Usage, NamesAnUnknownFlagAndTheNearest) {
  EXPECT_EQ(refusal({"plan", "--formt", "json"}),
            "evenkeel: plan: there is no flag --formt; did you mean '--format'?\n"
            "See 'evenkeel plan --help'.\n");
  EXPECT_THAT(refusal({"plan", "--config-file=x"}), HasSubstr("did you mean '--config.file'?"));
  EXPECT_THAT(refusal({"history", "--nonsense", "--bogus"}),
              HasSubstr("history: there is no flag --nonsense\nSee 'evenkeel history --help'"));
  EXPECT_THAT(refusal({"--formt"}), HasSubstr("evenkeel: there is no flag --formt\n"));
}

TEST(Usage, NamesAWordTooMany) {
  EXPECT_THAT(refusal({"plan", "extra"}), HasSubstr("plan: there is a word too many: 'extra'\n"));
}

TEST(Usage, SaysWhichVerbsThereAreWhereNoneIsGiven) {
  EXPECT_THAT(refusal({}), StartsWith("evenkeel: say what to do: run, plan, "));
  EXPECT_THAT(refusal({"show"}), StartsWith("evenkeel: show: say what: nodes, query_segment\n"));
}

TEST(Usage, SaysWhichWordsAnOptionTakes) {
  EXPECT_EQ(refusal({"plan", "-o", "jsn"}),
            "evenkeel: plan: --output: 'jsn' is none of json, text; did you mean 'json'?\n"
            "See 'evenkeel plan --help'.\n");
  EXPECT_THAT(
      refusal({"plan", "-o", "plan.json"}),
      HasSubstr("'plan.json' is none of json, text; a plan is written to a file by --save\n"));
  EXPECT_THAT(refusal({"completion", "tcsh"}), HasSubstr("'tcsh' is none of bash, fish, zsh"));
  EXPECT_THAT(refusal({"history", "--outcome", "movd"}), HasSubstr("did you mean 'moved'?"));
}

TEST(Usage, ShowsForeignTextWithoutControlCharacters) {
  EXPECT_THAT(refusal({"\x1b[2J"}), AllOf(HasSubstr("'?[2J'"), Not(HasSubstr("\x1b"))));
}

TEST(Help, IsAVerbToo) {
  const auto all = evenkeel({"help"});
  EXPECT_EQ(all.code, kDone);
  EXPECT_EQ(all.output, evenkeel({"--help"}).output);
  EXPECT_THAT(all.output, HasSubstr("evenkeel help VERB"));
  EXPECT_EQ(evenkeel({"help", "plan"}).output, evenkeel({"plan", "--help"}).output);
  EXPECT_EQ(evenkeel({"help", "show", "nodes"}).output,
            evenkeel({"show", "nodes", "--help"}).output);
  EXPECT_THAT(refusal({"help", "plna"}), HasSubstr("did you mean 'plan'?"));
}

const char* const kVerbs[] = {"run",     "plan",    "apply",  "show nodes", "show query_segment",
                              "status",  "pause",   "resume", "rebalance",  "load_balance",
                              "drain",   "undrain", "reload", "history",    "check-config",
                              "explain", "demo",    "health", "completion", "simulate-milvus"};

std::string help_of(const std::string& verb) {
  std::vector<std::string> words{"help"};
  std::istringstream text(verb);
  for (std::string word; text >> word;) words.push_back(word);
  return evenkeel(words).output;
}

TEST(Help, HasAnExampleOfEachVerbThatCouldBeTyped) {
  for (const std::string verb : kVerbs) {
    const auto help = help_of(verb);
    const auto begin = help.find("Examples:\n");
    ASSERT_NE(begin, std::string::npos) << verb;
    EXPECT_THAT(help.substr(begin), HasSubstr("evenkeel " + verb)) << verb;
  }
}

// Every flag of the examples is one that the verb has.
TEST(Help, ShowsInExamplesOnlyFlagsThatThereAre) {
  for (const std::string verb : kVerbs) {
    const auto help = help_of(verb);
    const auto begin = help.find("Examples:\n");
    const auto options = help.substr(0, begin);
    std::istringstream lines(help.substr(begin));
    for (std::string line; std::getline(lines, line) && !line.empty();) {
      std::istringstream words(line.substr(0, line.find("&&")));
      for (std::string word; words >> word;) {
        if (!word.starts_with("--")) continue;
        EXPECT_THAT(options, HasSubstr(word)) << line;
      }
    }
  }
}

TEST(Help, HasDefaults) {
  EXPECT_THAT(help_of("history"), AllOf(HasSubstr("At most so many (default: 20)"),
                                        HasSubstr("table, json or csv (default: table)")));
  EXPECT_THAT(help_of("plan"), HasSubstr("text or json (default: text)"));
  EXPECT_THAT(help_of("drain"), HasSubstr("(default: 30m)"));
  EXPECT_THAT(help_of("simulate-milvus"),
              AllOf(HasSubstr("(default: 127.0.0.1:0)"), HasSubstr("(default: 2.3)")));
}

}  // namespace
}  // namespace evenkeel::cli::usage_test
