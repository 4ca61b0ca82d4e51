#include "agent/web/page.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <evenkeel_version.hpp>
#include <functional>
#include <optional>
#include <vector>

#include "agent/telemetry/cluster_view.hpp"
#include "agent/telemetry/utf8.hpp"
#include "agent/util/format.hpp"
#include "rules/explain.hpp"

namespace evenkeel::web {
namespace {

using loop::Snapshot;
using telemetry::CollectionNames;
using telemetry::JudgedNode;

// What is shown at most; the page stays small whatever the cluster's size.
constexpr std::size_t kMaxNodes = 100, kMaxReplicas = 50, kMaxDecisions = 20, kMaxMoves = 20,
                      kMaxProblems = 20;

// A class of the stylesheet: how something is to be taken.
constexpr const char *kGood = "good", *kWarn = "warn", *kBad = "bad", *kPlain = "";

std::string ago(rules::TimePoint at, rules::TimePoint now) {
  const auto seconds =
      std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(now - at).count(), 0);
  constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute;
  if (seconds < 2 * kMinute) return std::to_string(seconds) + " s ago";
  if (seconds < 2 * kHour) return std::to_string(seconds / kMinute) + " min ago";
  return std::to_string(seconds / kHour) + " h ago";
}

std::string utc(rules::TimePoint at) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const auto length = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text, length};
}

std::string time_element(rules::TimePoint at, rules::TimePoint now) {
  return "<time title=\"" + utc(at) + "\">" + ago(at, now) + "</time>";
}

// "… and 17 more", where a list was cut.
std::string rest_of(std::size_t count, std::size_t shown, const char* element) {
  if (count <= shown) return "";
  return std::string("<") + element + " class=\"dim\">… and " + std::to_string(count - shown) +
         " more</" + element + ">\n";
}

std::string badge(std::string_view text, const char* how) {
  return std::string("<span class=\"badge ") + how + "\">" + escape_html(text) + "</span>";
}

const char* look(loop::Outcome outcome) {
  switch (outcome) {
    case loop::Outcome::balanced:
    case loop::Outcome::moved:
      return kGood;
    case loop::Outcome::gathering:
    case loop::Outcome::held:
      return kWarn;
    case loop::Outcome::failed:
    case loop::Outcome::cannot_fix:
    case loop::Outcome::cannot_judge:
      return kBad;
  }
  return kPlain;
}

const char* look(loop::MoveResult result) {
  return result == loop::MoveResult::succeeded ? kGood
         : result == loop::MoveResult::failed  ? kBad
                                               : kWarn;
}

// An outcome or reason as words: "cannot_fix" → "cannot fix".
std::string spaced(std::string_view name) {
  std::string words(name);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string status(const Snapshot& snapshot, rules::TimePoint now) {
  std::string modes;
  if (snapshot.dry_run) modes += ' ' + badge("dry run", kWarn);
  if (!snapshot.auto_balance) modes += ' ' + badge("auto balance off", kWarn);
  if (!snapshot.coordinator_up) modes += ' ' + badge("coordinator unreachable", kBad);
  if (snapshot.moves_in_flight > 0) {
    modes += ' ' + badge(std::to_string(snapshot.moves_in_flight) + " moving", kGood);
  }
  const auto every =
      "a round every " + std::to_string(std::llround(snapshot.balance_interval_seconds)) + " s";
  if (snapshot.decisions.empty()) {
    return "<div class=\"status\"><p class=\"words\">No round has ended yet.</p><p class=\"dim\">" +
           every + modes + "</p></div>\n";
  }
  const auto& newest = *snapshot.decisions.front();
  return std::string("<div class=\"status ") + look(newest.outcome) + "\"><p class=\"words\">" +
         escape_html(newest.words) + "</p><p class=\"dim\">round " + std::to_string(newest.id) +
         ", " + time_element(newest.at, now) + ", " + every + modes + "</p></div>\n";
}

// Why the node is not simply fine, and how to take it.
struct Note {
  const char* how = kPlain;
  std::string text;
};

Note note(const JudgedNode& judged, const rules::Policy& policy) {
  const auto& [node, verdict] = judged;
  if (node->health != rules::NodeHealth::up) {
    const auto health = spaced(rules::name(node->health));
    return {kBad, node->problem.empty() ? health : health + ": " + node->problem};
  }
  if (verdict == nullptr || verdict->state == rules::NodeState::fine) return {};
  const bool overloaded = verdict->state == rules::NodeState::overloaded;
  return {overloaded ? kBad : kWarn, rules::words(*verdict, policy)};
}

std::string bar(double ratio, double threshold) {
  const auto percent = [](double share) {
    return std::to_string(std::clamp(share, 0.0, 1.0) * 100) + '%';
  };
  const auto mark = percent(threshold);
  return R"(<svg class="bar" aria-hidden="true"><rect class="track" width="100%" height="100%" rx="3"/>)"
         R"(<rect class="fill" width=")" +
         percent(ratio) + R"(" height="100%" rx="3"/>)" + R"(<line class="mark" x1=")" + mark +
         R"(" x2=")" + mark + R"(" y1="0" y2="100%"/></svg>)";
}

std::string memory(const JudgedNode& judged) {
  const auto expected = judged.expected();
  if (!expected) return "<span class=\"dim\">memory not known</span>";
  const auto ratio = judged.ratio();
  if (!ratio) {
    return rules::format_bytes(*expected) + " <span class=\"dim\">of an unknown capacity</span>";
  }
  return rules::format_percent(*ratio) + " <span class=\"dim\">of " +
         rules::format_bytes(judged.node->capacity) + "</span>";
}

std::string node_row(const JudgedNode& judged, const rules::Policy& policy) {
  const auto [how, why] = note(judged, policy);
  return std::string("<li class=\"") + how + "\"><span>node " + to_string(judged.node->id) +
         " <span class=\"dim\">" + escape_html(judged.node->address) + "</span></span>" +
         bar(judged.ratio().value_or(0), policy.overload_threshold) + "<span class=\"figure\">" +
         memory(judged) + "</span>" +
         (why.empty() ? "" : "<p class=\"note\">" + escape_html(why) + "</p>") + "</li>\n";
}

std::string nodes(const Snapshot& snapshot) {
  auto all = telemetry::judged_nodes(snapshot);
  const auto count = all.size();
  if (count > kMaxNodes) {
    // The fullest are the ones to look at.
    const auto fullest = all.begin() + kMaxNodes;
    std::partial_sort(all.begin(), fullest, all.end(), [](const auto& a, const auto& b) {
      return a.ratio().value_or(0) > b.ratio().value_or(0);
    });
    all.erase(fullest, all.end());
  }
  std::string html = "<section><h2>Query nodes <span class=\"dim\">overloaded above " +
                     rules::format_percent(snapshot.policy.overload_threshold) +
                     "</span></h2>\n<ul class=\"nodes\">\n";
  if (all.empty()) html += "<li>None are known.</li>\n";
  for (const auto& judged : all) html += node_row(judged, snapshot.policy);
  return html + rest_of(count, all.size(), "li") + "</ul></section>\n";
}

std::string replica_row(const rules::ReplicaVerdict& replica, CollectionNames& names) {
  const bool judged = replica.state != rules::ReplicaState::cannot_judge;
  const char* how = replica.state == rules::ReplicaState::balanced     ? kGood
                    : replica.state == rules::ReplicaState::difference ? kBad
                    : judged                                           ? kWarn
                                                                       : kPlain;
  const auto state = spaced(rules::name(replica.state)) +
                     (judged ? "" : ": " + spaced(rules::name(replica.reason)));
  const auto cell = [](const std::string& text) { return "<td>" + text + "</td>"; };
  const auto ratio_of = [judged](std::optional<rules::NodeId> node, double ratio) {
    if (!judged || !node) return std::string();
    return rules::format_percent(ratio) + " <span class=\"dim\">node " + to_string(*node) +
           "</span>";
  };
  return "<tr><td class=\"name\">" + escape_html(names.of(replica.collection)) + "</td>" +
         cell(judged ? rules::format_percent(replica.spread) : "") + cell(badge(state, how)) +
         cell(ratio_of(replica.highest, replica.highest_ratio)) +
         cell(ratio_of(replica.lowest, replica.lowest_ratio)) + "<td class=\"dim\">" +
         to_string(replica.id) + "</td></tr>\n";
}

std::string replicas(const Snapshot& snapshot) {
  if (!snapshot.judgement || snapshot.judgement->replicas.empty()) return "";
  auto verdicts = snapshot.judgement->replicas;
  std::stable_sort(verdicts.begin(), verdicts.end(),
                   [](const auto& a, const auto& b) { return a.spread > b.spread; });
  const auto shown = std::min(verdicts.size(), kMaxReplicas);
  CollectionNames names(*snapshot.cluster);
  std::string html =
      "<section><h2>Replicas <span class=\"dim\">levelled above a spread of " +
      rules::format_percent(snapshot.policy.max_difference) +
      "</span></h2>\n<div class=\"scroll\"><table><tr><th>collection</th>"
      "<th>spread</th><th>state</th><th>highest</th><th>lowest</th><th>replica</th></tr>\n";
  for (std::size_t i = 0; i < shown; ++i) html += replica_row(verdicts[i], names);
  return html + "</table></div>\n" + rest_of(verdicts.size(), shown, "p") + "</section>\n";
}

std::string move_row(const loop::MoveRecord& record) {
  return "<li>" + escape_html(rules::words(record.move)) + ' ' +
         badge(loop::name(record.result), look(record.result)) +
         (record.detail.empty() ? "" : ' ' + escape_html(record.detail)) + "</li>\n";
}

std::string decision_row(const loop::Decision& decision, rules::TimePoint now) {
  std::string html = "<li>" + badge(spaced(loop::name(decision.outcome)), look(decision.outcome)) +
                     ' ' + escape_html(decision.words) + ' ' + time_element(decision.at, now);
  if (!decision.moves.empty()) {
    const auto shown = std::min(decision.moves.size(), kMaxMoves);
    html += "<ul>\n";
    for (std::size_t i = 0; i < shown; ++i) html += move_row(decision.moves[i]);
    html += rest_of(decision.moves.size(), shown, "li") + "</ul>";
  }
  return html + "</li>\n";
}

std::string decisions(const Snapshot& snapshot, rules::TimePoint now) {
  if (snapshot.decisions.empty()) return "";
  const auto shown = std::min(snapshot.decisions.size(), kMaxDecisions);
  std::string html = "<section><h2>Last decisions</h2>\n<ol class=\"decisions\">\n";
  for (std::size_t i = 0; i < shown; ++i) html += decision_row(*snapshot.decisions[i], now);
  return html + "</ol></section>\n";
}

std::string problems(const Snapshot& snapshot) {
  if (!snapshot.cluster || snapshot.cluster->problems.empty()) return "";
  const auto& all = snapshot.cluster->problems;
  const auto shown = std::min(all.size(), kMaxProblems);
  std::string html = "<section><h2>What could not be read</h2>\n<ul>\n";
  for (std::size_t i = 0; i < shown; ++i) html += "<li>" + escape_html(all[i]) + "</li>\n";
  return html + rest_of(all.size(), shown, "li") + "</ul></section>\n";
}

std::string set_aside(const Snapshot& snapshot) {
  if (!snapshot.judgement || snapshot.judgement->set_aside.empty()) return "";
  const auto& all = snapshot.judgement->set_aside;
  const auto shown = std::min(all.size(), kMaxProblems);
  std::string html = "<section><h2>Segments set aside <span class=\"dim\">" +
                     std::to_string(snapshot.judgement->set_aside_copies) +
                     " copies</span></h2>\n<ul>\n";
  for (std::size_t i = 0; i < shown; ++i) {
    html += "<li>" + escape_html(rules::words(all[i])) + "</li>\n";
  }
  return html + rest_of(all.size(), shown, "li") + "</ul></section>\n";
}

std::string content(const Snapshot* snapshot, rules::TimePoint now) {
  if (snapshot == nullptr || !snapshot->cluster) {
    return "<div class=\"status\"><p class=\"words\">The cluster has not been observed "
           "yet.</p></div>\n";
  }
  return status(*snapshot, now) + nodes(*snapshot) + replicas(*snapshot) + problems(*snapshot) +
         set_aside(*snapshot) + decisions(*snapshot, now);
}

// Another one whenever the stylesheet is another, since browsers keep it.
std::string stylesheet_link() {
  static const auto version = std::to_string(std::hash<std::string_view>()(stylesheet()));
  return std::string(kStylesheetPath.substr(1)) + '?' + version;
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string escaped;
  for (const char c : telemetry::valid_utf8(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string landing_page(const Snapshot* snapshot, rules::TimePoint now) {
  // Addresses are relative, so that the page also works behind a proxy that serves it under a path.
  const std::string build = std::string(kVersion) + " (" + kRevision + ')';
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"refresh\" content=\"5\">\n"
         "<title>Evenkeel</title>\n"
         "<link rel=\"icon\" href=\"favicon.ico\" type=\"image/svg+xml\">\n"
         "<link rel=\"stylesheet\" href=\"" +
         stylesheet_link() +
         "\">\n</head><body>\n"
         "<header><h1><img src=\"favicon.ico\" alt=\"\">Evenkeel</h1>\n"
         "<nav><a href=\"metrics\">metrics</a> <a href=\"-/healthy\">healthy</a> "
         "<a href=\"-/ready\">ready</a></nav></header>\n<main>\n" +
         content(snapshot, now) + "</main>\n<footer><span>Evenkeel " + escape_html(build) +
         "</span><span>" + utc(now) + "</span></footer>\n</body></html>\n";
}

}  // namespace evenkeel::web
