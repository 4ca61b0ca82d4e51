#include "agent/loop/memory_lines.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rules/arithmetic.hpp"

namespace evenkeel::loop {
namespace {

constexpr float kNotRead = std::numeric_limits<float>::quiet_NaN();

std::size_t place(std::int64_t step) {
  return static_cast<std::size_t>(step) % MemoryLines::kPoints;
}

bool is_read(float ratio) {
  return !std::isnan(ratio);
}

}  // namespace

// After a clock that was set back the lines begin anew.
void MemoryLines::go_to(std::int64_t step) {
  if (step < step_) lines_.clear();
  const auto most = static_cast<std::int64_t>(kPoints);
  for (std::int64_t next = std::max(step_ + 1, step - most + 1); next <= step; ++next) {
    for (auto& [node, line] : lines_) line[place(next)] = kNotRead;
  }
  step_ = step;
  std::erase_if(lines_, [](const auto& each) {
    return std::none_of(each.second.begin(), each.second.end(), is_read);
  });
}

bool MemoryLines::observe(const rules::Cluster& cluster, rules::TimePoint now) {
  const std::int64_t step = now.time_since_epoch() / kStep;
  const bool begins = step != step_;
  if (begins) go_to(step);
  for (const rules::Node& node : cluster.nodes) {
    const bool known = node.health == rules::NodeHealth::up && node.capacity > 0 &&
                       node.sampled_at != rules::TimePoint{};
    if (!known) continue;
    const auto [line, is_new] = lines_.try_emplace(node.id);
    if (is_new) line->second.fill(kNotRead);
    float& ratio = line->second[place(step)];
    const auto read = static_cast<float>(rules::ratio_of(node.used, node.capacity));
    if (!is_read(ratio) || ratio < read) ratio = read;
  }
  return begins;
}

std::vector<std::optional<double>> MemoryLines::of(rules::NodeId node) const {
  std::vector<std::optional<double>> ratios;
  const auto found = lines_.find(node);
  if (found == lines_.end()) return ratios;
  ratios.reserve(kPoints);
  for (std::size_t i = 1; i <= kPoints; ++i) {
    const float ratio = found->second[place(step_ + static_cast<std::int64_t>(i))];
    ratios.push_back(is_read(ratio) ? std::optional<double>(ratio) : std::nullopt);
  }
  return ratios;
}

}  // namespace evenkeel::loop
