// `evenkeel status`: what the agent says of itself and of the cluster, for whoever is called at
// night.

#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "agent/cli/forecasts.hpp"
#include "agent/cli/running_agent.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/view/json.hpp"
#include "rules/explain.hpp"

namespace evenkeel::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kMostLines = 20;  // of one kind
constexpr int kNotReady = 503;          // the status of the API before the first picture

// Everything that is shown, as the API writes it.
struct Picture {
  AgentHealth health;
  bool ready = false;
  std::string readiness;  // the agent's sentence
  json status = json::object();
  json nodes = json::array();
  json replicas = json::array();
  json newest = json::object();  // the newest decision; empty: there is none yet

  // False before the first look at the cluster; then only health and readiness are known.
  [[nodiscard]] bool observed() const { return !status.empty(); }
};

RunningAgent::Result<Picture> look(const RunningAgent& agent) {
  Picture picture;
  auto health = agent.health();
  if (!health) return tl::unexpected(std::move(health.error()));
  picture.health = *std::move(health);
  const auto ready = agent.get("/-/ready");
  if (!ready) return tl::unexpected(ready.error());
  picture.ready = ready->status == 200;
  picture.readiness = ready->body.substr(0, ready->body.find('\n'));
  auto status = agent.read("/api/v1/status");
  if (!status && status.error().status == kNotReady) return picture;
  if (!status) return tl::unexpected(std::move(status.error()));
  picture.status = *std::move(status);
  auto nodes = agent.read("/api/v1/nodes");
  if (!nodes) return tl::unexpected(std::move(nodes.error()));
  picture.nodes = list_in(*nodes, "nodes");
  auto replicas = agent.read("/api/v1/replicas");
  if (!replicas) return tl::unexpected(std::move(replicas.error()));
  picture.replicas = list_in(*replicas, "replicas");
  auto decisions = agent.read("/api/v1/decisions?limit=1");
  if (!decisions) return tl::unexpected(std::move(decisions.error()));
  const auto& list = list_in(*decisions, "decisions");
  if (!list.empty()) picture.newest = list.front();
  return picture;
}

bool is_wrong_node(const json& node) {
  const auto state = text_in(node, "state");
  return state == "overloaded" || state == "cannot_judge";
}

// Replicas of one node cannot differ, and some wait for nodes that are named by themselves.
bool is_wrong_replica(const json& replica) {
  return text_in(replica, "state") == "difference";
}

// True if the agent finds the cluster unbalanced, or cannot judge it.
bool is_wrong(const Picture& picture) {
  if (!picture.ready || !flag_in(picture.status, "coordinator_up")) return true;
  const auto outcome = text_in(picture.newest, "outcome");
  return outcome == "cannot_judge" || outcome == "cannot_fix" ||
         std::any_of(picture.nodes.begin(), picture.nodes.end(), is_wrong_node) ||
         std::any_of(picture.replicas.begin(), picture.replicas.end(), is_wrong_replica);
}

void print(const std::string& what, const std::string& text) {
  constexpr std::size_t kWidth = 13;
  std::cout << what << std::string(kWidth - std::min(kWidth, what.size()), ' ') << text << '\n';
}

// Prints the first line beside `what`, and the others below it.
void print(std::string what, const std::vector<std::string>& lines) {
  const auto shown = std::min(lines.size(), kMostLines);
  for (std::size_t i = 0; i < shown; ++i) print(std::exchange(what, ""), lines[i]);
  if (lines.size() > shown) print("", "and " + std::to_string(lines.size() - shown) + " more");
}

std::string milvus_of(const json& status) {
  const auto& milvus = object_in(status, "milvus");
  const auto version = text_in(milvus, "version"), known = text_in(milvus, "known_by");
  std::string text = version.empty() ? "of an unknown version" : version;
  if (known == "source") text += ", known from its source alone";
  if (known == "newer") text += ", newer than all that are known here";
  if (known == "older") text += ", older than all that are known here";
  return text + (flag_in(status, "coordinator_up") ? "; its proxy answers"
                                                   : "; ITS PROXY DOES NOT ANSWER");
}

std::string pause_of(const json& pause) {
  std::string text = "PAUSED since " + moment(text_in(pause, "since"));
  const auto by = text_in(pause, "by"), reason = text_in(pause, "reason");
  if (!by.empty()) text += " by " + by;
  text += ", " + end_of_pause(pause);
  return reason.empty() ? text : text + ": " + reason;
}

// Says when the maintenance window closes, or the next one opens.
std::string window_of(const json& windows) {
  const auto until = text_in(windows, "until"), next = text_in(windows, "next");
  if (flag_in(windows, "open")) {
    return "in a maintenance window" + (until.empty() ? "" : " until " + moment(until));
  }
  const bool nothing = text_in(windows, "outside") == "nothing";
  return std::string(nothing ? "nothing is moved" : "only overload is relieved") +
         ": outside of maintenance windows, " +
         (next.empty() ? "and none opens within two weeks" : "the next opens at " + moment(next));
}

// A drained node: since when, by whom, and what is left on it.
std::string drain_of(const json& drain) {
  std::string text =
      "node " + text_in(drain, "node") + " is DRAINED since " + moment(text_in(drain, "since"));
  const auto by = text_in(drain, "by"), reason = text_in(drain, "reason");
  if (!by.empty()) text += " by " + by;
  text += ", " + left_on(drain);
  return reason.empty() ? text : text + ": " + reason;
}

// Milvus's own balancer: who holds it off, or why nobody does.
std::string builtin_of(const json& balancer) {
  const auto hold = text_in(balancer, "hold"), words = text_in(balancer, "words");
  std::string text = hold == "held"          ? "Milvus's own balancer is held off"
                     : hold == "by_operator" ? "Milvus's own balancer is off, not by this agent"
                     : hold == "released"    ? "Milvus's own balancer is held off for moves alone"
                     : hold == "quiet"       ? "only this agent moved segments of late"
                     : hold == "active"      ? "SOMEBODY ELSE BALANCES"
                                             : "MILVUS'S OWN BALANCER IS NOT HELD OFF";
  return words.empty() ? text : text + ": " + words;
}

// Everything that keeps the agent from moving segments; if there is nothing, how often it looks.
std::vector<std::string> balancing_of(const json& status) {
  std::vector<std::string> lines;
  if (flag_in(status, "paused")) lines.push_back(pause_of(object_in(status, "pause")));
  if (flag_in(status, "dry_run")) lines.emplace_back("nothing is moved: it runs with --dry-run");
  if (!flag_in(status, "auto_balance")) {
    lines.emplace_back("nothing is moved by itself: [balance] auto_balance is false");
  }
  const auto held = text_in(object_in(status, "milvus"), "not_acted_on");
  if (!held.empty()) lines.push_back("nothing is moved: " + held);
  const auto& turn = object_in(status, "turn");
  const auto not_ours = text_in(turn, "words");
  if (!not_ours.empty()) lines.push_back("nothing is moved by this agent: " + not_ours);
  const auto trouble = text_in(status, "journal_trouble");
  if (!trouble.empty()) lines.push_back("nothing is moved: " + trouble);
  if (lines.empty()) {
    const auto interval = number_in(status, "balance_interval_seconds").value_or(0);
    lines.push_back("on, a round each " + std::to_string(std::llround(interval)) + " s");
  }
  if (text_in(turn, "standing") == "acting") {
    lines.push_back("it is its turn since " + moment(text_in(turn, "since")));
  }
  const auto& windows = object_in(status, "windows");
  if (!windows.empty()) lines.push_back(window_of(windows));
  for (const auto& drain : list_in(status, "drains")) lines.push_back(drain_of(drain));
  const auto& builtin = object_in(status, "builtin_balancer");
  const auto hold = text_in(builtin, "hold");
  if (!hold.empty() && hold != "ignored") lines.push_back(builtin_of(builtin));
  if (flag_in(status, "read_only")) {
    lines.emplace_back("nobody may ask it for a change: [web] read_only is true");
  }
  return lines;
}

std::vector<std::string> newest_of(const json& decision) {
  if (decision.empty()) return {"none yet"};
  return {text_in(decision, "outcome") + ", " + moment(text_in(decision, "at")) + ", decision " +
              text_in(decision, "id"),
          text_in(decision, "words")};
}

std::vector<std::string> flights_of(const json& status) {
  std::vector<std::string> lines;
  for (const auto& flight : list_in(status, "moves_in_flight")) {
    const auto bytes = static_cast<rules::Bytes>(number_in(flight, "bytes").value_or(0));
    lines.push_back("segment " + text_in(flight, "segment") + " (" + rules::format_bytes(bytes) +
                    ") from node " + text_in(flight, "from") + " to node " + text_in(flight, "to") +
                    ", since " + moment(text_in(flight, "started")));
  }
  if (lines.empty()) lines.emplace_back("none");
  return lines;
}

std::string words_of(const json& judged, const char* what) {
  const auto words = text_in(judged, "words");
  return words.empty() ? what + text_in(judged, "id") + ": " + text_in(judged, "state") : words;
}

// How many there are, and how full.
std::string nodes_of(const json& nodes) {
  std::vector<double> ratios;
  for (const auto& node : nodes) {
    if (const auto ratio = number_in(node, "ratio")) ratios.push_back(*ratio);
  }
  std::string text = std::to_string(nodes.size());
  if (!ratios.empty()) {
    const auto [lowest, highest] = std::minmax_element(ratios.begin(), ratios.end());
    text += ", which use " + rules::format_percent(*lowest) + " to " +
            rules::format_percent(*highest) + " of their capacity";
  }
  return text;
}

// The nodes that will be overloaded, the first of them first.
std::vector<std::string> forecast_lines(const json& nodes) {
  std::vector<std::pair<std::string, std::string>> lines;  // with the moment
  for (const auto& node : nodes) {
    const auto& forecast = object_in(node, "forecast");
    if (forecast.empty()) continue;
    lines.emplace_back(text_in(forecast, "overloaded_at"),
                       "node " + text_in(node, "id") + " will be " + forecast_words(forecast));
  }
  std::sort(lines.begin(), lines.end());
  std::vector<std::string> words;
  words.reserve(lines.size());
  for (auto& line : lines) words.push_back(std::move(line.second));
  return words;
}

std::vector<std::string> problems_of(const Picture& picture) {
  std::vector<std::string> lines;
  for (const auto& node : picture.nodes) {
    if (is_wrong_node(node)) lines.push_back(words_of(node, "node "));
  }
  for (const auto& replica : picture.replicas) {
    if (is_wrong_replica(replica)) lines.push_back(words_of(replica, "replica "));
  }
  for (const char* list : {"problems", "set_aside"}) {
    for (auto& each : texts_in(picture.status, list)) lines.push_back(std::move(each));
  }
  if (lines.empty()) lines.emplace_back("none");
  return lines;
}

void print(const Picture& picture, const RunningAgent& agent) {
  const auto& status = picture.status;
  const auto& program = object_in(status, "agent");
  const auto version = text_in(program, "version");
  print("Agent", (version.empty() ? "" : version + " ") + "at " + agent.address());
  print("Health", picture.health.words);
  print("", picture.readiness);
  if (!picture.observed()) return;
  print("As of",
        moment(text_in(status, "at")) + "; running since " + moment(text_in(status, "started")));
  print("Milvus", milvus_of(status));
  print("Balancing", balancing_of(status));
  print("Last round", newest_of(picture.newest));
  const auto next = text_in(status, "next_round_at");
  print("Next round", next.empty() ? "one is under way" : moment(next));
  print("Under way", flights_of(status));
  print("Query nodes", nodes_of(picture.nodes));
  print("Forecast", forecast_lines(picture.nodes));
  print("Problems", problems_of(picture));
}

view::Json json_of(const Picture& picture) {
  view::Json written = {{"healthy", picture.health.good},
                        {"health", picture.health.words},
                        {"ready", picture.ready},
                        {"readiness", picture.readiness}};
  if (!picture.observed()) return written;
  written["status"] = picture.status;
  written["nodes"] = picture.nodes;
  written["replicas"] = picture.replicas;
  if (!picture.newest.empty()) written["decision"] = picture.newest;
  return written;
}

}  // namespace

int status(const StatusOptions& options) {
  const auto agent = RunningAgent::find(options.agent);
  if (!agent) return kUsage;
  const auto picture = look(*agent);
  if (!picture) return failed(picture.error());
  if (options.format == OutputFormat::json) {
    std::cout << view::indented_text_of(json_of(*picture)) << '\n';
  } else {
    print(*picture, *agent);
  }
  if (!picture->health.good) return kFailed;
  return is_wrong(*picture) ? kUnbalanced : kDone;
}

}  // namespace evenkeel::cli
