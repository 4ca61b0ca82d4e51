#pragma once
// What is asked of the journal.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "rules/cluster.hpp"

namespace evenkeel::loop {

// Which decisions to read. A member that is not set leaves nothing out.
struct HistoryQuery {
  std::optional<rules::TimePoint> since = {};
  std::optional<rules::NodeId> node = {};      // a move's source or destination
  std::optional<std::string> collection = {};  // a move's, by its id or by its name as displayed
  std::optional<std::string> outcome = {};
  std::optional<std::uint64_t> before = {};  // decisions of lower numbers
  std::size_t limit = 100;
};

}  // namespace evenkeel::loop
