#include <algorithm>
#include <utility>

#include "agent/api/endpoints.hpp"
#include "agent/api/parameters.hpp"
#include "agent/view/json_writer.hpp"

namespace evenkeel::api {

web::Response nodes(const loop::Snapshot& snapshot, std::string_view query) {
  if (const auto none = Query::parse(query, {}); !none) return response_of(none.error());
  view::JsonWriter write(*snapshot.cluster, snapshot.policy);
  return response_of(
      Json{{"at", view::rfc3339(snapshot.at)}, {"nodes", write.nodes(snapshot.judgement.get())}});
}

web::Response replicas(const loop::Snapshot& snapshot, std::string_view query) {
  if (const auto none = Query::parse(query, {}); !none) return response_of(none.error());
  view::JsonWriter write(*snapshot.cluster, snapshot.policy);
  return response_of(Json{{"at", view::rfc3339(snapshot.at)},
                          {"replicas", write.replicas(snapshot.judgement.get())}});
}

web::Response decisions(const loop::Snapshot& snapshot, std::string_view text) {
  constexpr std::size_t kUsual = 20;
  constexpr std::size_t kMost = 100;  // as many as a snapshot has
  const auto query = Query::parse(text, {"limit"});
  if (!query) return response_of(query.error());
  const auto limit = query->count("limit", kUsual, kMost);
  if (!limit) return response_of(limit.error());
  view::JsonWriter write(*snapshot.cluster, snapshot.policy);
  Json decisions = Json::array();
  const auto count = std::min(*limit, snapshot.decisions.size());
  for (std::size_t i = 0; i < count; ++i) {
    decisions.push_back(write.decision(*snapshot.decisions[i]));
  }
  return response_of(Json{{"decisions", std::move(decisions)}});
}

}  // namespace evenkeel::api
