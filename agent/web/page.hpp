#pragma once
// The page for people: one HTML file with its style and script inside, the same for everybody. It
// takes what it shows from the API, and nothing from anywhere else. Its source is in
// agent/web/page/.

#include <string>
#include <string_view>

namespace evenkeel::web {

struct Page {
  std::string html;
  std::string security_policy;  // allows this script and this style, by their hashes, and no other
};

// Put together when first asked for. Thread-safe.
[[nodiscard]] const Page& page();
[[nodiscard]] std::string_view icon();  // SVG

}  // namespace evenkeel::web
