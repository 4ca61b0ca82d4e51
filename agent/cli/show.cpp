#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "agent/cli/cells.hpp"
#include "agent/cli/forecasts.hpp"
#include "agent/cli/running_agent.hpp"
#include "agent/cli/session.hpp"
#include "agent/cli/table.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/util/format.hpp"
#include "agent/view/json_writer.hpp"
#include "rules/explain.hpp"
#include "rules/judge.hpp"
#include "rules/transfer.hpp"

namespace evenkeel::cli {
namespace {

using Align = Table::Align;

// The running agent's forecasts, or why there are none; neither where it is of another Milvus.
struct Told {
  std::optional<Forecasts> forecasts;
  std::string why_none;

  // Null: the node has none.
  [[nodiscard]] const nlohmann::json* of(std::string id, std::string address) const {
    if (!forecasts) return nullptr;
    const auto found = forecasts->find({std::move(id), std::move(address)});
    return found == forecasts->end() ? nullptr : &found->second;
  }
};

Told ask_for_forecasts(const AgentOptions& options) {
  if (!may_be_the_agents(options)) return {};
  const auto agent = RunningAgent::find(options);
  if (!agent) return {.forecasts = {}, .why_none = "it is not known where the agent is"};
  auto forecasts = forecasts_of(*agent);
  if (!forecasts) return {.forecasts = {}, .why_none = std::move(forecasts.error().words)};
  return {.forecasts = *std::move(forecasts), .why_none = {}};
}

// The moment when the node will be overloaded, for the table.
std::string time_of(const nlohmann::json* forecast) {
  if (forecast == nullptr) return "-";
  return moment(text_in(*forecast, "overloaded_at")) +
         (flag_in(*forecast, "sure") ? "" : ", perhaps");
}

Table table_of_nodes(const Told& told) {
  std::vector<Table::Column> columns = {{"NODE", Align::right},
                                        {"ROLE"},
                                        {"ADDRESS", Align::left, Table::kMostOfName},
                                        {"VERSION"},
                                        {"USED", Align::right},
                                        {"CAPACITY", Align::right},
                                        {"RATIO", Align::right},
                                        {"SEGMENTS", Align::right},
                                        {"HEALTH"}};
  if (told.forecasts) columns.push_back({"OVERLOADED AT"});
  return Table(std::move(columns));
}

Table table_of_segments() {
  return Table({{"COLLECTION", Align::left, Table::kMostOfName},
                {"REPLICA", Align::right},
                {"NODE", Align::right},
                {"SEGMENT", Align::right},
                {"ROWS", Align::right},
                {"BYTES", Align::right},
                {"SIZE FROM"},
                {"STATE"}});
}

void print_nodes(Table table, const rules::Cluster& cluster, const rules::Judgement& judgement,
                 const Told& told) {
  std::map<rules::NodeId, std::int64_t> segments;
  for (const auto& segment : cluster.segments) ++segments[segment.node];
  for (const auto& judged : view::judged_nodes(cluster, &judgement)) {
    const rules::Node& node = *judged.node;
    const auto ratio = judged.ratio();
    std::vector<Table::Cell> row = {id_cell(node.id),
                                    std::string(rules::name(node.role)),
                                    node.address,
                                    node.version.empty() ? "-" : node.version,
                                    judged.memory_known() ? bytes_cell(node.used) : "-",
                                    node.capacity > 0 ? bytes_cell(node.capacity) : "-",
                                    percent_cell(ratio),
                                    count_cell(segments[node.id]),
                                    std::string(rules::name(node.health))};
    if (told.forecasts) row.emplace_back(time_of(told.of(to_string(node.id), node.address)));
    table.add(std::move(row));
  }
  std::cout << (table.empty() ? "no query nodes\n" : table.str());
  if (!told.why_none.empty()) {
    std::cout << "\nNo agent says when a node will be overloaded (" << told.why_none << ").\n";
  }
}

view::Json with_forecasts(view::Json nodes, const Told& told) {
  for (auto& node : nodes) {
    const auto* forecast =
        told.of(node.at("id").get<std::string>(), node.at("address").get<std::string>());
    if (forecast != nullptr) node["forecast"] = view::Json(*forecast);
  }
  return nodes;
}

// The copies of the collection's segments, or of all, sorted for the table.
std::vector<const rules::Segment*> segments_of(const rules::Cluster& cluster,
                                               std::optional<rules::CollectionId> only) {
  std::vector<const rules::Segment*> segments;
  for (const auto& segment : cluster.segments) {
    if (!only || segment.collection == *only) segments.push_back(&segment);
  }
  std::sort(segments.begin(), segments.end(), [](const auto* a, const auto* b) {
    return std::tie(a->collection, a->replica, a->node, a->id) <
           std::tie(b->collection, b->replica, b->node, b->id);
  });
  return segments;
}

void print_segments(Table table, const std::vector<const rules::Segment*>& segments,
                    view::CollectionNames& names) {
  for (const auto* segment : segments) {
    table.add({names.of(segment->collection), id_cell(segment->replica), id_cell(segment->node),
               id_cell(segment->id), count_cell(segment->rows), bytes_cell(segment->bytes),
               std::string(rules::name(segment->size_source)),
               std::string(rules::name(segment->state))});
  }
  std::cout << (table.empty() ? "no segments are loaded\n" : table.str());
}

}  // namespace

int show_nodes(const ShowOptions& options) {
  auto settings = settings_or_report(options.agent.common);
  if (!settings) return kUsage;
  configure_log(*settings);
  const Told told = ask_for_forecasts(options.agent);
  auto table = table_of_nodes(told);
  if (!sorted_by(table, options.sort, options.format == OutputFormat::text)) return kUsage;
  Session session(*std::move(settings));
  const auto cluster = session.observe();
  const bool complete = report_problems(*cluster);
  rules::Policy policy = session.settings.balance.policy;
  policy.evidence_samples = 1;  // one look is judged as it is, as by `plan`
  rules::Ledger ledger;
  ledger.observe(*cluster, policy);
  const auto judgement = rules::judge(*cluster, policy, ledger, session.clock.now());
  if (options.format == OutputFormat::json) {
    view::JsonWriter write(*cluster, policy, view::Detail::full);
    const auto not_acted_on = loop::not_acted_on(*cluster, session.settings.milvus);
    const view::Json json = {{"milvus", write.milvus(not_acted_on)},
                             {"nodes", with_forecasts(write.nodes(&judgement), told)}};
    std::cout << view::indented_text_of(json) << '\n';
  } else {
    print_nodes(std::move(table), *cluster, judgement, told);
  }
  return complete ? kDone : kFailed;
}

int show_query_segment(const ShowOptions& options) {
  auto settings = settings_or_report(options.agent.common);
  if (!settings) return kUsage;
  configure_log(*settings);
  auto table = table_of_segments();
  if (!sorted_by(table, options.sort, options.format == OutputFormat::text)) return kUsage;
  Session session(*std::move(settings));
  const auto cluster = session.observe();
  const bool complete = report_problems(*cluster);
  std::optional<rules::CollectionId> only;
  if (!options.collection.empty()) {
    const auto found = rules::find_collection(*cluster, options.collection);
    if (const auto* refusal = std::get_if<rules::Refusal>(&found)) {
      std::cerr << "evenkeel: " << refusal->why << '\n';
      return kFailed;
    }
    only = std::get<rules::CollectionId>(found);
  }
  const auto segments = segments_of(*cluster, only);
  if (options.format == OutputFormat::json) {
    view::JsonWriter write(*cluster, session.settings.balance.policy, view::Detail::full);
    view::Json json = {{"segments", view::Json::array()}};
    for (const auto* segment : segments) json["segments"].push_back(write.segment(*segment));
    std::cout << view::indented_text_of(json) << '\n';
  } else {
    view::CollectionNames names(*cluster);
    print_segments(std::move(table), segments, names);
  }
  return complete ? kDone : kFailed;
}

}  // namespace evenkeel::cli
