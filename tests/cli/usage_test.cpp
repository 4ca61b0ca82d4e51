// What a person is told whose command line is wrong.
#include <gmock/gmock.h>

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
  EXPECT_THAT(refusal({"load-balance", "-s", "1"}),
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
  EXPECT_THAT(refusal({"plan", "extra"}),
              HasSubstr("plan: there is a word too many: 'extra'\n"));
}

TEST(Usage, SaysWhichVerbsThereAreWhereNoneIsGiven) {
  EXPECT_THAT(refusal({}), StartsWith("evenkeel: say what to do: run, plan, "));
  EXPECT_THAT(refusal({"show"}), StartsWith("evenkeel: show: say what: nodes, query_segment\n"));
}

TEST(Usage, SaysWhichWordsAnOptionTakes) {
  EXPECT_EQ(refusal({"plan", "--format", "jsn"}),
            "evenkeel: plan: --format: 'jsn' is none of json, text; did you mean 'json'?\n"
            "See 'evenkeel plan --help'.\n");
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

}  // namespace
}  // namespace evenkeel::cli::usage_test
