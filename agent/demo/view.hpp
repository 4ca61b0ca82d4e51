#pragma once
// The demo's picture of a cluster: snapshots to text for a terminal. Pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agent/loop/decision.hpp"

namespace evenkeel::demo {

// Lines of exactly `width` columns each, without newlines: one bar a node, from nothing to its own
// capacity, with a mark at the overload threshold; what fills it by collection; the spread; what is
// going on. Escape sequences (colours) only where `colour`.
[[nodiscard]] std::vector<std::string> frame(const loop::Snapshot& snapshot, std::size_t width,
                                             bool colour);

// One line without a newline: what moved or did not, from where to where, and why.
[[nodiscard]] std::string line(const loop::MoveRecord& record, const loop::Snapshot& snapshot);
[[nodiscard]] std::string line(const loop::Decision& decision);

// Highest − lowest used ÷ capacity among the nodes of a replica, of the replica where it is widest.
// Nodes without a figure are left out.
[[nodiscard]] double spread(const rules::Cluster& cluster);

}  // namespace evenkeel::demo
