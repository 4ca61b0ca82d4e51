#include "agent/demo/course.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "agent/demo/view.hpp"
#include "rules/explain.hpp"

namespace evenkeel::demo {
namespace {

bool all_known(const rules::Cluster& cluster) {
  return !cluster.nodes.empty() &&
         std::all_of(cluster.nodes.begin(), cluster.nodes.end(), [](const rules::Node& node) {
           return node.health == rules::NodeHealth::up && node.capacity > 0;
         });
}

}  // namespace

void Course::take(const loop::MoveRecord& move) {
  if (move.result != loop::MoveResult::succeeded) return;
  ++moves_;
  bytes_ += move.move.bytes;
}

std::vector<std::string> Course::take(const loop::Snapshot& snapshot) {
  if (snapshot.cluster != nullptr && all_known(*snapshot.cluster)) {
    spread_now_ = spread(*snapshot.cluster);
    if (!spread_before_) spread_before_ = spread_now_;
  }
  std::vector<std::string> lines;
  for (const auto& each : std::ranges::reverse_view(snapshot.decisions)) {  // oldest first
    const auto& decision = *each;
    if (decision.id <= last_decision_) continue;
    const bool told = decision.outcome == loop::Outcome::moved;  // by the moves themselves
    if (!told && decision.outcome != last_outcome_) lines.push_back(line(decision));
    last_decision_ = decision.id;
    last_outcome_ = decision.outcome;
  }
  balanced_ =
      last_outcome_ == loop::Outcome::balanced && moves_ > 0 && snapshot.moves_in_flight == 0;
  return lines;
}

std::vector<std::string> summary(const Course& course, double seconds, const std::string& page) {
  const auto points = [](const std::optional<double>& difference) {
    return difference ? rules::format_points(*difference) : std::string("unknown");
  };
  return {
      fmt::format("{} after {:.1f} s: the largest difference in memory between two nodes of a "
                  "replica was {}, and is {}.",
                  course.balanced() ? "Balanced" : "Not balanced", seconds,
                  points(course.spread_before()), points(course.spread_now())),
      fmt::format("{} move{}, {} in all.", course.moves(), course.moves() == 1 ? "" : "s",
                  rules::format_bytes(course.bytes())),
      fmt::format("Served its metrics at {0}/metrics, its page at {0}/", page),
      "Your own cluster: set milvus.address in evenkeel.toml, then",
      "  evenkeel run --config.file evenkeel.toml",
  };
}

}  // namespace evenkeel::demo
