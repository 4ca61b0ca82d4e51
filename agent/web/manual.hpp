#pragma once
// The manual: the repository's pages for operators, each below its own path there.

#include <string_view>

#include "agent/web/page.hpp"

namespace evenkeel::web {

inline constexpr std::string_view kManualPath = "/docs/";

// The page at this path below kManualPath, such as "dashboards/ALERTS.md"; empty: the list of all.
// Null: there is none.
[[nodiscard]] const Page* manual_page(std::string_view path);

}  // namespace evenkeel::web
