#pragma once
// The socket that the server listens on.

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "agent/settings/settings.hpp"
#include "agent/util/file_descriptor.hpp"

namespace evenkeel::web {

struct ListeningSocket {
  FileDescriptor socket;   // does not block
  std::uint16_t port = 0;  // the bound one
  bool ipv6 = false;
};

// An empty host means all interfaces, IPv6 and IPv4; of a name with addresses of both kinds, IPv4
// is taken. A port that another program listens on is refused, even where that program would share
// it. The error says what, where and what to do.
[[nodiscard]] tl::expected<ListeningSocket, std::string> listen_on(const settings::Listen& listen);

}  // namespace evenkeel::web
