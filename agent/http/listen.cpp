#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>

#include "agent/http/server.hpp"

namespace evenkeel::http {
namespace {

using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

// Backlog of connections that wait to be accepted. If it is full, a client retries only a second
// later, so it has room for a flood that comes while the one thread is busy.
constexpr int kBacklog = 4096;

std::vector<tcp::endpoint> endpoints_of(const asio::any_io_executor& executor,
                                        const std::string& host, std::uint16_t port,
                                        ErrorCode& error) {
  // For all interfaces, one IPv6 socket serves both families; without IPv6 in the kernel, IPv4 is
  // used.
  if (host.empty()) return {{tcp::v6(), port}, {tcp::v4(), port}};
  const auto flags = tcp::resolver::passive | tcp::resolver::numeric_service;
  std::vector<tcp::endpoint> endpoints;
  for (const auto& found :
       tcp::resolver(executor).resolve(host, std::to_string(port), flags, error)) {
    endpoints.push_back(found);
  }
  std::stable_partition(endpoints.begin(), endpoints.end(),
                        [](const tcp::endpoint& each) { return each.address().is_v4(); });
  return endpoints;
}

ErrorCode listen_at(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool everywhere) {
  const bool ipv6 = endpoint.address().is_v6();
  ErrorCode error;
  acceptor.open(endpoint.protocol(), error);
  // SO_REUSEADDR lets a restarted agent have its port back at once. Never SO_REUSEPORT: with it,
  // two agents would silently share a port, each answering some of the requests.
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && ipv6) acceptor.set_option(asio::ip::v6_only(!everywhere), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  return error;
}

}  // namespace

tl::expected<tcp::acceptor, ErrorCode> listen(const asio::any_io_executor& executor,
                                              const std::string& host, std::uint16_t port) {
  ErrorCode error;
  for (const auto& endpoint : endpoints_of(executor, host, port, error)) {
    tcp::acceptor acceptor(executor);
    error = listen_at(acceptor, endpoint, host.empty());
    if (!error) return acceptor;
    const bool no_such_kind = error == asio::error::address_family_not_supported ||
                              error == boost::system::errc::address_not_available;
    if (!no_such_kind) break;
  }
  return tl::unexpected(error);
}

}  // namespace evenkeel::http
