// `evenkeel history` and `explain`: the rounds in the journal of the running agent, or those that
// it remembers.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/cli/cells.hpp"
#include "agent/cli/explained.hpp"
#include "agent/cli/running_agent.hpp"
#include "agent/cli/table.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/settings/units.hpp"
#include "agent/util/time.hpp"
#include "agent/util/url.hpp"
#include "agent/view/json.hpp"
#include "rules/explain.hpp"

namespace evenkeel::cli {
namespace {

using nlohmann::json;

// As many as an agent remembers and the API gives.
constexpr const char* kDecisions = "/api/v1/decisions?limit=100";
constexpr std::size_t kMostAtOnce = 100;

struct Filter {
  std::string since;  // the earliest moment, as the API writes moments; empty: any
  std::string node;   // empty: any
  std::string collection;
  std::string outcome;

  [[nodiscard]] bool takes(const json& decision) const;
  // The same as parameters of a query: "&node=3".
  [[nodiscard]] std::string query() const;

 private:
  [[nodiscard]] bool takes_move(const json& move) const;
};

bool Filter::takes_move(const json& move) const {
  const bool of_node = node.empty() || text_in(move, "from") == node || text_in(move, "to") == node;
  const bool of_collection = collection.empty() || text_in(move, "collection_name") == collection ||
                             text_in(move, "collection") == collection;
  return of_node && of_collection;
}

bool Filter::takes(const json& decision) const {
  // Moments of the API are all of one length and in UTC, so their texts are in their order.
  if (text_in(decision, "at") < since) return false;
  if (!outcome.empty() && text_in(decision, "outcome") != outcome) return false;
  if (node.empty() && collection.empty()) return true;
  const auto& moves = list_in(decision, "moves");
  return std::any_of(moves.begin(), moves.end(),
                     [this](const json& move) { return takes_move(move); });
}

std::string Filter::query() const {
  std::string query;
  const auto add = [&query](const char* name, const std::string& value) {
    if (!value.empty()) query += std::string("&") + name + '=' + percent_encoded(value);
  };
  add("since", since);
  add("node", node);
  add("collection", collection);
  add("outcome", outcome);
  return query;
}

// Prints the mistake.
std::optional<Filter> filter_of(const HistoryOptions& options) {
  Filter filter{
      .since = "", .node = "", .collection = options.collection, .outcome = options.outcome};
  if (options.node) filter.node = std::to_string(*options.node);
  if (options.since.empty()) return filter;
  const auto length = settings::parse_duration(options.since);
  if (!length) {
    std::cerr << "evenkeel: --since: " << length.error() << '\n';
    return std::nullopt;
  }
  const auto now =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  // Before the epoch nothing was decided, and a length may be too long to go further back.
  filter.since = rfc3339(*length < now.time_since_epoch() ? now - *length : decltype(now){});
  return filter;
}

// What one decision comes to.
struct Row {
  std::size_t moves = 0, succeeded = 0;
  rules::Bytes bytes = 0;  // of those that succeeded
};

Row row_of(const json& decision) {
  Row row;
  for (const auto& move : list_in(decision, "moves")) {
    ++row.moves;
    if (text_in(move, "result") != "succeeded") continue;
    ++row.succeeded;
    row.bytes += static_cast<rules::Bytes>(number_in(move, "bytes").value_or(0));
  }
  return row;
}

// What the agent knows of its rounds.
struct Rounds {
  std::vector<json> decisions;  // newest first
  bool kept = false;            // they are from the journal, and chosen already
  bool more = false;            // there are older ones like them
};

// Without a journal an agent says so with 409; an older agent knows no such page.
bool keeps_none(const AgentProblem& problem) {
  return problem.status == 409 || problem.status == 404;
}

RunningAgent::Result<Rounds> remembered(const RunningAgent& agent) {
  const auto answer = agent.read(kDecisions);
  if (!answer) return tl::unexpected(answer.error());
  const auto& decisions = list_in(*answer, "decisions");
  return Rounds{.decisions = {decisions.begin(), decisions.end()}};
}

// Asks for the journal's, as many as are wanted and page by page.
RunningAgent::Result<Rounds> kept(const RunningAgent& agent, const std::string& filter,
                                  std::size_t limit) {
  Rounds rounds{.decisions = {}, .kept = true, .more = true};
  std::string before;
  while (rounds.more && rounds.decisions.size() < limit) {
    const auto count = std::min(limit - rounds.decisions.size(), kMostAtOnce);
    const auto answer = agent.read("/api/v1/history?limit=" + std::to_string(count) + filter +
                                   (before.empty() ? "" : "&before=" + before));
    if (!answer) return tl::unexpected(answer.error());
    const auto& decisions = list_in(*answer, "decisions");
    rounds.decisions.insert(rounds.decisions.end(), decisions.begin(), decisions.end());
    rounds.more = flag_in(*answer, "more") && !decisions.empty();
    if (!decisions.empty()) before = text_in(decisions.back(), "id");
  }
  return rounds;
}

RunningAgent::Result<Rounds> rounds_of(const RunningAgent& agent, const std::string& filter,
                                       std::size_t limit) {
  auto rounds = kept(agent, filter, limit);
  return !rounds && keeps_none(rounds.error()) ? remembered(agent) : rounds;
}

// Says how far back the agent's memory goes, since what is older is nowhere.
std::string memory_of(const std::vector<json>& decisions) {
  if (decisions.empty()) return "The agent remembers no round yet.";
  return "The agent remembers " + std::to_string(decisions.size()) + " round" +
         (decisions.size() == 1 ? "" : "s") + ", back to " +
         moment(text_in(decisions.back(), "at")) +
         ": at most the newest 100 since it started, for it keeps no journal.";
}

// What follows the table.
void print_remark(const Rounds& rounds, bool none_shown) {
  if (rounds.kept) {
    if (none_shown) std::cout << "The agent's journal has no such round.\n";
    if (rounds.more) std::cout << "There are older ones: --limit.\n";
    return;
  }
  if (none_shown && !rounds.decisions.empty()) std::cout << "No round is like that.\n";
  std::cout << memory_of(rounds.decisions) << '\n';
}

Table::Cell seconds_cell(const json& decision) {
  const auto seconds = number_in(decision, "seconds");
  return seconds ? Table::Cell{seconds_taken(decision), *seconds} : Table::Cell{""};
}

Table table_of_rounds() {
  using Align = Table::Align;
  return Table({{"ID", Align::right},
                {"AT"},
                {"TRIGGER"},
                {"OUTCOME"},
                {"MOVED", Align::right},
                {"BYTES", Align::right},
                {"SECONDS", Align::right},
                {"WORDS"}});
}

void print_table(Table table, const std::vector<const json*>& shown) {
  for (const auto* decision : shown) {
    const auto row = row_of(*decision);
    const auto moved = std::to_string(row.succeeded) + " of " + moves_planned(*decision);
    const auto id = text_in(*decision, "id");
    table.add({Table::Cell{id, std::strtod(id.c_str(), nullptr)}, moment(text_in(*decision, "at")),
               text_in(*decision, "trigger"), text_in(*decision, "outcome"),
               Table::Cell{moved, static_cast<double>(row.succeeded)}, bytes_cell(row.bytes),
               seconds_cell(*decision), text_in(*decision, "words")});
  }
  if (!table.empty()) std::cout << table.str() << '\n';
}

// A field as RFC 4180 has it.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

void print_record(const std::vector<std::string>& fields) {
  const char* separator = "";
  for (const auto& field : fields) std::cout << std::exchange(separator, ",") << csv_field(field);
  std::cout << "\r\n";
}

void print_csv(const std::vector<const json*>& shown) {
  print_record({"id", "at", "trigger", "requested_by", "focus", "outcome", "planned", "moves",
                "succeeded", "bytes", "seconds", "words"});
  for (const auto* decision : shown) {
    const auto row = row_of(*decision);
    print_record({text_in(*decision, "id"), text_in(*decision, "at"), text_in(*decision, "trigger"),
                  text_in(*decision, "requested_by"), text_in(*decision, "focus"),
                  text_in(*decision, "outcome"), moves_planned(*decision),
                  std::to_string(row.moves), std::to_string(row.succeeded),
                  std::to_string(row.bytes), seconds_taken(*decision),
                  text_in(*decision, "words")});
  }
}

void print_json(const std::vector<const json*>& shown) {
  view::Json list = view::Json::array();
  for (const auto* decision : shown) list.emplace_back(*decision);
  std::cout << view::indented_text_of(view::Json{{"decisions", std::move(list)}}) << '\n';
}

}  // namespace

int history(const HistoryOptions& options) {
  const auto filter = filter_of(options);
  if (!filter) return kUsage;
  auto table = table_of_rounds();
  if (!sorted_by(table, options.sort, options.format == ListFormat::table)) return kUsage;
  const auto agent = RunningAgent::find(options.agent);
  if (!agent) return kUsage;
  const auto rounds = rounds_of(*agent, filter->query(), options.limit);
  if (!rounds) return failed(rounds.error());
  std::vector<const json*> shown;
  for (const auto& decision : rounds->decisions) {
    const bool wanted = rounds->kept || filter->takes(decision);
    if (shown.size() < options.limit && wanted) shown.push_back(&decision);
  }
  if (options.format == ListFormat::csv) {
    print_csv(shown);
  } else if (options.format == ListFormat::json) {
    print_json(shown);
  } else {
    print_table(std::move(table), shown);
    print_remark(*rounds, shown.empty());
  }
  return kDone;
}

int explain(const ExplainOptions& options) {
  const auto agent = RunningAgent::find(options.agent);
  if (!agent) return kUsage;
  const auto after = std::to_string(options.decision + 1);
  const auto rounds = rounds_of(*agent, "&before=" + after, 1);
  if (!rounds) return failed(rounds.error());
  const auto& decisions = rounds->decisions;
  const auto id = std::to_string(options.decision);
  const auto found = std::find_if(decisions.begin(), decisions.end(), [&](const json& decision) {
    return text_in(decision, "id") == id;
  });
  if (found == decisions.end()) {
    std::cerr << "evenkeel: there is no decision " << id << ". "
              << (rounds->kept ? "The agent's journal has none of that number."
                               : memory_of(decisions))
              << " `evenkeel history` lists them.\n";
    return kFailed;
  }
  if (options.format == OutputFormat::json) {
    std::cout << view::indented_text_of(view::Json(*found)) << '\n';
  } else {
    print_explained(*found);
  }
  return kDone;
}

}  // namespace evenkeel::cli
