// What good values become: each key reaches its own field, in the field's unit.

#include <gmock/gmock.h>

#include "agent/settings/keys.hpp"
#include "agent/settings/suggest.hpp"
#include "tests/settings/helpers.hpp"

namespace evenkeel::settings::values_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;

struct Good {
  std::string section, name, value;
  bool (*reached)(const Settings&);
};

void PrintTo(const Good& value, std::ostream* out) {
  *out << value.name;
}

const std::vector<Good> kGood = {
    {"milvus", "address", "'https://proxy.example:443'",
     [](const Settings& s) { return s.milvus.address == "https://proxy.example:443"; }},
    {"milvus", "name", "'search-eu'",
     [](const Settings& s) { return s.milvus.name == "search-eu"; }},
    {"milvus", "timeout", "'250ms'", [](const Settings& s) { return s.milvus.timeout == 250ms; }},
    {"milvus", "move_timeout", "'5m'",
     [](const Settings& s) { return s.milvus.move_timeout == 5min; }},
    {"milvus", "verify_timeout", "'90s'",
     [](const Settings& s) { return s.milvus.verify_timeout == 90s; }},
    {"milvus", "ca_file", "'/ca.pem'",
     [](const Settings& s) { return s.milvus.ca_file == "/ca.pem"; }},
    {"milvus", "cert_file", "'/c.pem'\nkey_file = '/k.pem'",
     [](const Settings& s) { return s.milvus.cert_file == "/c.pem"; }},
    {"milvus", "key_file", "'/k.pem'\ncert_file = '/c.pem'",
     [](const Settings& s) { return s.milvus.key_file == "/k.pem"; }},
    {"milvus", "tls_verify", "false", [](const Settings& s) { return !s.milvus.tls_verify; }},
    {"milvus", "username", "'evenkeel'\npassword_file = '/p'",
     [](const Settings& s) { return s.milvus.username == "evenkeel"; }},
    {"milvus", "password_file", "'/p'\nusername = 'root'",
     [](const Settings& s) { return s.milvus.password_file == "/p"; }},
    {"milvus", "token_file", "'/t'", [](const Settings& s) { return s.milvus.token_file == "/t"; }},
    {"milvus", "rest_address", "'https://milvus:19530'",
     [](const Settings& s) { return s.milvus.rest_address == "https://milvus:19530"; }},
    {"milvus", "metrics_address", "'http://milvus:9091'",
     [](const Settings& s) { return s.milvus.metrics_address == "http://milvus:9091"; }},
    {"milvus", "databases", "['default', '_shop-2$']",
     [](const Settings& s) {
       return s.milvus.databases == std::vector<std::string>{"default", "_shop-2$"};
     }},
    {"milvus", "max_answer", "'16MiB'",
     [](const Settings& s) { return s.milvus.max_answer == 16 << 20; }},
    {"milvus", "allow_untested_version", "true",
     [](const Settings& s) { return s.milvus.allow_untested_version; }},
    {"balance", "auto_balance", "false", [](const Settings& s) { return !s.balance.auto_balance; }},
    {"balance", "balance_interval_seconds", "5",
     [](const Settings& s) { return s.balance.interval == 5s; }},
    {"balance", "overloaded_memory_threshold_percentage", "80",
     [](const Settings& s) { return s.balance.policy.overload_threshold == 0.8; }},
    {"balance", "memory_usage_max_difference_percentage", "12.5",
     [](const Settings& s) { return s.balance.policy.max_difference == 0.125; }},
    {"balance", "overload_margin_percentage", "0",
     [](const Settings& s) { return s.balance.policy.overload_margin == 0; }},
    {"balance", "difference_stop_percentage", "25",
     [](const Settings& s) { return s.balance.policy.difference_stop == 0.25; }},
    {"balance", "evidence_samples", "1",
     [](const Settings& s) { return s.balance.policy.evidence_samples == 1; }},
    {"balance", "max_sample_age", "'2m'",
     [](const Settings& s) { return s.balance.policy.max_sample_age == 2min; }},
    {"balance", "loading_peak_factor", "2",
     [](const Settings& s) { return s.balance.policy.loading_peak == 2.0; }},
    {"balance", "max_moves_per_round", "7",
     [](const Settings& s) { return s.balance.policy.max_moves_per_round == 7; }},
    {"balance", "max_bytes_per_round", "'1TiB'",
     [](const Settings& s) { return s.balance.policy.max_bytes_per_round == 1LL << 40; }},
    {"balance", "max_segments_per_call", "4",
     [](const Settings& s) { return s.balance.policy.max_segments_per_call == 4; }},
    {"balance", "segment_cooldown", "'0s'",
     [](const Settings& s) { return s.balance.policy.segment_cooldown == 0s; }},
    {"balance", "settle", "'1m'",
     [](const Settings& s) { return s.balance.policy.settle == 1min; }},
    {"balance", "failures_before_rest", "9",
     [](const Settings& s) { return s.balance.policy.failures_before_rest == 9; }},
    {"balance", "failure_rest", "'1d'",
     [](const Settings& s) { return s.balance.policy.failure_rest == 24h; }},
    {"balance", "unexplained_window", "'2h'",
     [](const Settings& s) { return s.balance.policy.unexplained_window == 2h; }},
    {"balance", "act_ahead", "'15m'",
     [](const Settings& s) { return s.balance.policy.act_ahead == 15min; }},
    {"balance", "outside_windows", "'nothing'",
     [](const Settings& s) { return s.balance.outside_windows == "nothing"; }},
    {"windows", "days", "['sat', 'sun']",
     [](const Settings& s) {
       return !s.windows.empty() && s.windows.back().days == windows::Days{0b1100000};
     }},
    {"windows", "from", "'22:30'",
     [](const Settings& s) { return !s.windows.empty() && s.windows.back().from == 22h + 30min; }},
    {"windows", "to", "'06:00'",
     [](const Settings& s) { return !s.windows.empty() && s.windows.back().to == 6h; }},
    {"windows", "time_zone", "'Europe/Berlin'",
     [](const Settings& s) {
       return !s.windows.empty() && s.windows.back().time_zone == "Europe/Berlin";
     }},
    {"scrape", "interval", "'20s'", [](const Settings& s) { return s.scrape.interval == 20s; }},
    {"scrape", "timeout", "'1s'", [](const Settings& s) { return s.scrape.timeout == 1s; }},
    {"scrape", "port", "65535", [](const Settings& s) { return s.scrape.port == 65535; }},
    {"scrape", "targets", "['http://a:1/metrics', 'http://[::1]:2/metrics']",
     [](const Settings& s) {
       return s.scrape.targets ==
              std::vector<std::string>{"http://a:1/metrics", "http://[::1]:2/metrics"};
     }},
    {"scrape", "max_body", "'64MiB'",
     [](const Settings& s) { return s.scrape.max_body == 64 << 20; }},
    {"capacity", "default", "'16GiB'",
     [](const Settings& s) { return s.capacity.standard == 16LL << 30; }},
    {"capacity", "default_row_bytes", "536",
     [](const Settings& s) { return s.capacity.default_row_bytes == 536; }},
    {"capacity", "correct_row_bytes", "false",
     [](const Settings& s) { return !s.capacity.correct_row_bytes; }},
    {"capacity", "node", "{ 3 = '16GiB' }",
     [](const Settings& s) {
       return s.capacity.node == std::map<std::string, rules::Bytes>{{"3", 16LL << 30}};
     }},
    {"memory", "source", "'milvus'", [](const Settings& s) { return s.memory.source == "milvus"; }},
    {"etcd", "endpoints", "['http://etcd-0:2379', 'https://etcd-1:2379']",
     [](const Settings& s) {
       return s.etcd.endpoints ==
              std::vector<std::string>{"http://etcd-0:2379", "https://etcd-1:2379"};
     }},
    {"etcd", "root_path", "'shop/milvus'",
     [](const Settings& s) { return s.etcd.root_path == "shop/milvus"; }},
    {"etcd", "username", "'evenkeel'\npassword_file = '/p'",
     [](const Settings& s) { return s.etcd.username == "evenkeel"; }},
    {"etcd", "password_file", "'/p'\nusername = 'root'",
     [](const Settings& s) { return s.etcd.password_file == "/p"; }},
    {"etcd", "ca_file", "'/ca.pem'", [](const Settings& s) { return s.etcd.ca_file == "/ca.pem"; }},
    {"etcd", "cert_file", "'/c.pem'\nkey_file = '/k.pem'",
     [](const Settings& s) { return s.etcd.cert_file == "/c.pem"; }},
    {"etcd", "key_file", "'/k.pem'\ncert_file = '/c.pem'",
     [](const Settings& s) { return s.etcd.key_file == "/k.pem"; }},
    {"etcd", "tls_verify", "false", [](const Settings& s) { return !s.etcd.tls_verify; }},
    {"etcd", "timeout", "'2s'", [](const Settings& s) { return s.etcd.timeout == 2s; }},
    {"builtin_balancer", "mode", "'hold'\n[etcd]\nendpoints = ['http://etcd:2379']",
     [](const Settings& s) { return s.builtin_balancer.mode == "hold"; }},
    {"builtin_balancer", "via", "'suspend'",
     [](const Settings& s) { return s.builtin_balancer.via == "suspend"; }},
    {"builtin_balancer", "hold_for", "'always'",
     [](const Settings& s) { return s.builtin_balancer.hold_for == "always"; }},
    {"builtin_balancer", "lease", "'20s'",
     [](const Settings& s) { return s.builtin_balancer.lease == 20s; }},
    {"turns", "mode", "'etcd'\n[etcd]\nendpoints = ['http://etcd:2379']",
     [](const Settings& s) { return s.turns.mode == "etcd"; }},
    {"turns", "lease", "'20s'", [](const Settings& s) { return s.turns.lease == 20s; }},
    {"alerts", "min_interval", "'1m'",
     [](const Settings& s) { return s.alerts.min_interval == 1min; }},
    {"journal", "path", "'/j'", [](const Settings& s) { return s.journal.path == "/j"; }},
    {"journal", "max_age", "'7d'", [](const Settings& s) { return s.journal.max_age == 168h; }},
    {"journal", "max_size", "'1GiB'",
     [](const Settings& s) { return s.journal.max_size == 1 << 30; }},
    {"reload", "on_change", "false", [](const Settings& s) { return !s.reload.on_change; }},
    {"telemetry", "per_segment", "true", [](const Settings& s) { return s.telemetry.per_segment; }},
    {"telemetry", "max_segments", "7",
     [](const Settings& s) { return s.telemetry.max_segments == 7; }},
    {"web", "listen_address", "'[::1]:8080'",
     [](const Settings& s) { return s.web.listen_address == "[::1]:8080"; }},
    {"web", "hosts", "['Evenkeel.example', '[2001:DB8::1]', '192.0.2.7']",
     [](const Settings& s) {
       return s.web.hosts ==
              std::vector<std::string>{"evenkeel.example", "2001:db8::1", "192.0.2.7"};
     }},
    {"web", "read_only", "true", [](const Settings& s) { return s.web.read_only; }},
    {"web", "token_file", "'/t'", [](const Settings& s) { return s.web.token_file == "/t"; }},
    {"web", "users_file", "'/u'", [](const Settings& s) { return s.web.users_file == "/u"; }},
    {"web", "client_ca_file", "'/a'\ncert_file = '/c'\nkey_file = '/k'",
     [](const Settings& s) { return s.web.client_ca_file == "/a"; }},
    {"web", "cert_file", "'/c'\nkey_file = '/k'",
     [](const Settings& s) { return s.web.cert_file == "/c"; }},
    {"web", "key_file", "'/k'\ncert_file = '/c'",
     [](const Settings& s) { return s.web.key_file == "/k"; }},
    {"web", "changes_per_second", "3",
     [](const Settings& s) { return s.web.changes_per_second == 3; }},
    {"log", "level", "'debug'", [](const Settings& s) { return s.log.level == "debug"; }},
    {"log", "format", "'json'", [](const Settings& s) { return s.log.format == "json"; }},
};

class EveryKey : public testing::TestWithParam<Good> {};

TEST_P(EveryKey, ReachesItsFieldAndNoOther) {
  const Good& good = GetParam();
  const std::string text = heading(good.section) + "\n" + good.name + " = " + good.value;
  const Loaded loaded = parse(text, "f.toml", {});
  ASSERT_TRUE(loaded) << loaded.error().front().str();
  EXPECT_TRUE(good.reached(*loaded));
  EXPECT_FALSE(good.reached(Settings{})) << "the value must differ from the default";
  for (const Good& other : kGood) {
    const bool set_too = good.value.find(other.name) != std::string::npos;
    if (&other == &good || other.reached(Settings{}) || set_too) continue;
    if (other.section == good.section && other.name == good.name) continue;
    EXPECT_FALSE(other.reached(*loaded)) << "also set " << other.name;
  }
}

TEST_P(EveryKey, IsNamedWhereItsValueDiffers) {
  const Good& good = GetParam();
  const Loaded loaded =
      parse(heading(good.section) + "\n" + good.name + " = " + good.value, "f.toml", {});
  ASSERT_TRUE(loaded) << loaded.error().front().str();
  const auto changed = changed_keys(Settings{}, *loaded);
  const bool repeated = is_repeated(good.section);
  EXPECT_THAT(changed,
              testing::Contains(heading(good.section) + (repeated ? "" : " " + good.name)));
  EXPECT_EQ(changed_keys(*loaded, Settings{}), changed);
  for (const auto& name :
       changed) {  // some values set another key, too, since the two belong together
    if (repeated) continue;
    const auto key = name.substr(name.find(' ') + 1);
    EXPECT_TRUE(key == good.name || good.value.find(key) != std::string::npos) << name;
  }
  EXPECT_THAT(changed_keys(*loaded, *loaded), testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Settings, EveryKey, testing::ValuesIn(kGood), [](const auto& test) {
  return test.param.section + "_" + test.param.name;
});

TEST(Values, HaveOneCaseAboveForEveryKeyOfTheTable) {
  std::vector<std::string> tested;
  for (const Good& good : kGood) tested.push_back(good.section + "." + good.name);
  std::vector<std::string> known;
  for (const Key& key : keys()) known.push_back(key.section + "." + key.name);
  EXPECT_EQ(tested, known);
}

TEST(Values, OfTheDocumentedShapeParse) {
  const Loaded loaded = parse(R"(
[milvus]
address = "http://127.0.0.1:9091"     # HTTP port of a proxy
timeout = "10s"
[balance]                             # Milvus 2.1's four knobs, same meaning and defaults
auto_balance = true                   # false: judge, plan and export, move nothing
balance_interval_seconds = 60
overloaded_memory_threshold_percentage = 90
memory_usage_max_difference_percentage = 30
[scrape]
interval = "15s"
timeout = "5s"
port = 9091                           # metrics port of the nodes that Milvus lists
targets = []                          # or name them: ["http://127.0.0.1:9101/metrics"]
[capacity]
default = "auto"                      # what Milvus reports, or "16GiB"
[capacity.node]                       # by node id or by address
"127.0.0.1:21131" = "512MiB"
[web]
listen_address = "127.0.0.1:10931"
[log]
level = "info"
format = "logfmt"                     # or "json"
)",
                              "f.toml", {});
  ASSERT_TRUE(loaded) << loaded.error().front().str();
  Settings expected;
  expected.capacity.node = {{"127.0.0.1:21131", 512LL << 20}};
  EXPECT_TRUE(same(*loaded, expected));
}

TEST(Values, AreTheDefaultsWhereNothingIsWritten) {
  const Loaded nothing = parse("", "f.toml", {});
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(same(*nothing, Settings{}));
  const Loaded empty_sections = parse("[milvus]\n[balance]\n[capacity.node]\n", "f.toml", {});
  ASSERT_TRUE(empty_sections);
  EXPECT_TRUE(same(*empty_sections, Settings{}));
}

TEST(Values, MayBeWrittenAsDottedKeysAndInlineTables) {
  const Loaded loaded = parse(
      "balance.auto_balance = false\nlog = { level = 'warn' }\n"
      "capacity.node = { 3 = 1073741824, 'h:1' = '2GiB' }\n",
      "f.toml", {});
  ASSERT_TRUE(loaded) << loaded.error().front().str();
  EXPECT_FALSE(loaded->balance.auto_balance);
  EXPECT_EQ(loaded->log.level, "warn");
  EXPECT_THAT(loaded->capacity.node, ElementsAre(Pair("3", 1LL << 30), Pair("h:1", 2LL << 30)));
}

TEST(Values, OfPercentagesAreTheSameRatioAsTheDefaultsInCode) {
  const Loaded loaded = parse(
      "[balance]\noverloaded_memory_threshold_percentage = 90.0\n"
      "memory_usage_max_difference_percentage = 30.0\n",
      "f.toml", {});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->balance.policy.overload_threshold, rules::Policy{}.overload_threshold);
  EXPECT_EQ(loaded->balance.policy.max_difference, rules::Policy{}.max_difference);
}

}  // namespace
}  // namespace evenkeel::settings::values_test
