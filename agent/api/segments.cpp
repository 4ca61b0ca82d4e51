#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "agent/api/endpoints.hpp"
#include "agent/api/parameters.hpp"
#include "agent/util/format.hpp"
#include "agent/view/json_writer.hpp"
#include "rules/nearest.hpp"

namespace evenkeel::api {
namespace {

// The sort key of copies: a copy is of one segment and replica on one node.
using SegmentPlace = std::tuple<rules::SegmentId, rules::ReplicaId, rules::NodeId>;

// The segments asked for.
struct SegmentsAsked {
  std::optional<std::string> collection;  // by name
  std::optional<rules::NodeId> node;
  std::size_t limit = 1000;
  std::optional<SegmentPlace> after;
};
constexpr std::size_t kMaxSegments = 10'000;

SegmentPlace place_of(const rules::Segment& segment) {
  return {segment.id, segment.replica, segment.node};
}

// Writes "segment.replica.node".
std::string cursor_of(const SegmentPlace& place) {
  const auto& [segment, replica, node] = place;
  return to_string(segment) + '.' + to_string(replica) + '.' + to_string(node);
}

std::optional<SegmentPlace> parse_cursor(std::string_view text) {
  std::vector<std::int64_t> ids;
  for (;;) {
    const auto dot = text.find('.');
    const auto id = parse_id(text.substr(0, dot));
    if (!id || ids.size() == 3) return std::nullopt;
    ids.push_back(*id);
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  if (ids.size() != 3) return std::nullopt;
  return SegmentPlace{rules::SegmentId{ids[0]}, rules::ReplicaId{ids[1]}, rules::NodeId{ids[2]}};
}

// Returns the collections of that name, one a database at most; empty: none is loaded.
std::set<rules::CollectionId> named(const rules::Cluster& cluster, const std::string& name) {
  std::set<rules::CollectionId> ids;
  for (const auto* collection : rules::named(cluster, name)) ids.insert(collection->id);
  return ids;
}

bool knows(const rules::Cluster& cluster, rules::NodeId id) {
  return std::any_of(cluster.nodes.begin(), cluster.nodes.end(),
                     [id](const auto& node) { return node.id == id; });
}

Checked<SegmentsAsked> parse_segments_asked(std::string_view text) {
  const auto query = Query::parse(text, {"collection", "node", "limit", "after"});
  if (!query) return tl::unexpected(query.error());
  SegmentsAsked asked;
  asked.collection = query->text("collection");
  const auto node = query->id("node");
  if (!node) return tl::unexpected(node.error());
  if (*node) asked.node = rules::NodeId{**node};
  const auto limit = query->count("limit", asked.limit, kMaxSegments);
  if (!limit) return tl::unexpected(limit.error());
  asked.limit = *limit;
  if (const auto after = query->text("after")) {
    asked.after = parse_cursor(*after);
    if (!asked.after) return bad_request("must be the 'next' of an earlier answer", "after");
  }
  return asked;
}

// Refuses a collection or node that is not there. The response is text to be sent: a tree of so
// many would take ten times the memory.
Checked<web::Response> segments_of(const loop::Snapshot& snapshot, const SegmentsAsked& asked) {
  const rules::Cluster& cluster = *snapshot.cluster;
  std::set<rules::CollectionId> collections;
  if (asked.collection) {
    collections = named(cluster, *asked.collection);
    if (collections.empty()) {
      return not_found(
          "no such collection is loaded" + rules::instead_of_collection(cluster, *asked.collection),
          "collection");
    }
  }
  if (asked.node && !knows(cluster, *asked.node)) {
    return not_found("there is no such query node" + rules::instead_of_node(cluster, *asked.node),
                     "node");
  }
  std::vector<const rules::Segment*> found;
  for (const auto& segment : cluster.segments) {
    if (asked.collection && !collections.contains(segment.collection)) continue;
    if (asked.node && segment.node != *asked.node) continue;
    if (asked.after && place_of(segment) <= *asked.after) continue;
    found.push_back(&segment);
  }
  const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(found.size(), asked.limit));
  std::partial_sort(found.begin(), end, found.end(),
                    [](const auto* a, const auto* b) { return place_of(*a) < place_of(*b); });
  view::JsonWriter write(cluster, snapshot.policy);
  std::string text = R"({"at":)" + view::text_of(view::rfc3339(snapshot.at)) + R"(,"segments":[)";
  constexpr std::size_t kUsualBytes = 256;  // bytes of one; growing step by step is slow
  text.reserve(static_cast<std::size_t>(end - found.begin()) * kUsualBytes);
  for (auto each = found.begin(); each != end; ++each) {
    if (each != found.begin()) text += ',';
    text += view::text_of(write.segment(**each));
  }
  text += ']';
  if (end != found.end()) text += R"(,"next":)" + view::text_of(cursor_of(place_of(**(end - 1))));
  text += "}\n";
  web::Response response;
  response.content_type = "application/json";
  response.body = std::move(text);
  return response;
}

}  // namespace

web::Response segments(const loop::Snapshot& snapshot, std::string_view query) {
  const auto asked = parse_segments_asked(query);
  if (!asked) return response_of(asked.error());
  auto response = segments_of(snapshot, *asked);
  return response ? *std::move(response) : response_of(response.error());
}

}  // namespace evenkeel::api
