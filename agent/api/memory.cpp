#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/api/endpoints.hpp"
#include "agent/api/parameters.hpp"
#include "agent/loop/memory_lines.hpp"

namespace evenkeel::api {
namespace {

constexpr std::size_t kMostNodes = 100;

// Reads "1,2,3".
Checked<std::vector<rules::NodeId>> nodes_of(std::string_view text) {
  std::vector<rules::NodeId> nodes;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const auto id = parse_id(text.substr(begin, end - begin));
    if (!id) return bad_request("expected the ids of nodes, such as 1,2,3", "nodes");
    nodes.push_back(rules::NodeId{*id});
    begin = end + 1;
  }
  if (nodes.size() > kMostNodes) {
    return bad_request("at most " + std::to_string(kMostNodes) + " nodes at once", "nodes");
  }
  return nodes;
}

Json ratios_of(const std::vector<std::optional<double>>& line) {
  Json ratios = Json::array();
  for (const auto& ratio : line) {
    // Three digits are as fine as a line on a page can be.
    ratios.push_back(ratio ? Json(std::round(*ratio * 1000) / 1000) : Json());
  }
  return ratios;
}

}  // namespace

web::Response memory(const loop::Snapshot& snapshot, std::string_view text) {
  const auto query = Query::parse(text, {"nodes"});
  if (!query) return response_of(query.error());
  const auto wanted = query->text("nodes");
  if (!wanted) {
    return response_of(
        Problem{400, "bad_request", "say which nodes, such as nodes=1,2,3", "nodes"});
  }
  const auto nodes = nodes_of(*wanted);
  if (!nodes) return response_of(nodes.error());
  Json list = Json::array();
  Json answer = {
      {"step_seconds",
       std::chrono::duration_cast<std::chrono::seconds>(loop::MemoryLines::kStep).count()}};
  if (snapshot.memory_lines != nullptr) {
    for (const rules::NodeId node : *nodes) {
      const auto line = snapshot.memory_lines->of(node);
      if (!line.empty()) list.push_back({{"id", to_string(node)}, {"ratios", ratios_of(line)}});
    }
    answer["end"] = view::rfc3339(snapshot.memory_lines->end());
  }
  answer["nodes"] = std::move(list);
  return response_of(answer);
}

}  // namespace evenkeel::api
