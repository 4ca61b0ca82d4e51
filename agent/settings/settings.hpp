#pragma once
// This is evenkeel.toml as a value, which load.hpp reads. The header is light: it includes nothing
// else of settings.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/windows/window.hpp"
#include "rules/policy.hpp"

namespace evenkeel::settings {

inline constexpr std::size_t kMostWindows = 100;

// The configuration, with its defaults; each struct in it is a section of the file, and each list a
// section that may stand there more than once.
struct Settings {
  struct Milvus {
    std::string address = "http://127.0.0.1:9091";  // also grpc:// or grpcs://
    std::string name;                               // what people call this Milvus; empty: nothing
    std::chrono::milliseconds timeout{10'000};
    std::chrono::milliseconds move_timeout{120'000};   // how long a load_balance call may take
    std::chrono::milliseconds verify_timeout{60'000};  // until the distribution shows the move
    std::string ca_file, cert_file, key_file;          // for https and grpcs
    bool tls_verify = true;
    std::string username;       // with password_file
    std::string password_file;  // one line
    std::string token_file;     // one line, "user:password" or an API key; instead of the two above
    // The proxy's REST port (19530) is asked for the databases alone, if no other list has them:
    // 2.4. Empty: not asked.
    std::string rest_address;
    // For a grpc:// address: the proxy's HTTP port (9091), for what gRPC does not have. Empty: not
    // asked.
    std::string metrics_address;
    std::vector<std::string> databases;  // the only ones to look at; empty: all that are listed
    rules::Bytes max_answer = rules::Bytes{64} << 20;
    bool allow_untested_version = false;  // act on a Milvus whose version is not known here
  } milvus;
  struct Balance {
    bool auto_balance = true;
    std::chrono::seconds interval{60};
    std::string outside_windows = "relief";  // what is done outside of windows; or "nothing"
    rules::Policy policy;                    // every other key of [balance]
  } balance;
  std::vector<windows::Window> windows;  // at most kMostWindows; none: always open
  struct Scrape {
    std::chrono::milliseconds interval{15'000};
    std::chrono::milliseconds timeout{5'000};
    std::uint16_t port = 9091;
    std::vector<std::string> targets;  // URLs; empty: the coordinator's nodes on `port`
    rules::Bytes max_body = rules::Bytes{16} << 20;
  } scrape;
  struct Capacity {
    std::optional<rules::Bytes> standard;  // [capacity] default; none: "auto"
    // By a node's name, as parse_node_key takes it.
    std::map<std::string, rules::Bytes> node;
    rules::Bytes default_row_bytes = 1024;  // if neither metrics nor schema tell
    bool correct_row_bytes = true;          // by the effect of moves on the nodes' memory
  } capacity;
  struct Memory {
    std::string source = "auto";  // "auto", "resident" or "milvus"
  } memory;
  // Milvus's etcd.
  struct Etcd {
    std::vector<std::string> endpoints;        // URLs; empty: etcd is not asked
    std::string root_path = "by-dev";          // etcd.rootPath of Milvus
    std::string username;                      // with password_file
    std::string password_file;                 // one line
    std::string ca_file, cert_file, key_file;  // for https
    bool tls_verify = true;
    std::chrono::milliseconds timeout{3'000};  // for each call to one endpoint
  } etcd;
  struct BuiltinBalancer {
    std::string mode = "detect";              // or "hold", "ignore"
    std::string via = "auto";                 // or "etcd", "suspend"
    std::string hold_for = "moves";           // or "always"
    std::chrono::milliseconds lease{30'000};  // a hold that is not renewed ends after this
  } builtin_balancer;
  // Several agents of one cluster, of which one acts.
  struct Turns {
    std::string mode = "alone";               // or "etcd"
    std::chrono::milliseconds lease{15'000};  // a turn that is not renewed ends after this
  } turns;
  struct Alerts {
    std::chrono::milliseconds min_interval{10'000};  // between rounds that alerts ask for
  } alerts;
  struct Journal {
    std::string path = "auto";  // "auto": in the folder for state; empty: no journal
    std::chrono::milliseconds max_age = std::chrono::hours{24 * 30};  // of a decision
    rules::Bytes max_size = rules::Bytes{256} << 20;                  // of the file
  } journal;
  struct Reload {
    bool on_change = true;  // when the file, or a file that it names, changes
  } reload;
  struct Telemetry {
    bool per_segment = false;  // a series for each segment, too
    int max_segments = 10'000;
  } telemetry;
  struct Web {
    std::string listen_address = "127.0.0.1:10931";  // "host:port", "[::1]:port", ":port"
    std::vector<std::string> hosts;   // other names for it on loopback, in lower case
    bool read_only = false;           // take no request that changes something
    std::string token_file;           // one bearer token
    std::string users_file;           // lines "name:hash", hashes as crypt(5) has them
    std::string cert_file, key_file;  // for https
    std::string client_ca_file;       // of authorities; their certificates are a credential
    int changes_per_second = 10;      // from one address

    // True if a client can authenticate.
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

// One documented key. The parser, `did you mean` and the documentation share their table.
struct Key {
  std::string section;
  std::string name;
  std::string variable;  // "EVENKEEL_BALANCE_AUTO_BALANCE"
  std::string type;      // for readers: "duration", "list of URLs", …
  std::string standard;  // the default, as it would stand in the file
  std::string meaning;   // one sentence, without a full stop
};

// Names the keys whose values differ, as "[balance] auto_balance", in the order of the table of
// keys (keys.cpp).
[[nodiscard]] std::vector<std::string> changed_keys(const Settings& before, const Settings& after);

// The files that the settings name, and whose content counts: secrets and certificates. None twice.
[[nodiscard]] std::vector<std::string> named_files(const Settings& settings);

// Two keys, as "section.key", whose values are good alone and cannot be right together.
struct Contradiction {
  std::string one;
  std::string other;
  std::string what;
};
// Finds each contradiction once, with the key to blame first (contradictions.cpp).
[[nodiscard]] std::vector<Contradiction> contradictions(const Settings& settings);

}  // namespace evenkeel::settings
