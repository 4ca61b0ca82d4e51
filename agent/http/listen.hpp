#pragma once
// The socket that a server listens on.

#include <cstdint>
#include <string>

#include "agent/util/asio.hpp"

namespace evenkeel::http {

// Port 0: any free one. An empty host means all interfaces, IPv6 and IPv4; of a name with addresses
// of both kinds, IPv4 is taken. A port that another program listens on is refused, even where that
// program would share it.
[[nodiscard]] tl::expected<asio::ip::tcp::acceptor, boost::system::error_code> listen(
    const asio::any_io_executor& executor, const std::string& host, std::uint16_t port);

}  // namespace evenkeel::http
