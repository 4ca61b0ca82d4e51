#pragma once
// Pages with their style and script inside, under a Content-Security-Policy that allows just those.

#include <string>
#include <string_view>

namespace evenkeel::web {

// A source of a policy that allows exactly this text.
[[nodiscard]] std::string source_of(std::string_view text);

void replace_all(std::string& text, std::string_view mark, std::string_view with);

}  // namespace evenkeel::web
