#pragma once
// Options of the command line, one struct a verb. Only app.cpp parses them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace evenkeel::cli {

// Exit codes of every verb.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;       // bad usage or configuration
inline constexpr int kUnbalanced = 3;  // judged, and found unbalanced

enum class OutputFormat { text, json };
enum class ListFormat { table, json, csv };

// Options of every verb, which override the configuration file and the environment.
struct Common {
  std::string config_file;  // empty: the defaults and the environment
  std::optional<std::string> milvus_address;
  std::optional<std::string> scrape_targets;  // comma-separated
  std::optional<std::string> web_listen_address;
  std::optional<std::string> log_level;
  std::optional<std::string> log_format;
};

struct RunOptions {
  Common common;
  bool dry_run = false;
};

struct LoadBalanceOptions {
  Common common;
  std::int64_t source = 0;
  std::vector<std::int64_t>
      destinations;                    // empty: the other nodes of the replica, chosen by memory
  std::vector<std::int64_t> segments;  // empty: all sealed segments of the source
  std::string collection;              // empty: found from the segments
  bool force = false;                  // despite rests and the budgets of a round
  bool dry_run = false;
};

// Options of every verb that asks a running agent.
struct AgentOptions {
  Common common{};
  std::string url{};         // empty: of the agent with these settings on this machine
  std::string ca_file{};     // of the authorities that https is verified by
  std::string token_file{};  // empty: [web] token_file of the settings
};

struct ShowOptions {
  AgentOptions agent{};  // nodes: whose forecasts are shown
  OutputFormat format = OutputFormat::text;
  std::string sort{};  // a column of the table, "-used": from the highest down; empty: by node
  std::string collection{};  // query_segment: only this one; empty: all
};

struct PlanOptions {
  AgentOptions agent{};
  OutputFormat format = OutputFormat::text;
  std::string file{};  // for the plan, which is a look of its own then; empty: none
};

struct ApplyOptions {
  Common common{};
  std::string file{};
  bool yes = false;    // without a question
  bool force = false;  // whatever the plan's age
};

struct StatusOptions {
  AgentOptions agent{};
  OutputFormat format = OutputFormat::text;
};

struct PauseOptions {
  AgentOptions agent{};
  std::string length{};  // "2h"; empty: until somebody resumes
  std::string reason{};
};

struct DrainOptions {
  AgentOptions agent{};
  std::int64_t node = 0;
  std::string timeout = "30m";  // for how long its progress is watched
  std::string reason{};         // for others to read
  bool suspend = false;         // once it is empty, have Milvus give it nothing either
};

struct UndrainOptions {
  AgentOptions agent{};
  std::int64_t node = 0;
  bool resume = false;  // in Milvus, too
};

struct RebalanceOptions {
  AgentOptions agent{};
  std::string collection{};            // name or id; empty: any
  std::optional<std::int64_t> node{};  // from or to it
  bool wait = false;                   // until the round has ended
  std::string timeout = "30m";         // of that
};

struct HistoryOptions {
  AgentOptions agent{};
  ListFormat format = ListFormat::table;
  std::string sort{};                  // a column of the table; empty: the newest first
  std::string since{};                 // "2h"; empty: as far back as the agent remembers
  std::optional<std::int64_t> node{};  // rounds that moved a segment from or to it
  std::string collection{};            // name or id; rounds that moved a segment of it; empty: any
  std::string outcome{};               // empty: any
  std::size_t limit = 20;              // at most so many rounds, the newest; asked for in pages
};

struct ExplainOptions {
  AgentOptions agent{};
  OutputFormat format = OutputFormat::text;
  std::uint64_t decision = 0;
};

struct DemoOptions {
  bool keep = false;                           // serve on until SIGINT or SIGTERM
  bool plain = false;                          // only lines, even in a terminal
  std::uint64_t seed = 1;                      // seed of the simulated world
  std::string milvus = "2.3";                  // simulated release: "2.6", or in full "2.6.5"
  std::string listen_address = "127.0.0.1:0";  // for page and metrics; port 0: any free one
  std::string log_level = "warn";              // of the agent's log on standard error
};

struct SimulateMilvusOptions {
  std::string milvus = "2.3";                  // simulated release: "2.6", or in full "2.6.5"
  std::uint64_t seed = 1;                      // seed of the simulated world
  std::string listen_address = "127.0.0.1:0";  // of its HTTP port; port 0: any free one
  std::string user;                            // of the login that /api/v1 requires; empty: none
  std::string password_file;                   // its first line is the user's password
  std::string takes_back = "0s";               // delay until its balancer undoes a move; 0: never
};

}  // namespace evenkeel::cli
