#pragma once
// GET /history: the decisions of the agent's journal, also those from before its start.

#include <functional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "agent/loop/history_query.hpp"
#include "agent/web/handler.hpp"

namespace evenkeel::api {

// Reads decisions as JSON, newest first; an error in words. Thread-safe. Empty: the agent keeps no
// journal.
using HistoryReader =
    std::function<tl::expected<std::vector<std::string>, std::string>(const loop::HistoryQuery&)>;

// `query` is as sent.
[[nodiscard]] web::Response history(const HistoryReader& read, std::string_view query);

}  // namespace evenkeel::api
