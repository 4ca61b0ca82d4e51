#include "agent/api/decisions.hpp"

#include <algorithm>

#include "agent/view/json_writer.hpp"

namespace evenkeel::api {

Json decisions_of(const loop::Snapshot& snapshot, std::size_t limit) {
  view::JsonWriter write(*snapshot.cluster, snapshot.policy);
  Json decisions = Json::array();
  const auto count = std::min(limit, snapshot.decisions.size());
  for (std::size_t i = 0; i < count; ++i) {
    decisions.push_back(write.decision(*snapshot.decisions[i]));
  }
  return {{"decisions", std::move(decisions)}};
}

}  // namespace evenkeel::api
