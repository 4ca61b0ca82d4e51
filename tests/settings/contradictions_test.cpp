// Values that are good alone and wrong together: named once, at the place that somebody wrote.

#include <gmock/gmock.h>

#include "tests/settings/helpers.hpp"

namespace evenkeel::settings::contradictions_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Pair {
  std::string name, text, where;
  std::vector<std::string> words;
};

void PrintTo(const Pair& value, std::ostream* out) {
  *out << value.name;
}

const std::vector<Pair> kPairs = {
    {"DifferenceAtThreshold",
     "[balance]\nmemory_usage_max_difference_percentage = 90",
     "f.toml:2:42",
     {"must be below overloaded_memory_threshold_percentage", "is the default"}},
    {"DifferenceAboveThresholdBothWritten",
     "[balance]\noverloaded_memory_threshold_percentage = 40\n"
     "memory_usage_max_difference_percentage = 50",
     "f.toml:3:42",
     {"balance.overloaded_memory_threshold_percentage is set at f.toml:2:42"}},
    {"ThresholdBelowDefaultDifference",
     "[balance]\noverloaded_memory_threshold_percentage = 25",
     "f.toml:2:42",
     {"balance.memory_usage_max_difference_percentage is the default"}},
    {"MarginAtThreshold",
     "[balance]\noverload_margin_percentage = 90",
     "f.toml:2:30",
     {"overload_margin_percentage must be below"}},
    {"ScrapeTimeoutLongerThanInterval",
     "[scrape]\ntimeout = '16s'",
     "f.toml:2:11",
     {"scrape.timeout (16s) must not be longer than scrape.interval (15s)"}},
    {"ScrapeIntervalShorterThanTimeout",
     "[scrape]\ninterval = '2s'",
     "f.toml:2:12",
     {"scrape.timeout (5s) must not be longer than scrape.interval (2s)",
      "scrape.timeout is the default"}},
    {"SampleAgeBelowTwoIntervals",
     "[balance]\nmax_sample_age = '29s'",
     "f.toml:2:18",
     {"max_sample_age (29s) must be at least twice scrape.interval (15s)",
      "one missed scrape would leave a node without a fresh sample"}},
    {"IntervalBeyondHalfTheSampleAge",
     "[scrape]\ninterval = '30s'",
     "f.toml:2:12",
     {"max_sample_age (45s)", "balance.max_sample_age is the default"}},
    {"CertificateWithoutKey",
     "[milvus]\ncert_file = 'c.pem'",
     "f.toml:2:13",
     {"cert_file needs key_file"}},
    {"KeyWithoutCertificate",
     "[milvus]\nkey_file = 'k.pem'\ncert_file = ''",
     "f.toml:2:12",
     {"key_file needs cert_file"}},
    {"UserWithoutPassword",
     "[milvus]\nusername = 'root'",
     "f.toml:2:12",
     {"username needs password_file too", "milvus.password_file is the default"}},
    {"PasswordWithoutUser",
     "[milvus]\npassword_file = '/p'",
     "f.toml:2:17",
     {"password_file needs username too"}},
    {"TokenAndUser",
     "[milvus]\nusername = 'root'\npassword_file = '/p'\ntoken_file = '/t'",
     "f.toml:4:14",
     {"set either it, or username and password_file", "milvus.username is set at f.toml:2:12"}},
    {"TokenAndPassword",
     "[milvus]\npassword_file = '/p'\ntoken_file = '/t'",
     "f.toml:3:14",
     {"set either it, or username", "milvus.password_file is set at f.toml:2:17"}},
    {"EtcdUserWithoutPassword",
     "[etcd]\nusername = 'root'",
     "f.toml:2:12",
     {"username needs password_file too"}},
    {"EtcdPasswordWithoutUser",
     "[etcd]\npassword_file = '/p'",
     "f.toml:2:17",
     {"password_file needs username too"}},
    {"EtcdCertificateWithoutKey",
     "[etcd]\ncert_file = 'c.pem'",
     "f.toml:2:13",
     {"cert_file needs key_file"}},
    {"EtcdKeyWithoutCertificate",
     "[etcd]\nkey_file = 'k.pem'",
     "f.toml:2:12",
     {"key_file needs cert_file"}},
    {"HoldWithoutEtcd",
     "[builtin_balancer]\nmode = 'hold'\nvia = 'etcd'",
     "f.toml:3:7",
     {"via = \"etcd\" needs [etcd] endpoints", "etcd.endpoints is the default"}},
    {"HoldWithoutEtcdAndJournal",
     "[builtin_balancer]\nmode = 'hold'\n[journal]\npath = ''",
     "f.toml:2:8",
     {"mode = \"hold\" needs [etcd] endpoints, or a journal", "journal.path"}},
    {"SuspensionWithoutJournal",
     "[builtin_balancer]\nmode = 'hold'\nvia = 'suspend'\n[etcd]\nendpoints = ['http://e:2379']\n"
     "[journal]\npath = ''",
     "f.toml:2:8",
     {"or a journal"}},
    {"LeaseTooShortForEtcd",
     "[builtin_balancer]\nmode = 'hold'\nlease = '8s'\n[etcd]\nendpoints = ['http://e:2379']",
     "f.toml:3:9",
     {"lease (8s) must be at least three times [etcd] timeout (3s)"}},
    {"TurnsWithoutEtcd",
     "[turns]\nmode = 'etcd'",
     "f.toml:2:8",
     {"mode = \"etcd\" needs [etcd] endpoints", "etcd.endpoints is the default"}},
    {"TurnsShorterThanThreeTimeouts",
     "[turns]\nmode = 'etcd'\nlease = '8s'\n[etcd]\nendpoints = ['http://e:2379']",
     "f.toml:3:9",
     {"lease (8s) must be at least three times [etcd] timeout (3s)"}},
    {"WebCertificateWithoutKey",
     "[web]\ncert_file = 'c.pem'",
     "f.toml:2:13",
     {"cert_file needs key_file"}},
    {"WebKeyWithoutCertificate",
     "[web]\nkey_file = 'k.pem'",
     "f.toml:2:12",
     {"key_file needs cert_file"}},
    {"ClientAuthoritiesWithoutCertificate",
     "[web]\nclient_ca_file = 'a.pem'",
     "f.toml:2:18",
     {"client_ca_file needs cert_file and key_file"}},
    {"HostsNotOnLoopback",
     "[web]\nlisten_address = ':10931'\nhosts = ['a.example']\ntoken_file = '/t'",
     "f.toml:3:9",
     {"hosts counts only where listen_address is a loopback address", "set at f.toml:2:18"}},
    {"OpenToOtherMachines",
     "[web]\nlisten_address = ':10931'",
     "f.toml:2:18",
     {"other machines can reach :10931", "set token_file", "or read_only = true"}},
    {"OpenToOtherMachinesByName",
     "[web]\nlisten_address = 'agent.example:10931'\nread_only = false",
     "f.toml:2:18",
     {"other machines can reach agent.example:10931", "web.read_only is set at f.toml:3:13"}},
};

class Contradiction : public testing::TestWithParam<Pair> {};

TEST_P(Contradiction, IsReportedWhereItWasWritten) {
  const auto mistakes = mistakes_in(GetParam().text);
  ASSERT_THAT(mistakes, SizeIs(1));
  EXPECT_EQ(mistakes.front().where, GetParam().where);
  for (const std::string& words : GetParam().words) {
    EXPECT_THAT(mistakes.front().what, HasSubstr(words));
  }
}

INSTANTIATE_TEST_SUITE_P(Settings, Contradiction, testing::ValuesIn(kPairs),
                         [](const auto& test) { return test.param.name; });

TEST(Contradictions, AreNoneAtTheLimits) {
  EXPECT_THAT(mistakes_in("[scrape]\ninterval = '10s'\ntimeout = '10s'\n"
                          "[balance]\nmax_sample_age = '20s'\n"
                          "memory_usage_max_difference_percentage = 89.9\n"
                          "overload_margin_percentage = 89\n"),
              IsEmpty());
}

TEST(Contradictions, AreNoneWhereOtherMachinesCannotChangeAnything) {
  for (const auto* listen : {"localhost:1", "127.0.0.1:1", "127.8.9.1:1", "[::1]:1"}) {
    EXPECT_THAT(mistakes_in("[web]\nlisten_address = '" + std::string(listen) + "'"), IsEmpty())
        << listen;
  }
  for (const auto* safe : {"read_only = true", "token_file = '/t'", "users_file = '/u'",
                           "client_ca_file = '/a'\ncert_file = '/c'\nkey_file = '/k'"}) {
    EXPECT_THAT(mistakes_in("[web]\nlisten_address = ':10931'\n" + std::string(safe)), IsEmpty())
        << safe;
  }
  for (const auto* reachable : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.0.0.1.example:1"}) {
    EXPECT_THAT(mistakes_in("[web]\nlisten_address = '" + std::string(reachable) + "'"), SizeIs(1))
        << reachable;
  }
}

TEST(Contradictions, AreNotSoughtInValuesThatAreWrongAnyway) {
  EXPECT_THAT(
      places(mistakes_in("[scrape]\ninterval = '1 week'\n[balance]\nmax_sample_age = '5s'")),
      ElementsAre("f.toml:2:12"));
}

TEST(Contradictions, AreNotSoughtWhereTheFileCouldNotBeParsed) {
  const auto environment = environment_of({{"EVENKEEL_SCRAPE_INTERVAL", "1m"}});
  EXPECT_THAT(places(mistakes_in("[balance]\nmax_sample_age = '5m'\n!", environment)),
              ElementsAre("f.toml:3:1"));
}

TEST(Contradictions, NameTheVariableThatBroughtTheValue) {
  const auto environment = environment_of({{"EVENKEEL_SCRAPE_TIMEOUT", "1m"}});
  const auto mistakes = mistakes_in("[scrape]\ntimeout = '1s'\ninterval = '10s'", environment);
  ASSERT_THAT(places(mistakes), ElementsAre("EVENKEEL_SCRAPE_TIMEOUT"));
  EXPECT_THAT(mistakes.front().what, HasSubstr("scrape.interval is set at f.toml:3:12"));
}

TEST(Contradictions, OfTheFileAloneAreMendedByAVariable) {
  const auto environment = environment_of({{"EVENKEEL_SCRAPE_TIMEOUT", "1s"}});
  EXPECT_THAT(mistakes_in("[scrape]\ntimeout = '1m'", environment), IsEmpty());
}

}  // namespace
}  // namespace evenkeel::settings::contradictions_test
