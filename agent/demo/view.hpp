#pragma once
// The demo's picture of a cluster: snapshots to text for a terminal. Pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agent/loop/decision.hpp"

namespace evenkeel::demo {

// Returns lines of `width` columns each, without newlines: one bar a node, up to its own capacity,
// with a mark at the overload threshold, filled by collection; the spread; the present phase.
// Escape sequences (colours) come only if `colour`.
[[nodiscard]] std::vector<std::string> frame(const loop::Snapshot& snapshot, std::size_t width,
                                             bool colour);

// Returns one line without a newline: the move or its failure, its nodes, and why.
[[nodiscard]] std::string line(const loop::MoveRecord& record, const loop::Snapshot& snapshot);
[[nodiscard]] std::string line(const loop::Decision& decision);

// Returns a replica's widest spread: highest − lowest used ÷ capacity of its nodes with a figure.
[[nodiscard]] double spread(const rules::Cluster& cluster);

}  // namespace evenkeel::demo
