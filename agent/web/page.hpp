#pragma once
// The page for people: one HTML file with its style and script inside, the same for everybody. It
// takes what it shows from the API, and nothing from anywhere else. Its source is in
// agent/web/page/.

#include <string>
#include <string_view>

namespace evenkeel::web {

// The page's text, and the policy to serve it with.
struct Page {
  std::string html;
  std::string security_policy;  // allows only this script and this style, by their hashes
};

// Made at the first call. Thread-safe.
[[nodiscard]] const Page& page();
[[nodiscard]] std::string_view icon();  // SVG

}  // namespace evenkeel::web
