#pragma once
// The landing page: the cluster as the agent sees it, for a person. Written whole on the server, no
// script.

#include <string>
#include <string_view>

#include "agent/loop/decision.hpp"

namespace evenkeel::web {

inline constexpr std::string_view kStylesheetPath = "/style.css";

// HTML. `snapshot` is null before the first one; ages are counted up to `now`. Large clusters are
// cut, and it says so.
[[nodiscard]] std::string landing_page(const loop::Snapshot* snapshot, rules::TimePoint now);
[[nodiscard]] std::string_view stylesheet();  // CSS, for kStylesheetPath
[[nodiscard]] std::string_view icon();        // SVG

// Text for HTML, in an element or a quoted attribute; what is not UTF-8 is replaced.
[[nodiscard]] std::string escape_html(std::string_view text);

}  // namespace evenkeel::web
