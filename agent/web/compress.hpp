#pragma once
// gzip for responses (RFC 1952).

#include <string>
#include <string_view>

#include "agent/web/handler.hpp"

namespace evenkeel::web {

// Throws std::bad_alloc if there is no memory.
[[nodiscard]] std::string gzip(std::string_view text);

// The response as it is sent to a client that takes gzip. A short body, and one that is encoded
// already, stays as it is.
[[nodiscard]] Response compressed(Response response);

}  // namespace evenkeel::web
