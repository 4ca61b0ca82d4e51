#include "agent/settings/keys.hpp"

#include <algorithm>
#include <utility>

#include "agent/settings/kinds.hpp"
#include "agent/settings/readers.hpp"

namespace evenkeel::settings {
namespace {

using namespace std::chrono_literals;

using Milvus = Settings::Milvus;
using Balance = Settings::Balance;
using Scrape = Settings::Scrape;
using Capacity = Settings::Capacity;
using Memory = Settings::Memory;
using Etcd = Settings::Etcd;
using BuiltinBalancer = Settings::BuiltinBalancer;
using Turns = Settings::Turns;
using Alerts = Settings::Alerts;
using Journal = Settings::Journal;
using Reload = Settings::Reload;
using Telemetry = Settings::Telemetry;
using Web = Settings::Web;
using Log = Settings::Log;
using rules::Bytes;
using rules::Policy;

constexpr Bytes kKiB = Bytes{1} << 10;
constexpr Bytes kGiB = Bytes{1} << 30;
constexpr Bytes kPiB = Bytes{1} << 50;

constexpr Range<Milliseconds> kCallTimes{1ms, 24h};
constexpr Range<Milliseconds> kRests{0ms, 24h * 30};

template <typename... Member>
auto policy(Member... members) {
  return at(&Settings::balance, &Balance::policy, members...);
}

// How the agent is a client by TLS, alike for each server that it asks.
template <typename Add, typename Section>
void add_client_tls(const Add& key, Section Settings::*section) {
  key("ca_file", R"("")", file_name(at(section, &Section::ca_file)),
      "for TLS: PEM file of the authorities to trust; empty: the system's");
  key("cert_file", R"("")", file_name(at(section, &Section::cert_file)),
      "for TLS: PEM file of the agent's own certificate; together with key_file");
  key("key_file", R"("")", file_name(at(section, &Section::key_file)),
      "for TLS: PEM file of the private key of cert_file");
  key("tls_verify", "true", boolean(at(section, &Section::tls_verify)),
      "for TLS: false accepts any certificate, so anybody in between can listen and answer");
}

void add_milvus_login(std::vector<Entry>& all) {
  const auto key = adder(all, "milvus");
  key("username", R"("")",
      kind("name", Form::text, at(&Settings::milvus, &Milvus::username), read_user_name),
      "who asks, where Milvus wants a login; together with password_file");
  key("password_file", R"("")", file_name(at(&Settings::milvus, &Milvus::password_file)),
      "file with that user's password, on one line; read again when it changes");
  key("token_file", R"("")", file_name(at(&Settings::milvus, &Milvus::token_file)),
      "file with a token instead, on one line: \"user:password\" or an API key; read again when it "
      "changes");
}

void add_milvus(std::vector<Entry>& all) {
  const auto key = adder(all, "milvus");
  key("address", R"("http://127.0.0.1:9091")",
      kind("URL", Form::text, at(&Settings::milvus, &Milvus::address), read_milvus),
      "a Milvus proxy: its gRPC port (19530) as grpc:// or grpcs://, or its HTTP port (9091) as "
      "http:// or https://");
  key("name", R"("")",
      kind("text", Form::text, at(&Settings::milvus, &Milvus::name), read_short_text),
      "what people call this Milvus, such as \"search-eu\": in the page's title and "
      "head, and in the status");
  key("timeout", R"("10s")", duration(at(&Settings::milvus, &Milvus::timeout), kCallTimes),
      "how long one question to Milvus may take");
  key("move_timeout", R"("2m")", duration(at(&Settings::milvus, &Milvus::move_timeout), kCallTimes),
      "how long one load_balance call may take, which answers when the segments have moved");
  key("verify_timeout", R"("1m")",
      duration(at(&Settings::milvus, &Milvus::verify_timeout), kCallTimes),
      "how long after a call the distribution may take to show what it did");
  add_client_tls(key, &Settings::milvus);
  add_milvus_login(all);
  key("rest_address", R"("")",
      kind("URL", Form::text, at(&Settings::milvus, &Milvus::rest_address), read_optional_server),
      "Milvus's port 19530 as http:// or https://, asked for the names of the databases where no "
      "other list has them (2.4); empty: not asked");
  key("metrics_address", R"("")",
      kind("URL", Form::text, at(&Settings::milvus, &Milvus::metrics_address),
           read_optional_server),
      "where address is a grpc:// one: the same proxy's HTTP port (9091) as http:// or https://, "
      "asked for what gRPC does not have (sizes of segments, read-only nodes, Milvus's balancer); "
      "empty: not asked");
  key("databases", "[]",
      kind("list of names", Form::list, at(&Settings::milvus, &Milvus::databases), read_databases),
      "the only databases to look at; empty: all that Milvus lists");
  key("max_answer", R"("64MiB")",
      size(at(&Settings::milvus, &Milvus::max_answer),
           {64 * kKiB, kGiB, "each answer is held in memory"}),
      "how long one answer of Milvus may be, such as the list of a collection's segments; reading "
      "it "
      "takes up to four times as much memory");
  key("allow_untested_version", "false",
      boolean(at(&Settings::milvus, &Milvus::allow_untested_version)),
      "true: move segments also on a Milvus newer than all that Evenkeel is known to work with");
}

void add_balance(std::vector<Entry>& all) {
  const auto key = adder(all, "balance");
  key("auto_balance", "true", boolean(at(&Settings::balance, &Balance::auto_balance)),
      "false: judge, plan and export, but move nothing");
  key("balance_interval_seconds", "60",
      whole(at(&Settings::balance, &Balance::interval), {1, 86'400}), "how often a round is run");
  key("overloaded_memory_threshold_percentage", "90",
      percentage(policy(&Policy::overload_threshold), {1, 100}),
      "a node that uses more of its capacity than this is overloaded, and no move may bring a node "
      "above it");
  key("memory_usage_max_difference_percentage", "30",
      percentage(policy(&Policy::max_difference), {1, 100}),
      "level a replica when its fullest and emptiest node are further apart than this");
  key("overload_margin_percentage", "2", percentage(policy(&Policy::overload_margin), {0, 100}),
      "how far below the threshold an overloaded node is relieved");
  key("difference_stop_percentage", "50",
      percentage(policy(&Policy::difference_stop),
                 {1, 99, "levelling must stop below the difference that starts it"}),
      "levelling stops at this part of memory_usage_max_difference_percentage");
  key("evidence_samples", "3", whole(policy(&Policy::evidence_samples), {1, 100}),
      "in how many samples of a node in a row something must be wrong before anything is moved");
  key("max_sample_age", R"("45s")", duration(policy(&Policy::max_sample_age), {1ms, 24h}),
      "a node whose newest sample is older is not judged; at least twice [scrape] interval");
  key("loading_peak_factor", "1.5", number(policy(&Policy::loading_peak), {1, 10}),
      "what a node needs while it loads a segment, as a multiple of the segment's size");
  key("max_moves_per_round", "20", whole(policy(&Policy::max_moves_per_round), {1, 10'000}),
      "how many segments one round moves at most");
  key("max_bytes_per_round", R"("64GiB")", size(policy(&Policy::max_bytes_per_round), {1, kPiB}),
      "how much one round moves at most");
  key("max_segments_per_call", "5",
      whole(policy(&Policy::max_segments_per_call),
            {1, 5, "newer Milvus silently drops what goes beyond 5"}),
      "how many segments one load_balance call moves at most");
  key("segment_cooldown", R"("10m")", duration(policy(&Policy::segment_cooldown), kRests),
      "how long a moved segment stays where it is");
  key("settle", R"("5m")", duration(policy(&Policy::settle), kRests),
      "how long a node's memory may take to fall after segments left it");
  key("failures_before_rest", "3", whole(policy(&Policy::failures_before_rest), {1, 1'000}),
      "after how many failed moves in a row a segment rests");
  key("failure_rest", R"("1h")", duration(policy(&Policy::failure_rest), kRests),
      "how long such a segment rests");
  key("unexplained_window", R"("30m")", duration(policy(&Policy::unexplained_window), kRests),
      "the highest memory within this time that a node's segments did not explain is kept free");
  key("act_ahead", R"("0s")",
      duration(policy(&Policy::act_ahead),
               {0ms, 24h, "an hour of samples tells nothing of what comes later"}),
      "relieve a node before it is overloaded, if it surely will be within this time; \"0s\": not "
      "before");
  key("outside_windows", R"("relief")",
      choice(at(&Settings::balance, &Balance::outside_windows), {"relief", "nothing"}),
      "outside of all [[windows]]: only relief of overloaded nodes, or nothing at all");
}

// Makes a kind of the newest window's keys: read with `read`, stored in `member`.
template <typename Type, typename Read>
Kind window_key(std::string type, Form form, Type windows::Window::*member, Read read) {
  Kind made = kind(
      std::move(type), form,
      [=](auto& settings) -> auto& { return settings.windows.back().*member; }, read);
  made.same = [=](const Settings& one, const Settings& other) {
    return std::equal(one.windows.begin(), one.windows.end(), other.windows.begin(),
                      other.windows.end(),
                      [=](const auto& a, const auto& b) { return a.*member == b.*member; });
  };
  return made;
}

Kind time_of_day(std::chrono::minutes windows::Window::*member, Range<std::chrono::minutes> range) {
  return window_key("time", Form::text, member,
                    [=](const Value& v, Problems& p) { return read_time_of_day(v, range, p); });
}

void add_windows(std::vector<Entry>& all) {
  using windows::Window;
  const auto key = adder(all, "windows");
  key("days", R"(["mon-sun"])", window_key("list of days", Form::list, &Window::days, read_days),
      "days on which it begins: \"mon\" to \"sun\", and ranges such as \"mon-fri\"");
  key("from", R"("00:00")", time_of_day(&Window::from, {0min, 24h - 1min}),
      "when it begins, by a clock in time_zone");
  key("to", R"("24:00")", time_of_day(&Window::to, {1min, 24h}),
      "when it ends; a time before `from` is on the next day");
  key("time_zone", R"("UTC")",
      window_key("time zone", Form::text, &Window::time_zone, read_time_zone),
      "IANA's name of the time zone, such as \"Europe/Berlin\"; those other than UTC need the "
      "system's tzdata");
}

void add_journal(std::vector<Entry>& all) {
  const auto key = adder(all, "journal");
  key("path", R"("auto")", file_name(at(&Settings::journal, &Journal::path)),
      "file of all decisions and of what must outlive a restart, each agent's own; \"auto\": named "
      "after the Milvus, in $STATE_DIRECTORY, $XDG_STATE_HOME/evenkeel or "
      "$HOME/.local/state/evenkeel. Empty, or \"auto\" without such a folder: a restart forgets "
      "all, and nothing is moved for [balance] settle after it");
  key("max_age", R"("30d")", duration(at(&Settings::journal, &Journal::max_age), {1h, 24h * 3'650}),
      "how long a decision is kept");
  key("max_size", R"("256MiB")",
      size(at(&Settings::journal, &Journal::max_size), {Bytes{4} << 20, kPiB}),
      "how large the file may become; then the oldest decisions go");
}

void add_scrape(std::vector<Entry>& all) {
  const auto key = adder(all, "scrape");
  key("interval", R"("15s")", duration(at(&Settings::scrape, &Scrape::interval), {100ms, 24h}),
      "how often the metrics of every node are read");
  key("timeout", R"("5s")", duration(at(&Settings::scrape, &Scrape::timeout), kCallTimes),
      "how long one node may take to answer; at most the interval");
  key("port", "9091", whole(at(&Settings::scrape, &Scrape::port), {1, 65'535}),
      "metrics port of the nodes that Milvus lists");
  key("targets", "[]",
      kind("list of URLs", Form::list, at(&Settings::scrape, &Scrape::targets), read_targets),
      "the metrics pages of all query nodes; empty: of the nodes that Milvus lists, on that port");
  key("max_body", R"("16MiB")",
      size(at(&Settings::scrape, &Scrape::max_body),
           {kKiB, kGiB, "each node's answer is held in memory"}),
      "how long the metrics of one node may be");
}

void add_capacity(std::vector<Entry>& all) {
  const auto key = adder(all, "capacity");
  key("default", R"("auto")",
      kind("\"auto\" or size", Form::text, at(&Settings::capacity, &Capacity::standard),
           read_capacity),
      "memory that a query node may use; \"auto\": what Milvus reports of it");
  key("default_row_bytes", "1024",
      size(at(&Settings::capacity, &Capacity::default_row_bytes), {1, kGiB}),
      "bytes of a row where neither metrics nor schema tell");
  key("correct_row_bytes", "true", boolean(at(&Settings::capacity, &Capacity::correct_row_bytes)),
      "correct the bytes of a row by what moves did to the nodes' memory");
  key("node", "{}",
      kind("table of sizes", Form::table, at(&Settings::capacity, &Capacity::node),
           read_node_capacities),
      "memory that single nodes may use, by id, address, host, pattern of hosts (`*`, `?`) or "
      "resource "
      "group (`group:NAME`); the first of these that names a node counts");
}

void add_memory(std::vector<Entry>& all) {
  adder(all, "memory")(
      "source", R"("auto")",
      choice(at(&Settings::memory, &Memory::source), {"auto", "resident", "milvus"}),
      "what counts as a node's used memory: the resident memory that its own "
      "metrics give, what Milvus itself counts, which leaves out pages of mapped "
      "files, or by Milvus's version");
}

void add_etcd(std::vector<Entry>& all) {
  const auto key = adder(all, "etcd");
  key("endpoints", "[]",
      kind("list of URLs", Form::list, at(&Settings::etcd, &Etcd::endpoints), read_servers),
      "client URLs of the etcd that Milvus uses, tried in this order; empty: it is not asked");
  key("root_path", R"("by-dev")",
      kind("path", Form::text, at(&Settings::etcd, &Etcd::root_path), read_root_path),
      "what Milvus's keys there begin with: its etcd.rootPath");
  key("username", R"("")",
      kind("name", Form::text, at(&Settings::etcd, &Etcd::username), read_user_name),
      "who asks, where etcd wants a login; together with password_file");
  key("password_file", R"("")", file_name(at(&Settings::etcd, &Etcd::password_file)),
      "file with that user's password, on one line; read at each login");
  add_client_tls(key, &Settings::etcd);
  key("timeout", R"("3s")", duration(at(&Settings::etcd, &Etcd::timeout), {1ms, 1min}),
      "how long one endpoint may take to answer");
}

void add_builtin_balancer(std::vector<Entry>& all) {
  const auto key = adder(all, "builtin_balancer");
  const auto field = [](auto member) { return at(&Settings::builtin_balancer, member); };
  key("mode", R"("detect")", choice(field(&BuiltinBalancer::mode), {"hold", "detect", "ignore"}),
      "hold: switch Milvus's own balancer off, and level only while it is off; detect: level only "
      "when no segment has moved without this agent for [balance] settle; ignore: leave it alone");
  key("via", R"("auto")", choice(field(&BuiltinBalancer::via), {"auto", "etcd", "suspend"}),
      "how it is held; etcd: by queryCoord.autoBalance in Milvus's etcd, which needs [etcd] "
      "endpoints; suspend: by /management/querycoord/balance/suspend (2.5 and later), which needs "
      "a journal; auto: by etcd, and by suspend where that is not configured or cannot be used");
  key("hold_for", R"("moves")", choice(field(&BuiltinBalancer::hold_for), {"moves", "always"}),
      "moves: hold it while moves are made and settle; always: from the start of the agent to its "
      "end, also while it is paused or auto_balance is off");
  key("lease", R"("30s")", duration(field(&BuiltinBalancer::lease), {5s, 10min}),
      "how long after the agent died a hold by etcd ends");
}

void add_turns(std::vector<Entry>& all) {
  const auto key = adder(all, "turns");
  key("mode", R"("alone")", choice(at(&Settings::turns, &Turns::mode), {"alone", "etcd"}),
      "etcd: of several agents with this setting one acts, by a key in Milvus's etcd, and the "
      "others watch and take over when it dies; alone: this agent is the only one");
  key("lease", R"("15s")", duration(at(&Settings::turns, &Turns::lease), {3s, 10min}),
      "how long after the agent died its turn ends; another agent acts a third of this time after "
      "that");
}

void add_alerts(std::vector<Entry>& all) {
  adder(all, "alerts")("min_interval", R"("10s")",
                       duration(at(&Settings::alerts, &Alerts::min_interval), {1ms, 24h}),
                       "the shortest time between two rounds that alerts asked for");
}

void add_reload(std::vector<Entry>& all) {
  adder(all, "reload")("on_change", "true", boolean(at(&Settings::reload, &Reload::on_change)),
                       "read this file and those that it names again when one of them changes, "
                       "also by a link on the way; false: only when asked to");
}

void add_telemetry(std::vector<Entry>& all) {
  const auto key = adder(all, "telemetry");
  key("per_segment", "false", boolean(at(&Settings::telemetry, &Telemetry::per_segment)),
      "export a series for each segment, too");
  key("max_segments", "10000",
      whole(at(&Settings::telemetry, &Telemetry::max_segments), {1, 1'000'000}),
      "how many segments have a series at the most");
}

void add_web_and_log(std::vector<Entry>& all) {
  const auto web = adder(all, "web");
  web("listen_address", R"("127.0.0.1:10931")",
      kind("host:port", Form::text, at(&Settings::web, &Web::listen_address), read_listen_address),
      "where the agent's own page and metrics are served; \":10931\": on every "
      "interface");
  web("hosts", "[]", kind("list of names", Form::list, at(&Settings::web, &Web::hosts), read_hosts),
      "on a loopback address: names besides localhost and that address under which the agent may "
      "be asked, such as the name of a reverse proxy that passes its own on");
  web("read_only", "false", boolean(at(&Settings::web, &Web::read_only)),
      "true: requests that would change something are refused, whoever asks");
  web("token_file", R"("")", file_name(at(&Settings::web, &Web::token_file)),
      "file with one bearer token: who has it may change something");
  web("users_file", R"("")", file_name(at(&Settings::web, &Web::users_file)),
      "file with a line \"name:hash\" for each user who may change something");
  web("client_ca_file", R"("")", file_name(at(&Settings::web, &Web::client_ca_file)),
      "for https: PEM file of the authorities whose client certificates may change something");
  web("cert_file", R"("")", file_name(at(&Settings::web, &Web::cert_file)),
      "for https: PEM file of the server's certificate and its chain; together with key_file");
  web("key_file", R"("")", file_name(at(&Settings::web, &Web::key_file)),
      "for https: PEM file of the private key of cert_file");
  web("changes_per_second", "10", whole(at(&Settings::web, &Web::changes_per_second), {1, 100'000}),
      "how many requests that would change something are looked at from one address each second");
  const auto key = adder(all, "log");
  key("level", R"("info")",
      choice(at(&Settings::log, &Log::level), {"debug", "info", "warn", "error"}),
      "the lowest level that is logged");
  key("format", R"("logfmt")", choice(at(&Settings::log, &Log::format), {"logfmt", "json"}),
      "how a line of the log is written");
}

std::vector<Entry> make_entries() {
  std::vector<Entry> all;
  add_milvus(all);
  add_balance(all);
  add_windows(all);
  add_scrape(all);
  add_capacity(all);
  add_memory(all);
  add_etcd(all);
  add_builtin_balancer(all);
  add_turns(all);
  add_alerts(all);
  add_journal(all);
  add_reload(all);
  add_telemetry(all);
  add_web_and_log(all);
  return all;
}

}  // namespace

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = make_entries();
  return all;
}

}  // namespace evenkeel::settings
