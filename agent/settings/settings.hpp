#pragma once
// evenkeel.toml as a value: the only reader of configuration. Light: no toml++ here.
//
// Every key of the table keys() may stand in the file, and may be overridden by the environment
// variable EVENKEEL_<SECTION>_<KEY>. Nothing is guessed: one mistake anywhere, and there are no
// Settings, only the list of all mistakes.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "rules/policy.hpp"

namespace evenkeel::settings {

struct Settings {
  struct Milvus {
    std::string address = "http://127.0.0.1:9091";
    std::chrono::milliseconds timeout{10'000};
    std::chrono::milliseconds move_timeout{120'000};   // how long a load_balance call may take
    std::chrono::milliseconds verify_timeout{60'000};  // how long until the distribution shows it
    std::string ca_file, cert_file, key_file;          // for https
    bool tls_verify = true;
    std::string username;       // with password_file
    std::string password_file;  // one line
    std::string token_file;     // one line, "user:password" or an API key; instead of the two above
    // The proxy's REST port (19530), asked for the databases alone, where there is no other list of
    // them: 2.4. Empty: not asked.
    std::string rest_address;
    std::vector<std::string> databases;  // the only ones to look at; empty: all that are listed
    rules::Bytes max_answer = rules::Bytes{64} << 20;
    bool allow_untested_version = false;  // act on a Milvus newer than all that is known
  } milvus;
  struct Balance {
    bool auto_balance = true;
    std::chrono::seconds interval{60};
    rules::Policy policy;  // every other key of [balance]
  } balance;
  struct Scrape {
    std::chrono::milliseconds interval{15'000};
    std::chrono::milliseconds timeout{5'000};
    std::uint16_t port = 9091;
    std::vector<std::string> targets;  // URLs; empty: the coordinator's nodes on `port`
    rules::Bytes max_body = rules::Bytes{16} << 20;
  } scrape;
  struct Capacity {
    std::optional<rules::Bytes> standard;  // [capacity] default; none: "auto"
    // By what names nodes: see node_key.hpp.
    std::map<std::string, rules::Bytes> node;
    rules::Bytes default_row_bytes = 1024;  // where neither metrics nor schema tell
    bool correct_row_bytes = true;          // by what moves did to the nodes' memory
  } capacity;
  struct Memory {
    std::string source = "auto";  // "auto", "resident" or "milvus"
  } memory;
  struct Alerts {
    std::chrono::milliseconds min_interval{10'000};  // between rounds that alerts ask for
  } alerts;
  struct Telemetry {
    bool per_segment = false;  // a series for each segment, too
    int max_segments = 10'000;
  } telemetry;
  struct Web {
    std::string listen_address = "127.0.0.1:10931";  // "host:port", "[::1]:port", ":port"
    std::vector<std::string> hosts;   // other names it is asked under on loopback, in lower case
    bool read_only = false;           // take no request that changes something
    std::string token_file;           // one bearer token
    std::string users_file;           // lines "name:hash", hashes as crypt(5) has them
    std::string cert_file, key_file;  // for https
    std::string client_ca_file;       // whose certificates are a credential
    int changes_per_second = 10;      // from one address

    // Whether anybody can be known by what the settings name.
    [[nodiscard]] bool has_credentials() const {
      return !token_file.empty() || !users_file.empty() || !client_ca_file.empty();
    }
  } web;
  struct Log {
    std::string level = "info";     // debug, info, warn, error
    std::string format = "logfmt";  // or "json"
  } log;
};

// One mistake, with everything needed to mend it.
struct Mistake {
  // "evenkeel.toml:12:3" or "EVENKEEL_BALANCE_AUTO_BALANCE" or "--web.listen-address"
  std::string where;
  // "unknown key 'autobalance' in [balance]; did you mean 'auto_balance'?"
  std::string what;
  [[nodiscard]] std::string str() const { return where + ": " + what; }
};

// Looks an environment variable up; none where unset (no function: nothing is set). `names` gives
// all set variables' names that begin with EVENKEEL_ so that a misspelt one is found. What
// Kubernetes sets for a service whose name begins with "evenkeel" is passed over
// (EVENKEEL_SERVICE_HOST, EVENKEEL_PORT_10931_TCP_ADDR, …).
//
// A variable's text is what would stand in the file, without quotes. Lists are separated by commas,
// and so is EVENKEEL_CAPACITY_NODE: "3=16GiB,127.0.0.1:21131=512MiB". A variable replaces the
// file's whole value, also that of a list or table.
struct Environment {
  std::function<std::optional<std::string>(const std::string&)> get;
  std::vector<std::string> names;
};
[[nodiscard]] Environment process_environment();  // a copy of ::environ

// All mistakes at once, sorted by place (the file's before the environment's); Settings only where
// there is none. After a TOML syntax error nothing more of the file is looked at.
using Loaded = tl::expected<Settings, std::vector<Mistake>>;
inline constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;
// `file_name` is for Mistake::where alone.
[[nodiscard]] Loaded parse(std::string_view text, const std::string& file_name,
                           const Environment& environment);
// A file that is missing, unreadable, a directory or larger than kMaxFileBytes is a mistake too.
[[nodiscard]] Loaded load(const std::string& path, const Environment& environment);
// The defaults and the environment alone, where no file is given.
[[nodiscard]] Loaded from_environment(const Environment& environment);

// "16GiB", "512MiB", "1.5GB", "1073741824": bytes, never negative; a fraction of a byte is rounded.
// "10s", "250ms", "5m", "1.5h", "1d": a duration, never negative, with one unit.
// The error says what is wrong with the text, without naming where it stands.
[[nodiscard]] tl::expected<rules::Bytes, std::string> parse_bytes(std::string_view text);
[[nodiscard]] tl::expected<std::chrono::milliseconds, std::string> parse_duration(
    std::string_view text);
// "host:port", "[::1]:port" or ":port".
struct Listen {
  std::string host;        // without brackets; empty: every interface
  std::uint16_t port = 0;  // 0: any free one
  // Whether this machine alone can reach it.
  [[nodiscard]] bool is_loopback() const;
};
[[nodiscard]] tl::expected<Listen, std::string> parse_listen(std::string_view text);

// One documented key: the table that the parser, `did you mean` and the documentation share.
struct Key {
  std::string section;
  std::string name;
  std::string type;                            // for readers: "duration", "list of URLs", …
  std::string standard;                        // the default, as it would stand in the file
  std::string meaning;                         // one sentence, without a full stop
  [[nodiscard]] std::string variable() const;  // "EVENKEEL_BALANCE_AUTO_BALANCE"
};
// In the order of config/evenkeel.toml. The table [capacity.node] is the key `node` of [capacity].
[[nodiscard]] const std::vector<Key>& keys();

}  // namespace evenkeel::settings
