
#include <CLI/CLI.hpp>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "agent/cli/help_text.hpp"
#include "agent/cli/option_groups.hpp"
#include "agent/cli/options.hpp"
#include "agent/cli/printable_output.hpp"
#include "agent/cli/usage.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/loop/decision.hpp"
#include "evenkeel_version.hpp"

namespace evenkeel::cli {
namespace {

using Verb = std::function<int()>;

// Runs a verb with its output made printable.
template <typename Run>
int said_to_people(PrintableOutput::Show show, Run run) {
  const PrintableOutput errors(std::cerr);
  const PrintableOutput out(std::cout, show);
  return run();
}

// JSON keeps every character, as an escape.
template <typename Run>
int said_to_people(OutputFormat format, Run run) {
  return said_to_people(format == OutputFormat::json ? printable_json : printable_lines, run);
}

PrintableOutput::Show shown_as(ListFormat format) {
  if (format == ListFormat::json) return printable_json;
  return format == ListFormat::csv ? printable_records : printable_lines;
}

std::vector<std::string> outcomes() {
  std::vector<std::string> names;
  names.reserve(loop::kOutcomes.size() + 1);
  for (const auto outcome : loop::kOutcomes) names.emplace_back(loop::name(outcome));
  names.emplace_back("interrupted");  // the journal has it of a round in which the agent died
  return names;
}

// A full disk or a reader that has gone must not pass for success.
int flushed(int code) {
  if (std::cout.flush()) return code;
  std::cerr << "evenkeel: standard output cannot be written: is the disk full, or has its reader "
               "ended?\n";
  return kFailed;
}

// Milvus's documentation writes -ss, with one dash; the parser would read it as -s twice.
std::vector<std::string> arguments_of(int argc, char** argv) {
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    arguments.push_back(argument == "-ss" ? "--segments" : argument);
  }
  return with_help_as_flag(std::move(arguments));
}

// The parser's own state: every verb's options, and the verb that was chosen.
struct CommandLine {
  CLI::App app{"Keeps the memory of Milvus query nodes on an even keel", "evenkeel"};
  RunOptions run_options;
  PlanOptions plan_options;
  ApplyOptions apply_options;
  ShowOptions show_options;
  LoadBalanceOptions load_balance_options;
  DemoOptions demo_options;
  SimulateMilvusOptions simulate_milvus_options;
  Common health_options;
  StatusOptions status_options;
  PauseOptions pause_options;
  AgentOptions resume_options, reload_options;
  DrainOptions drain_options;
  UndrainOptions undrain_options;
  RebalanceOptions rebalance_options;
  HistoryOptions history_options;
  ExplainOptions explain_options;
  std::string config_file;
  std::string shell;
  Verb chosen;

  CommandLine() {
    app.set_version_flag("--version", std::string("evenkeel ") + kVersion + " (revision " +
                                          kRevision + ", " + kCompiler + ")");
    app.require_subcommand(1);
    add_run();
    add_plan();
    add_apply();
    add_show();
    add_load_balance();
    add_check_config();
    add_health();
    add_status();
    add_pause();
    add_resume();
    add_rebalance();
    add_drain();
    add_undrain();
    add_reload();
    add_history();
    add_explain();
    add_demo();
    add_simulate_milvus();
    add_completion();
    describe(app);
  }

  CLI::App& add(CLI::App& parent, const std::string& name, const std::string& what, Verb verb) {
    CLI::App& sub = *parent.add_subcommand(name, what);
    sub.callback([this, verb = std::move(verb)] { chosen = verb; });
    return sub;
  }

  void add_run() {
    auto& verb = add(app, "run", "The agent: watch, judge, and balance each interval",
                     [this] { return run(run_options); });
    add_common(verb, run_options.common);
    add_listen_address(verb, run_options.common.web_listen_address);
    verb.add_flag("--dry-run", run_options.dry_run, "Judge, plan and export, but move nothing");
  }

  void add_plan() {
    auto& verb = add(
        app, "plan", "One round, printed: what is wrong, the moves, and why; changes nothing",
        [this] { return said_to_people(plan_options.format, [&] { return plan(plan_options); }); });
    add_common(verb, plan_options.agent.common);
    add_agent_url(verb, plan_options.agent);
    add_format(verb, plan_options.format);
    verb.add_option("--save", plan_options.file,
                    "File for the plan, for `apply`; the plan is then by a look of its own")
        ->type_name("FILE");
  }

  void add_apply() {
    auto& verb =
        add(app, "apply", "Make the moves of a plan that `plan --save` wrote, or none", [this] {
          return said_to_people(OutputFormat::text, [&] { return apply(apply_options); });
        });
    add_common(verb, apply_options.common);
    verb.add_option("file", apply_options.file, "The plan")->required()->type_name("FILE");
    verb.add_flag("--yes", apply_options.yes, "Without a question");
    verb.add_flag("--force", apply_options.force, "Also a plan that is older than an hour");
  }

  void add_show() {
    CLI::App& show = *app.add_subcommand("show", "What the cluster looks like now");
    show.require_subcommand(1);
    auto& nodes = add(show, "nodes", "Query nodes: memory used, capacity, ratio, segments", [this] {
      return said_to_people(show_options.format, [&] { return show_nodes(show_options); });
    });
    add_common(nodes, show_options.agent.common);
    add_agent_url(nodes, show_options.agent);
    add_format(nodes, show_options.format);
    add_sort(nodes, show_options.sort, "-used");
    auto& segments =
        add(show, "query_segment", "Segments: node, replica, rows, estimated bytes, state", [this] {
          return said_to_people(show_options.format,
                                [&] { return show_query_segment(show_options); });
        });
    add_common(segments, show_options.agent.common);
    add_format(segments, show_options.format);
    add_sort(segments, show_options.sort, "-bytes");
    segments.add_option("-c,--collection", show_options.collection, "This collection alone")
        ->type_name("NAME");
  }

  void add_load_balance() {
    auto& verb =
        add(app, "load_balance", "Move segments from one query node to others, by hand", [this] {
          return said_to_people(OutputFormat::text,
                                [&] { return load_balance(load_balance_options); });
        });
    add_common(verb, load_balance_options.common);
    verb.add_option("-s,--source", load_balance_options.source, "Node to move segments from")
        ->required()
        ->type_name("NODE");
    verb.add_option("-d,--destinations", load_balance_options.destinations,
                    "Nodes to move them to; none: the others of the replica, chosen by memory")
        ->type_name("NODE …");
    verb.add_option("--segments", load_balance_options.segments,
                    "(also -ss) Segments to move; none: all sealed segments of the source")
        ->type_name("SEGMENT …");
    verb.add_option("-c,--collection", load_balance_options.collection,
                    "Their collection; none: found from the segments")
        ->type_name("NAME");
    verb.add_flag("--force", load_balance_options.force,
                  "Also what rests after its last move, and more than a round may move");
    verb.add_flag("--dry-run", load_balance_options.dry_run,
                  "Check and print the moves, but make none");
  }

  void add_check_config() {
    auto& verb =
        add(app, "check-config", "Every mistake in a configuration file, and what was meant",
            [this] { return check_config(config_file); });
    verb.add_option("file", config_file, "Configuration, TOML")->required()->type_name("FILE");
  }

  void add_health() {
    auto& verb =
        add(app, "health", "Whether the agent with this configuration is healthy: for containers",
            [this] {
              return said_to_people(OutputFormat::text, [&] { return health(health_options); });
            });
    add_common(verb, health_options);
    add_listen_address(verb, health_options.web_listen_address);
  }

  void add_status() {
    auto& verb =
        add(app, "status", "What the running agent says of itself and of the cluster", [this] {
          return said_to_people(status_options.format, [&] { return status(status_options); });
        });
    add_agent(verb, status_options.agent, false);
    add_format(verb, status_options.format);
  }

  void add_pause() {
    auto& verb = add(app, "pause", "Let the running agent move nothing from now on", [this] {
      return said_to_people(OutputFormat::text, [&] { return pause(pause_options); });
    });
    add_agent(verb, pause_options.agent, true);
    verb.add_option("--for", pause_options.length,
                    "The pause ends by itself after so long, such as 2h; none: by `resume`")
        ->type_name("DURATION");
    verb.add_option("--reason", pause_options.reason, "For others to read, at most 200 characters")
        ->type_name("TEXT");
  }

  void add_resume() {
    auto& verb = add(app, "resume", "End a pause of the running agent", [this] {
      return said_to_people(OutputFormat::text, [&] { return resume(resume_options); });
    });
    add_agent(verb, resume_options, true);
  }

  void add_rebalance() {
    auto& verb =
        add(app, "rebalance", "A round of the running agent now; the same gates hold", [this] {
          return said_to_people(OutputFormat::text, [&] { return rebalance(rebalance_options); });
        });
    add_agent(verb, rebalance_options.agent, true);
    verb.add_option("-c,--collection", rebalance_options.collection,
                    "About this collection alone, by name or id")
        ->type_name("NAME");
    verb.add_option("--node", rebalance_options.node, "About this query node alone")
        ->type_name("NODE");
    auto* const wait = verb.add_flag("--wait", rebalance_options.wait,
                                     "Wait until the round has ended, and say what it came to");
    verb.add_option("--timeout", rebalance_options.timeout,
                    "Stop waiting after so long; the round goes on")
        ->capture_default_str()
        ->type_name("DURATION")
        ->needs(wait);
  }

  void add_drain() {
    auto& verb =
        add(app, "drain", "Empty a query node, for a rollout: nothing is moved to it", [this] {
          return said_to_people(OutputFormat::text, [&] { return drain(drain_options); });
        });
    add_agent(verb, drain_options.agent, true);
    verb.add_option("node", drain_options.node, "The query node")->required()->type_name("NODE");
    verb.add_option("--timeout", drain_options.timeout,
                    "Stop watching after so long; the drain goes on")
        ->capture_default_str()
        ->type_name("DURATION");
    verb.add_option("--reason", drain_options.reason, "For others to read, at most 200 characters")
        ->type_name("TEXT");
    verb.add_flag("--suspend", drain_options.suspend,
                  "Once it is empty, have Milvus suspend it (2.4 and later)");
  }

  void add_undrain() {
    auto& verb = add(app, "undrain", "Let a drained node take segments again", [this] {
      return said_to_people(OutputFormat::text, [&] { return undrain(undrain_options); });
    });
    add_agent(verb, undrain_options.agent, true);
    verb.add_option("node", undrain_options.node, "The query node")->required()->type_name("NODE");
    verb.add_flag("--resume", undrain_options.resume, "Have Milvus resume it, too");
  }

  void add_reload() {
    auto& verb = add(app, "reload", "Let the running agent read its configuration again", [this] {
      return said_to_people(OutputFormat::text, [&] { return reload(reload_options); });
    });
    add_agent(verb, reload_options, true);
  }

  void add_history() {
    auto& options = history_options;
    auto& verb =
        add(app, "history", "Rounds of the running agent, newest first, by its journal", [this] {
          return said_to_people(shown_as(history_options.format),
                                [&] { return history(history_options); });
        });
    add_agent(verb, options.agent, false);
    verb.add_option("--since", options.since, "Of the last so long, such as 2h; none: all")
        ->type_name("DURATION");
    verb.add_option("--node", options.node, "That moved a segment from or to this query node")
        ->type_name("NODE");
    verb.add_option("-c,--collection", options.collection,
                    "That moved a segment of this collection, by name or id")
        ->type_name("NAME");
    verb.add_option("--outcome", options.outcome, "That came to this, such as moved")
        ->check(one_of(outcomes()))
        ->type_name("OUTCOME");
    verb.add_option("--limit", options.limit, "At most so many")
        ->capture_default_str()
        ->check(CLI::Range(1, 10'000).description(""))
        ->type_name("NUMBER");
    add_choice<ListFormat>(
        verb, "-o,--output", options.format,
        {{"table", ListFormat::table}, {"json", ListFormat::json}, {"csv", ListFormat::csv}},
        "How to print: table, json or csv")
        ->default_str("table")
        ->type_name("FORMAT");
    add_sort(verb, options.sort, "-bytes");
  }

  void add_explain() {
    auto& verb = add(app, "explain",
                     "One round of the running agent in words: why, what, and how it went", [this] {
                       return said_to_people(explain_options.format,
                                             [&] { return explain(explain_options); });
                     });
    add_agent(verb, explain_options.agent, false);
    add_format(verb, explain_options.format);
    verb.add_option("decision", explain_options.decision, "Its id, as `history` lists it")
        ->required()
        ->type_name("DECISION");
  }

  void add_demo() {
    auto& verb =
        add(app, "demo", "A simulated Milvus cluster, badly skewed, and the agent that levels it",
            [this] { return run_demo(demo_options); });
    verb.add_flag("--keep", demo_options.keep, "Go on serving the page and the metrics until ^C");
    verb.add_flag("--plain", demo_options.plain, "Plain lines even in a terminal");
    add_world(verb, demo_options.milvus, demo_options.seed);
    add_listen_address(verb, demo_options.listen_address);
  }

  void add_simulate_milvus() {
    auto& options = simulate_milvus_options;
    auto& verb =
        add(app, "simulate-milvus", "The simulated Milvus alone, to try things on until ^C",
            [this] { return simulate_milvus(simulate_milvus_options); });
    add_world(verb, options.milvus, options.seed);
    verb.add_option("--listen", options.listen_address, "Where it listens, 127.0.0.1:port")
        ->capture_default_str()
        ->type_name("ADDRESS");
    auto* user =
        verb.add_option("--user", options.user, "Ask for a login by this user")->type_name("NAME");
    auto* file = verb.add_option("--password-file", options.password_file,
                                 "File whose first line is the user's password")
                     ->type_name("FILE");
    user->needs(file);
    file->needs(user);
    verb.add_option("--takes-back", options.takes_back,
                    "Undo each move after so long, as a built-in balancer does; 0s: never")
        ->capture_default_str()
        ->type_name("DURATION");
  }

  void add_completion() {
    auto& verb =
        add(app, "completion", "A shell's completion script, for its start-up file", [this] {
          std::cout << completion(app, shell);
          return kDone;
        });
    verb.add_option("shell", shell, "bash, zsh or fish")
        ->required()
        ->check(one_of({"bash", "fish", "zsh"}))
        ->type_name("SHELL");
  }
};

}  // namespace

int main(int argc, char** argv) {
  try {
    CommandLine line;
    const auto arguments = arguments_of(argc, argv);
    try {
      line.app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() == 0 && !has_unknown_words(line.app)) {
        return flushed(line.app.exit(error));
      }
      std::cerr << usage_error(line.app, arguments, error);
      return kUsage;
    }
    return flushed(line.chosen());
  } catch (const std::exception& error) {
    std::cerr << "evenkeel: " << error.what() << '\n';
    return kFailed;
  }
}

}  // namespace evenkeel::cli
