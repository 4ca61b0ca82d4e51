#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>

#include "agent/settings/keys.hpp"
#include "tests/settings/helpers.hpp"

namespace evenkeel::settings::environment_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

Loaded with(std::map<std::string, std::string> variables, std::string_view text = "") {
  return parse(text, "f.toml", environment_of(std::move(variables)));
}

TEST(EnvironmentVariable, WinsOverTheFile) {
  const auto loaded = with({{"EVENKEEL_BALANCE_AUTO_BALANCE", "false"},
                            {"EVENKEEL_BALANCE_OVERLOADED_MEMORY_THRESHOLD_PERCENTAGE", "85.5"},
                            {"EVENKEEL_SCRAPE_PORT", "9100"},
                            {"EVENKEEL_MILVUS_TIMEOUT", "3s"},
                            {"EVENKEEL_LOG_LEVEL", "error"}},
                           "[balance]\nauto_balance = true\noverloaded_memory_threshold_percentage "
                           "= 95\n[log]\nlevel = 'debug'\nformat = 'json'");
  ASSERT_TRUE(loaded) << loaded.error().front().str();
  EXPECT_FALSE(loaded->balance.auto_balance);
  EXPECT_EQ(loaded->balance.policy.overload_threshold, 0.855);
  EXPECT_EQ(loaded->scrape.port, 9100);
  EXPECT_EQ(loaded->milvus.timeout, 3s);
  EXPECT_EQ(loaded->log.level, "error");
  EXPECT_EQ(loaded->log.format, "json");
}

TEST(EnvironmentVariable, OverridesAnyKey) {
  std::map<std::string, std::string> variables;
  for (const Key& key : keys()) {
    // Tested below and in milvus_test.cpp: they are written otherwise than in the file.
    if (key.type.starts_with("list of ") || key.type == "table of sizes") continue;
    std::string text = key.standard;
    std::erase(text, '"');
    variables[key.variable] = text;
  }
  const auto loaded = with(variables);
  ASSERT_TRUE(loaded) << loaded.error().front().str();
  Settings expected;
  expected.windows.emplace_back();
  EXPECT_TRUE(same(*loaded, expected));
}

TEST(EnvironmentVariable, TakesTargetsBetweenCommas) {
  const auto loaded = with({{"EVENKEEL_SCRAPE_TARGETS", "http://a/metrics, http://b/metrics"}},
                           "[scrape]\ntargets = ['http://c/metrics']");
  ASSERT_TRUE(loaded) << loaded.error().front().str();
  EXPECT_THAT(loaded->scrape.targets, ElementsAre("http://a/metrics", "http://b/metrics"));

  const auto none = with({{"EVENKEEL_SCRAPE_TARGETS", ""}}, "[scrape]\ntargets = ['http://c/m']");
  ASSERT_TRUE(none);
  EXPECT_THAT(none->scrape.targets, IsEmpty());
}

TEST(EnvironmentVariable, ReplacesTheTableOfCapacities) {
  const auto loaded = with({{"EVENKEEL_CAPACITY_NODE", "3=16GiB, 127.0.0.1:21131 = 512MiB"}},
                           "[capacity.node]\n7 = '1GiB'");
  ASSERT_TRUE(loaded) << loaded.error().front().str();
  EXPECT_THAT(loaded->capacity.node,
              ElementsAre(Pair("127.0.0.1:21131", 512LL << 20), Pair("3", 16LL << 30)));
}

TEST(EnvironmentVariable, WithATextOfDigitsStaysAText) {
  const auto loaded =
      with({{"EVENKEEL_MILVUS_CA_FILE", "12"}, {"EVENKEEL_CAPACITY_DEFAULT", "1073741824"}});
  ASSERT_TRUE(loaded) << loaded.error().front().str();
  EXPECT_EQ(loaded->milvus.ca_file, "12");
  EXPECT_EQ(loaded->capacity.standard, 1LL << 30);
}

struct BadVariable {
  std::string test, name, value;
  std::vector<std::string> words;
};

void PrintTo(const BadVariable& value, std::ostream* out) {
  *out << value.test;
}

const std::vector<BadVariable> kBad = {
    {"NotABoolean",
     "EVENKEEL_BALANCE_AUTO_BALANCE",
     "yes",
     {"expected true or false, got a string, \"yes\""}},
    {"NotAWholeNumber",
     "EVENKEEL_SCRAPE_PORT",
     "9091.5",
     {"expected a whole number, got a number with a decimal point"}},
    {"NumberWithRest", "EVENKEEL_SCRAPE_PORT", "9091x", {"got a string, \"9091x\""}},
    {"Empty", "EVENKEEL_MILVUS_ADDRESS", "", {"got nothing"}},
    {"EmptyNumber", "EVENKEEL_SCRAPE_PORT", "", {"expected a whole number"}},
    {"OutOfRange", "EVENKEEL_BALANCE_MAX_SEGMENTS_PER_CALL", "6", {"beyond 5"}},
    {"NotANumber", "EVENKEEL_BALANCE_LOADING_PEAK_FACTOR", "nan", {"got nan"}},
    {"BadTarget", "EVENKEEL_SCRAPE_TARGETS", "http://a/m,b", {"must begin with http://"}},
    {"EmptyTarget", "EVENKEEL_SCRAPE_TARGETS", "http://a/m,", {"got nothing"}},
    {"NodeWithoutSize", "EVENKEEL_CAPACITY_NODE", "3", {"expected a size", "got nothing"}},
    {"NodeTwice", "EVENKEEL_CAPACITY_NODE", "3=1GiB,3=2GiB", {"node '3' stands here twice"}},
    {"NodeUnknownUnit", "EVENKEEL_CAPACITY_NODE", "3=1G", {"did you mean GiB or GB?"}},
    {"Misspelt",
     "EVENKEEL_BALANCE_AUTO_BALANCES",
     "true",
     {"no key of the configuration goes by this variable",
      "did you mean 'EVENKEEL_BALANCE_AUTO_BALANCE'?"}},
    {"WithoutSection",
     "EVENKEEL_AUTO_BALANCE",
     "true",
     {"did you mean 'EVENKEEL_BALANCE_AUTO_BALANCE'?"}},
    {"InSmallLetters", "EVENKEEL_log_level", "info", {"did you mean 'EVENKEEL_LOG_LEVEL'?"}},
    {"LikeNone", "EVENKEEL_ZZZZZZZZ", "1", {"EVENKEEL_, the section, an underscore and the key"}},
    {"NothingAfterThePrefix", "EVENKEEL_", "1", {"EVENKEEL_, the section"}},
    {"PortThatIsNoServices", "EVENKEEL_SCRAP_PORT", "9091", {"'EVENKEEL_SCRAPE_PORT'"}},
};

class BadEnvironment : public testing::TestWithParam<BadVariable> {};

TEST_P(BadEnvironment, IsReportedByTheVariablesName) {
  const auto loaded = with({{GetParam().name, GetParam().value}});
  ASSERT_FALSE(loaded);
  ASSERT_THAT(loaded.error(), SizeIs(1));
  EXPECT_EQ(loaded.error().front().where, GetParam().name);
  for (const std::string& words : GetParam().words) {
    EXPECT_THAT(loaded.error().front().what, HasSubstr(words));
  }
}

INSTANTIATE_TEST_SUITE_P(Variable, BadEnvironment, testing::ValuesIn(kBad),
                         [](const auto& test) { return test.param.test; });

TEST(EnvironmentVariable, MistakesComeAfterThoseOfTheFileByName) {
  const auto loaded = with({{"EVENKEEL_WEB_LISTEN_ADDRESS", "x"}, {"EVENKEEL_LOG_LEVEL", "x"}},
                           "[log]\nlevel = 'y'");
  ASSERT_FALSE(loaded);
  EXPECT_THAT(places(loaded.error()),
              ElementsAre("f.toml:2:9", "EVENKEEL_LOG_LEVEL", "EVENKEEL_WEB_LISTEN_ADDRESS"));
}

TEST(EnvironmentVariable, OfAKubernetesServiceNamedEvenkeelIsNoMistake) {
  EXPECT_TRUE(with({{"EVENKEEL_SERVICE_HOST", "10.0.0.1"},
                    {"EVENKEEL_SERVICE_PORT", "10931"},
                    {"EVENKEEL_SERVICE_PORT_HTTP", "10931"},
                    {"EVENKEEL_PORT", "tcp://10.0.0.1:10931"},
                    {"EVENKEEL_PORT_10931_TCP", "tcp://10.0.0.1:10931"},
                    {"EVENKEEL_PORT_10931_TCP_ADDR", "10.0.0.1"},
                    {"EVENKEEL_METRICS_SERVICE_HOST", "10.0.0.2"},
                    {"EVENKEEL_METRICS_PORT", "tcp://10.0.0.2:80"},
                    {"EVENKEEL_METRICS_PORT_80_TCP_PROTO", "tcp"}}));
  EXPECT_FALSE(with({{"EVENKEEL_PORT", "10931"}}));
  EXPECT_FALSE(with({{"EVENKEEL_PORT_HTTP_TCP", "10931"}}));
}

TEST(EnvironmentVariable, AloneMakesSettings) {
  const auto loaded =
      from_environment(environment_of({{"EVENKEEL_MILVUS_ADDRESS", "http://proxy:9091"}}));
  ASSERT_TRUE(loaded);
  Settings expected;
  expected.milvus.address = "http://proxy:9091";
  EXPECT_TRUE(same(*loaded, expected));
  EXPECT_THAT(places(from_environment(environment_of({{"EVENKEEL_X", ""}})).error()),
              ElementsAre("EVENKEEL_X"));
}

TEST(EnvironmentVariable, OfTheProcessIsRead) {
  ASSERT_EQ(setenv("EVENKEEL_LOG_LEVEL", "warn", 1), 0);
  ASSERT_EQ(setenv("EVENKEEL_MILVUS_CA_FILE", "a=b", 1), 0);
  ASSERT_EQ(setenv("NOT_EVENKEEL_LOG_LEVEL", "x", 1), 0);
  const Environment environment = process_environment();
  unsetenv("EVENKEEL_LOG_LEVEL");
  unsetenv("EVENKEEL_MILVUS_CA_FILE");
  unsetenv("NOT_EVENKEEL_LOG_LEVEL");

  EXPECT_THAT(environment.names, IsSupersetOf({"EVENKEEL_LOG_LEVEL", "EVENKEEL_MILVUS_CA_FILE"}));
  EXPECT_THAT(environment.names, Not(testing::Contains("NOT_EVENKEEL_LOG_LEVEL")));
  EXPECT_EQ(environment.get("EVENKEEL_LOG_LEVEL"), "warn");
  EXPECT_EQ(environment.get("EVENKEEL_MILVUS_CA_FILE"), "a=b");
  EXPECT_EQ(environment.get("EVENKEEL_LOG_FORMAT"), std::nullopt);
}

}  // namespace
}  // namespace evenkeel::settings::environment_test
