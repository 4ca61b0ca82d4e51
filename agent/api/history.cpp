#include "agent/api/history.hpp"

#include <absl/time/time.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "agent/api/parameters.hpp"
#include "agent/api/response.hpp"
#include "agent/loop/decision.hpp"
#include "agent/util/time.hpp"

namespace evenkeel::api {
namespace {

constexpr std::size_t kUsualCount = 20;
constexpr std::size_t kMostAtOnce = 100;
// A response has at least one decision, and no more of them once it is so long.
constexpr std::size_t kMostBytes = std::size_t{8} << 20;
// Of a decision during which the agent was killed.
constexpr std::string_view kInterrupted = "interrupted";

Checked<std::optional<rules::TimePoint>> since_in(const Query& query) {
  const auto text = query.text("since");
  if (!text) return std::nullopt;
  absl::Time time;
  std::string error;
  const bool read = absl::ParseTime(absl::RFC3339_full, *text, &time, &error);
  if (!read || time == absl::InfiniteFuture() || time == absl::InfinitePast()) {
    return bad_request("expected a time such as 2026-01-31T09:05:00Z", "since");
  }
  const std::chrono::milliseconds since_epoch(absl::ToUnixMillis(time));
  return loop_time(rules::TimePoint(since_epoch));
}

bool is_outcome(std::string_view text) {
  return text == kInterrupted ||
         std::any_of(loop::kOutcomes.begin(), loop::kOutcomes.end(),
                     [&](loop::Outcome outcome) { return text == loop::name(outcome); });
}

Checked<loop::HistoryQuery> wanted(std::string_view text) {
  const auto query =
      Query::parse(text, {"since", "node", "collection", "outcome", "before", "limit"});
  if (!query) return tl::unexpected(query.error());
  loop::HistoryQuery wanted;
  const auto since = since_in(*query);
  if (!since) return tl::unexpected(since.error());
  wanted.since = *since;
  const auto node = query->id("node");
  if (!node) return tl::unexpected(node.error());
  if (*node) wanted.node = rules::NodeId{**node};
  wanted.collection = query->text("collection");
  wanted.outcome = query->text("outcome");
  if (wanted.outcome && !is_outcome(*wanted.outcome)) {
    return bad_request("there is no such outcome", "outcome");
  }
  const auto before = query->id("before");
  if (!before) return tl::unexpected(before.error());
  if (*before && **before < 0) return bad_request("expected the number of a decision", "before");
  if (*before) wanted.before = static_cast<std::uint64_t>(**before);
  const auto limit = query->count("limit", kUsualCount, kMostAtOnce);
  if (!limit) return tl::unexpected(limit.error());
  wanted.limit = *limit;
  return wanted;
}

// The records are JSON already.
web::Response page_of(const std::vector<std::string>& decisions, std::size_t limit) {
  std::string body = "{\"decisions\":[";
  std::size_t count = 0;
  for (; count < std::min(decisions.size(), limit); ++count) {
    if (count > 0 && body.size() + decisions[count].size() > kMostBytes) break;
    if (count > 0) body += ',';
    body += decisions[count];
  }
  body += count < decisions.size() ? "],\"more\":true}\n" : "],\"more\":false}\n";
  web::Response response;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

}  // namespace

web::Response history(const HistoryReader& read, std::string_view query) {
  auto asked = wanted(query);
  if (!asked) return response_of(asked.error());
  if (!read) {
    return response_of(Problem{409, "no_journal",
                               "this agent keeps no journal ([journal] path); decisions has what "
                               "the newest 100 rounds since its start came to",
                               ""});
  }
  const std::size_t limit = std::exchange(asked->limit, asked->limit + 1);  // is there one more?
  const auto decisions = read(*asked);
  if (!decisions) return response_of(Problem{503, "journal", decisions.error(), ""});
  return page_of(*decisions, limit);
}

}  // namespace evenkeel::api
