// The program itself, as a person runs it.
#include "agent/util/asio.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "agent/demo/simulated_milvus.hpp"
#include "tests/http/scripted_server.hpp"
#include "tests/milvus/roads.hpp"
#ifdef EVENKEEL_GRPC
#include "agent/demo/simulated_grpc.hpp"
#endif

namespace evenkeel::cli_test {
namespace {

using milvus::Road;
using milvus::road_name;
using milvus::roads;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

struct Outcome {
  int code = -1;
  std::string text;  // standard output; standard error too where `run` was asked for both
};

Outcome run(const std::string& arguments, bool with_errors = true) {
  const std::string command =
      std::string(EVENKEEL_BINARY) + " " + arguments + (with_errors ? " 2>&1" : " 2>/dev/null");
  Outcome outcome;
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe))
    outcome.text.append(buffer.data(), n);
  const int status = pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

TEST(CommandLine, HasHelpForEveryVerb) {
  for (const char* verb :
       {"", "run", "plan", "show", "show nodes", "show query_segment", "load_balance",
        "check-config", "health", "status", "pause", "resume", "rebalance", "reload", "history",
        "explain", "demo", "simulate-milvus", "completion"}) {
    const auto help = run(std::string(verb) + " --help");
    EXPECT_EQ(help.code, 0) << verb;
    EXPECT_THAT(help.text, HasSubstr("Usage:")) << verb;
  }
}

TEST(CommandLine, NamesTheColumnThatATableDoesNotHave) {
  for (const char* verb : {"show nodes", "show query_segment", "history"}) {
    const auto outcome = run(std::string(verb) + " --sort nod");
    EXPECT_EQ(outcome.code, 2) << verb;
    EXPECT_THAT(outcome.text, HasSubstr("--sort: there is no column 'nod'")) << verb;
  }
}

TEST(CommandLine, SortsTablesAlone) {
  for (const char* verb : {"show nodes -o json", "show query_segment -o json", "history -o csv"}) {
    const auto outcome = run(std::string(verb) + " --sort node");
    EXPECT_EQ(outcome.code, 2) << verb;
    EXPECT_THAT(outcome.text, HasSubstr("--sort orders a table, and -o asks for none")) << verb;
  }
}

TEST(CommandLine, KnowsItsVersion) {
  const auto version = run("--version");
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.text, HasSubstr("evenkeel 0."));
}

TEST(CommandLine, BadUsageIsExitCode2AndSaysWhereHelpIs) {
  for (const char* wrong :
       {"", "nonsense", "plan --nonsense", "load_balance", "load_balance -s x", "plan --format xml",
        "completion tcsh", "check-config", "explain", "explain x", "history --outcome nothing",
        "history --limit 0", "history -o xml", "plan -o plan.json", "rebalance --node x"}) {
    const auto outcome = run(wrong);
    EXPECT_EQ(outcome.code, 2) << wrong;
    EXPECT_THAT(outcome.text, HasSubstr("--help")) << wrong;
  }
}

TEST(CommandLine, CompletionScriptsNameEveryVerb) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto script = run(std::string("completion ") + shell);
    EXPECT_EQ(script.code, 0);
    for (const char* word : {"load_balance", "query_segment", "check-config", "config.file"}) {
      EXPECT_THAT(script.text, HasSubstr(word)) << shell;
    }
  }
}

TEST(CommandLine, TheBashCompletionCompletes) {
  const std::string script = std::string(EVENKEEL_BINARY) + " completion bash";
  const auto completed = [&](const std::string& words) {
    const std::string probe = "bash -c 'source <(" + script + "); COMP_WORDS=(evenkeel " + words +
                              "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _evenkeel; "
                              "echo \"${COMPREPLY[@]}\"'";
    FILE* pipe = popen(probe.c_str(), "r");
    std::array<char, 200> buffer{};
    const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe);
    pclose(pipe);
    return std::string(buffer.data(), n);
  };
  EXPECT_EQ(completed("show que"), "query_segment\n");
  EXPECT_EQ(completed("hel"), "help\n");
  EXPECT_EQ(completed("help load"), "load_balance\n");
  EXPECT_EQ(completed("help show no"), "nodes\n");
}

TEST(SimulateMilvus, NamesTheOptionThatIsWrong) {
  const auto wrong = [](const std::string& options, const char* named) {
    const auto outcome = run("simulate-milvus " + options);
    EXPECT_EQ(outcome.code, 2) << options;
    EXPECT_THAT(outcome.text, HasSubstr(named)) << options;
  };
  wrong("--milvus 1.0", "--milvus: \"1.0\" is no release that can be simulated");
  wrong("--takes-back soon", "--takes-back: ");
  wrong("--listen 0.0.0.0:0", "listens on 127.0.0.1 alone, not on 0.0.0.0:0");
  wrong("--listen nowhere", "--listen: ");
  wrong("--user root", "--password-file");
  wrong("--user root --password-file /nowhere/password", "read from /nowhere/password");
  EXPECT_EQ(run("demo --milvus 1.0").code, 2);
}

struct ConfigFile {
  explicit ConfigFile(const std::string& text) {
    path = std::filesystem::temp_directory_path() /
           ("evenkeel-" + std::to_string(getpid()) + "-" + std::to_string(counter++) + ".toml");
    std::ofstream(path) << text;
  }
  ~ConfigFile() { std::filesystem::remove(path); }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;
  std::filesystem::path path;
  static inline int counter = 0;
};

TEST(CheckConfig, AcceptsTheFileThatComesWithIt) {
  const auto outcome = run("check-config " EVENKEEL_SOURCE_DIR "/config/evenkeel.toml");
  EXPECT_EQ(outcome.code, 0) << outcome.text;
}

TEST(CheckConfig, NamesEveryMistakeWithItsPlace) {
  const ConfigFile file("[balance]\nautobalance = true\nbalance_interval_seconds = \"soon\"\n");
  const auto outcome = run("check-config " + file.path.string());
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.text, HasSubstr(file.path.string() + ":2:1"));
  EXPECT_THAT(outcome.text, HasSubstr("did you mean"));
  EXPECT_THAT(outcome.text, HasSubstr(":3:"));
}

TEST(CheckConfig, EveryVerbRefusesABadFile) {
  const ConfigFile file("[balance]\nautobalance = true\n");
  for (const char* verb :
       {"run", "plan", "show nodes", "show query_segment", "load_balance -s 1"}) {
    EXPECT_EQ(run(std::string(verb) + " --config.file " + file.path.string()).code, 2) << verb;
  }
}

TEST(CheckConfig, AMistakeOnTheCommandLineNamesTheFlag) {
  const auto outcome = run("run --web.listen-address nowhere");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.text, HasSubstr("--web.listen-address"));
}

TEST(CheckConfig, OpensTheFilesOfWhoMayAsk) {
  const ConfigFile file("[web]\ntoken_file = '/nowhere/token'\nusers_file = '/nowhere/users'\n");
  for (const auto& verb :
       {"check-config " + file.path.string(), "run --config.file " + file.path.string()}) {
    const auto outcome = run(verb);
    EXPECT_EQ(outcome.code, 2) << verb;
    EXPECT_THAT(outcome.text, HasSubstr("/nowhere/token: [web] token_file: cannot be read"));
    EXPECT_THAT(outcome.text, HasSubstr("/nowhere/users: [web] users_file: cannot be read"));
  }
}

TEST(CheckConfig, OpensTheFileOfTheLogin) {
  const ConfigFile file("[milvus]\nusername = 'root'\npassword_file = '/nowhere/password'\n");
  for (const auto& verb :
       {"check-config " + file.path.string(), "run --config.file " + file.path.string()}) {
    const auto outcome = run(verb);
    EXPECT_EQ(outcome.code, 2) << verb;
    EXPECT_THAT(outcome.text,
                HasSubstr("/nowhere/password: [milvus] password_file: cannot be read"));
  }
}

TEST(CheckConfig, RefusesToBeOpenToOtherMachines) {
  const auto outcome = run("run --web.listen-address :0");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.text, HasSubstr("--web.listen-address: other machines can reach :0"));
  EXPECT_THAT(outcome.text, HasSubstr("token_file, users_file or client_ca_file, or read_only"));
  const ConfigFile file("[web]\nlisten_address = ':10931'\nread_only = true\n");
  EXPECT_EQ(run("check-config " + file.path.string()).code, 0);
}

// `simulate-milvus` while it serves: what it says, line by line.
struct Served {
  explicit Served(const std::string& options) {
    // Its process id comes first, before it can have said anything.
    const std::string command = "sh -c 'echo $$; exec " + std::string(EVENKEEL_BINARY) +
                                " simulate-milvus " + options + "' 2>&1; echo \"ended $?\"";
    pipe = popen(command.c_str(), "r");
    pid = std::stoi(line());
  }
  ~Served() {
    end();
    pclose(pipe);
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  void end() {
    if (pid > 0) kill(pid, SIGTERM);
    pid = 0;
  }
  std::string line() {
    std::array<char, 4096> buffer{};
    if (fgets(buffer.data(), buffer.size(), pipe) == nullptr) return "";
    std::string text(buffer.data());
    text.pop_back();
    return text;
  }
  // The next line that begins so.
  std::string line_of(const std::string& beginning) {
    for (auto text = line(); !text.empty(); text = line()) {
      if (text.rfind(beginning, 0) == 0) return text;
    }
    return "";
  }

  FILE* pipe = nullptr;
  int pid = 0;
};

TEST(SimulateMilvus, PrintsCommandsThatWorkOnIt) {
  Served served("--milvus 2.3 --takes-back 3s");
  EXPECT_THAT(served.line(), testing::MatchesRegex(
                                 "A simulated Milvus 2.3.5 at http://127.0.0.1:[0-9]+, until .C: "
                                 "6 query nodes, 3 collections."));
  EXPECT_EQ(served.line(), "Its balancer takes moves back after 3s.");
  const auto command = served.line_of("  evenkeel plan ");
  ASSERT_NE(command, "");
  const auto planned = run(command.substr(std::string("  evenkeel ").size()));
  EXPECT_EQ(planned.code, 3) << planned.text;
  EXPECT_THAT(planned.text, HasSubstr("Moves ("));
  EXPECT_THAT(served.line(),
              testing::StartsWith("  evenkeel run --milvus.address http://127.0.0.1:"));
  served.end();
  EXPECT_EQ(served.line(), "ended 0");
}

TEST(SimulateMilvus, SaysWhoMayAsk) {
  const ConfigFile password("Milvus\n");
  const auto login = " --user root --password-file " + password.path.string();
  Served newer("--milvus 2.6" + login);
  EXPECT_THAT(newer.line(), HasSubstr("Milvus 2.6.19 at "));
  EXPECT_THAT(newer.line(), HasSubstr("It asks for a login: user root, password of "));
  Served older("--milvus 2.6.5" + login);
  EXPECT_THAT(older.line(), HasSubstr("Milvus 2.6.5 at "));
  EXPECT_THAT(older.line(), HasSubstr("asks nobody for a login"));
}

TEST(SimulateMilvus, SaysThatItsPortIsTaken) {
  Served first("");
  const auto said = first.line();
  const auto begin = said.find("127.0.0.1:");
  const auto address = said.substr(begin, said.find(',') - begin);
  const auto second = run("simulate-milvus --listen " + address);
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.text, HasSubstr("--listen " + address));
}

// A simulated Milvus on a thread of its own, asked over HTTP or gRPC.
struct ClusterTest : testing::TestWithParam<Road> {
  ClusterTest() : ClusterTest(demo::demo_world()) {}
  explicit ClusterTest(demo::World made) {
    milvus = std::make_unique<demo::SimulatedMilvus>(io.get_executor(), std::move(made));
    std::string targets;
    for (const auto& target : milvus->metrics_targets())
      targets += (targets.empty() ? "\"" : ", \"") + target + "\"";
    config = std::make_unique<ConfigFile>("[milvus]\n" + addresses() + "[scrape]\ntargets = [" +
                                          targets + "]\n[log]\nlevel = \"error\"\n");
    thread = std::thread([this] { io.run(); });
  }
  ~ClusterTest() override {
#ifdef EVENKEEL_GRPC
    grpc.reset();
#endif
    asio::post(io, [this] { milvus.reset(); });
    guard.reset();
    thread.join();
  }

  // The keys of [milvus] that lead to it by the road of the test.
  std::string addresses() {
    const auto http = "address = \"" + milvus->address() + "\"\n";
#ifdef EVENKEEL_GRPC
    if (GetParam() == Road::grpc) {
      grpc = std::make_unique<demo::SimulatedGrpc>(io.get_executor(), *milvus);
      return "address = \"" + grpc->address() + "\"\nmetrics_" + http;
    }
#endif
    return http;
  }

  Outcome verb(const std::string& arguments, bool with_errors = true) {
    return run(arguments + " --config.file " + config->path.string(), with_errors);
  }
  json query(const std::string& arguments) {
    const auto outcome = verb(arguments + " -o json", false);
    return json::parse(outcome.text);
  }

  // The simulation belongs to its own thread.
  std::uint64_t load_balance_calls() {
    std::promise<std::uint64_t> calls;
    asio::post(io, [&] { calls.set_value(milvus->load_balance_calls()); });
    return calls.get_future().get();
  }

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{io.get_executor()};
  std::unique_ptr<demo::SimulatedMilvus> milvus;
#ifdef EVENKEEL_GRPC
  std::unique_ptr<demo::SimulatedGrpc> grpc;
#endif
  std::unique_ptr<ConfigFile> config;
  std::thread thread;
};
INSTANTIATE_TEST_SUITE_P(Over, ClusterTest, roads(), road_name);

TEST_P(ClusterTest, ShowNodesPrintsMemoryAgainstCapacity) {
  const auto shown = query("show nodes");
  ASSERT_EQ(shown["nodes"].size(), 6u);
  for (const auto& node : shown["nodes"]) {
    EXPECT_EQ(node["health"], "up");
    EXPECT_GT(node["used"].get<std::int64_t>(), 0);
    EXPECT_NEAR(node["ratio"].get<double>(),
                node["used"].get<double>() / node["capacity"].get<double>(), 1e-6);
    EXPECT_TRUE(node["id"].is_string());
  }
  const auto text = verb("show nodes");
  EXPECT_EQ(text.code, 0);
  EXPECT_THAT(text.text, HasSubstr("CAPACITY"));
}

// What a column of the table has, without its title.
std::vector<std::string> column_of(const std::string& table, std::size_t which) {
  std::vector<std::string> cells;
  std::istringstream lines(table.substr(table.find('\n') + 1));
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    std::istringstream words(line);
    std::string word;
    for (std::size_t i = 0; i <= which; ++i) words >> word;
    cells.push_back(word);
  }
  return cells;
}

TEST_P(ClusterTest, TablesAreSortedByAColumn) {
  const auto up = column_of(verb("show nodes --sort node", false).text, 0);
  auto down = column_of(verb("show nodes --sort=-NODE", false).text, 0);
  std::reverse(down.begin(), down.end());
  EXPECT_EQ(up, down);
  EXPECT_EQ(up.size(), 6U);
  const auto rows = column_of(verb("show query_segment --sort rows", false).text, 4);
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::stoll(a) < std::stoll(b);
  }));
}

TEST_P(ClusterTest, ShowNodesHasTheForecastsOfTheAgent) {
  const auto first = query("show nodes")["nodes"][0];
  const json forecast = {{"overloaded_at", "2026-01-31T09:05:00.250Z"},
                         {"earliest", "2026-01-31T08:05:00.250Z"},
                         {"sure", false}};
  const json told = {
      {"nodes", {{{"id", first["id"]}, {"address", first["address"]}, {"forecast", forecast}}}}};
  const tests::ScriptedServer agent([&](tests::Peer& peer, int) {
    const bool nodes = peer.read_request().find("/api/v1/nodes") != std::string::npos;
    peer.write(tests::answer(nodes ? told.dump() : "Evenkeel is healthy.\n"));
  });
  const auto asked = "show nodes --agent http://127.0.0.1:" + std::to_string(agent.port());
  const auto nodes = query(asked)["nodes"];
  EXPECT_EQ(nodes[0]["forecast"], forecast);
  EXPECT_FALSE(nodes[1].contains("forecast"));
  const auto text = verb(asked).text;
  EXPECT_THAT(text, HasSubstr("OVERLOADED AT\n"));
  EXPECT_THAT(text, HasSubstr("  2026-01-31 09:05:00 UTC, perhaps\n"));
}

TEST_P(ClusterTest, ShowNodesSaysThatNoAgentForecasts) {
  const auto nobody = std::to_string(tests::closed_port());
  const auto shown = verb("show nodes --agent http://127.0.0.1:" + nobody);
  EXPECT_EQ(shown.code, 0);
  EXPECT_THAT(shown.text, HasSubstr("\nNo agent says when a node will be overloaded ("));
  EXPECT_THAT(shown.text, Not(HasSubstr("OVERLOADED AT")));
}

TEST_P(ClusterTest, Trap03IdsAreTextsInJson) {
  const auto shown = query("show query_segment");
  ASSERT_FALSE(shown["segments"].empty());
  for (const char* key : {"id", "node", "replica", "partition", "collection"}) {
    EXPECT_TRUE(shown["segments"][0][key].is_string()) << key;
  }
}

// The first of `list` must have the members that openapi.json demands of it.
void expect_members(const json& list, const json& schema) {
  ASSERT_FALSE(list.empty());
  for (const std::string name : schema.at("required")) {
    EXPECT_TRUE(list[0].contains(name)) << name;
  }
}

TEST_P(ClusterTest, JsonHasTheNamesOfTheApi) {
  std::ifstream file(EVENKEEL_SOURCE_DIR "/agent/api/openapi.json");
  const auto schemas = json::parse(file).at("components").at("schemas");
  const auto items = [&](const char* schema, const char* member) {
    return schemas.at(schema).at("properties").at(member).at("items");
  };
  const auto nodes = items("Nodes", "nodes");
  expect_members(query("show nodes")["nodes"], nodes);
  expect_members(query("show query_segment")["segments"], items("Segments", "segments"));
  const auto planned = query("plan");
  expect_members(planned["judgement"]["nodes"], nodes);
  expect_members(planned["judgement"]["replicas"], items("Replicas", "replicas"));
  expect_members(planned["plan"]["moves"], schemas.at("Move"));
  EXPECT_EQ(planned["milvus"], query("show nodes")["milvus"]);
}

TEST_P(ClusterTest, ShowQuerySegmentTakesOneCollectionOrAll) {
  const auto all = query("show query_segment");
  const std::string name = all["segments"][0]["collection_name"];
  const auto one = query("show query_segment -c " + name);
  EXPECT_LT(one["segments"].size(), all["segments"].size());
  for (const auto& segment : one["segments"]) EXPECT_EQ(segment["collection_name"], name);
  const auto unknown = verb("show query_segment -c nope");
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.text, HasSubstr("loaded are"));
}

// "book", DEL, U+009B, with which a terminal begins a command, and U+00E9, which is a letter.
const std::string kOddName =
    "book\x7f\xc2\x9b"
    "2J\xc3\xa9";

struct OddNameTest : ClusterTest {
  OddNameTest() : ClusterTest(world()) {}
  static demo::World world() {
    auto made = demo::demo_world();
    for (auto& collection : made.collections) collection.name += kOddName;
    return made;
  }
};
INSTANTIATE_TEST_SUITE_P(Over, OddNameTest, roads(), road_name);

TEST_P(OddNameTest, DoesNotReachATerminalAndIsWholeInJson) {
  const auto said = verb("show query_segment --format json", false).text;
  EXPECT_THAT(said, HasSubstr("book\\u007f\\u009b2J\xc3\xa9"));
  EXPECT_THAT(said, testing::Not(HasSubstr("\x7f")));
  EXPECT_THAT(said, testing::Not(HasSubstr("\xc2\x9b")));
  const std::string name = query("show query_segment")["segments"][0]["collection_name"];
  EXPECT_TRUE(name.ends_with(kOddName)) << name;
}

TEST_P(ClusterTest, PlanSaysWhatIsWrongAndChangesNothing) {
  const auto outcome = verb("plan");
  EXPECT_EQ(outcome.code, 3) << outcome.text;
  EXPECT_THAT(outcome.text, HasSubstr("Moves ("));
  EXPECT_THAT(outcome.text, HasSubstr("Sizes: "));
  const auto planned = query("plan");
  EXPECT_EQ(planned["plan"]["moves"][0]["size_source"], "learned");
  EXPECT_FALSE(planned["plan"]["moves"].empty());
  EXPECT_EQ(load_balance_calls(), 0u);
}

TEST_P(ClusterTest, PlanTellsTheVerdictsWithTheirReasonsAsData) {
  const auto planned = query("plan");
  EXPECT_EQ(planned["plan"]["why_nothing"], "planned");
  EXPECT_EQ(planned["plan"]["why_nothing_words"], "");
  ASSERT_FALSE(planned["judgement"]["replicas"].empty());
  for (const auto& replica : planned["judgement"]["replicas"]) {
    EXPECT_DOUBLE_EQ(replica["limit"].get<double>(), 0.30);
    EXPECT_FALSE(replica["words"].get<std::string>().empty());
    EXPECT_TRUE(replica["highest"]["node"].is_string());
  }
  for (const auto& node : planned["judgement"]["nodes"]) {
    EXPECT_EQ(node["samples"], 1);
    EXPECT_FALSE(node["words"].get<std::string>().empty());
  }
  EXPECT_TRUE(planned["judgement"]["set_aside"].empty());
  EXPECT_EQ(planned["judgement"]["set_aside_copies"], 0);
}

// As if every node had far less memory than it uses.
TEST_P(ClusterTest, PlanSaysWhatWouldBeEnoughWhereMovesAreNot) {
  std::ofstream(config->path, std::ios::app) << "[capacity]\ndefault = \"1MiB\"\n";
  const auto planned = query("plan");
  EXPECT_EQ(planned["outcome"], "cannot_fix");
  EXPECT_EQ(planned["plan"]["why_nothing"], "nothing_helps");
  ASSERT_FALSE(planned["plan"]["unfixable"].empty());
  for (const auto& wrong : planned["plan"]["unfixable"]) {
    EXPECT_EQ(wrong["urgency"], "overload");
    EXPECT_EQ(wrong["obstacle"], "too_little");
    EXPECT_DOUBLE_EQ(wrong["mark"].get<double>(), 0.90);
    EXPECT_TRUE(wrong["node"].is_string());
    EXPECT_GT(wrong["capacity_needed"].get<std::int64_t>(), 0);
    EXPECT_GT(wrong["smallest_segment_bytes"].get<std::int64_t>(), 0);
  }
  EXPECT_EQ(planned["words"], planned["plan"]["why_nothing_words"]);
  const auto text = verb("plan").text;
  EXPECT_THAT(text, HasSubstr("No moves: node "));
  EXPECT_THAT(text, HasSubstr("more capacity for it would be enough"));
}

struct NewerMilvusTest : ClusterTest {
  NewerMilvusTest() : ClusterTest(world()) {}
  static demo::World world() {
    auto made = demo::demo_world();
    made.version = "4.0.1";
    return made;
  }
};
INSTANTIATE_TEST_SUITE_P(Over, NewerMilvusTest, roads(), road_name);

TEST_P(NewerMilvusTest, IsSaidNotToBeActedOnUntilThatIsAllowed) {
  EXPECT_THAT(query("plan")["milvus"]["not_acted_on"].get<std::string>(),
              HasSubstr("'4.0.1' is newer"));
  EXPECT_THAT(verb("plan").text, HasSubstr("'4.0.1' is newer"));
  EXPECT_THAT(verb("load_balance -s 1 --dry-run").text, HasSubstr("nothing moved: "));
  setenv("EVENKEEL_MILVUS_ALLOW_UNTESTED_VERSION", "true", 1);  // NOLINT(concurrency-mt-unsafe)
  EXPECT_FALSE(query("plan")["milvus"].contains("not_acted_on"));
  EXPECT_THAT(verb("plan").text, testing::Not(HasSubstr("is newer")));
  EXPECT_THAT(verb("load_balance -s 1 --dry-run").text, testing::Not(HasSubstr("nothing moved: ")));
  unsetenv("EVENKEEL_MILVUS_ALLOW_UNTESTED_VERSION");  // NOLINT(concurrency-mt-unsafe)
}

// One target less: of that node nothing is known.
TEST_P(ClusterTest, PlanSaysWhatItWaitsFor) {
  const ConfigFile fewer("[milvus]\naddress = \"" + milvus->address() +
                         "\"\n[scrape]\ntargets = [\"" + milvus->metrics_targets().front() +
                         "\"]\n[log]\nlevel = \"error\"\n");
  const auto plan = [&](const std::string& format) {
    return run("plan --config.file " + fewer.path.string() + format, false).text;
  };
  const auto planned = json::parse(plan(" --format json"));
  EXPECT_EQ(planned["plan"]["why_nothing"], "waiting_for_health");
  EXPECT_TRUE(planned["plan"]["waits_for_node"].is_string());
  EXPECT_THAT(plan(""), HasSubstr("a part cannot be judged: node "));
}

TEST_P(ClusterTest, LoadBalanceMovesTheSegmentsItIsTold) {
  const auto before = query("show query_segment");
  const auto planned = query("plan");
  const auto& move = planned["plan"]["moves"][0];
  const std::string segment = move["segment"], from = move["from"], to = move["to"];
  const auto dry = verb("load_balance -s " + from + " -d " + to + " -ss " + segment + " --dry-run");
  EXPECT_EQ(dry.code, 0) << dry.text;
  EXPECT_THAT(dry.text, HasSubstr("would move segment " + segment));
  EXPECT_EQ(load_balance_calls(), 0u);
  const auto moved = verb("load_balance -s " + from + " -d " + to + " -ss " + segment);
  EXPECT_EQ(moved.code, 0) << moved.text;
  EXPECT_THAT(moved.text, HasSubstr("moved 1 of 1 segments"));
  const auto after = query("show query_segment");
  for (const auto& copy : after["segments"]) {
    if (copy["id"] == segment && copy["replica"] == move["replica"]) {
      EXPECT_EQ(copy["node"], to);
    }
  }
}

TEST_P(ClusterTest, LoadBalanceTakesForceBeyondTheBudgetOfARound) {
  const std::string from = query("plan")["plan"]["moves"][0]["from"];
  const auto dry = "load_balance --dry-run -s " + from;
  ::setenv("EVENKEEL_BALANCE_MAX_MOVES_PER_ROUND", "1", 1);
  const auto refused = verb(dry);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.text, HasSubstr("a round may make 1: it takes force"));
  const auto forced = verb(dry + " --force");
  ::unsetenv("EVENKEEL_BALANCE_MAX_MOVES_PER_ROUND");
  EXPECT_THAT(forced.text, testing::Not(HasSubstr("takes force")));
}

TEST_P(ClusterTest, LoadBalanceRefusesWhatCannotBeRight) {
  const auto outcome = verb("load_balance -s 424242");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.text, HasSubstr("nothing moved: source node 424242 does not exist"));
  EXPECT_EQ(load_balance_calls(), 0u);
}

TEST(Unreachable, EveryVerbThatAsksTheAgentSaysWhereItIsNot) {
  for (const char* verb :
       {"status", "pause --for 2h --reason upgrade", "resume", "rebalance -c book --node 3",
        "reload", "history --since 2h --outcome moved -o csv", "explain 7"}) {
    const auto outcome = run(std::string(verb) + " --agent http://127.0.0.1:1");
    EXPECT_EQ(outcome.code, 1) << verb;
    EXPECT_THAT(outcome.text, HasSubstr("http://127.0.0.1:1/")) << verb;
    EXPECT_THAT(outcome.text, HasSubstr("is the agent running?")) << verb;
  }
}

TEST(Unreachable, EveryVerbSaysWhatCouldNotBeReached) {
  for (const char* verb : {"show nodes", "show query_segment", "plan", "load_balance -s 1"}) {
    const auto outcome = run(std::string(verb) + " --milvus.address http://127.0.0.1:1");
    EXPECT_EQ(outcome.code, 1) << verb;
    EXPECT_THAT(outcome.text, HasSubstr("127.0.0.1:1")) << verb;
  }
}

}  // namespace
}  // namespace evenkeel::cli_test
