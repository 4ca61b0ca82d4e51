#include "agent/web/listening_socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <memory>
#include <system_error>

namespace evenkeel::web {
namespace {

// Connections that wait to be accepted. Where these are full, a client's next try comes a second
// later, so there is room for what a flood brings while the one thread does something else.
constexpr int kBacklog = 4096;

template <typename Error>
using Result = tl::expected<ListeningSocket, Error>;

std::string display(const settings::Listen& listen) {
  const bool ipv6 = listen.host.find(':') != std::string::npos;
  return (ipv6 ? '[' + listen.host + ']' : listen.host) + ':' + std::to_string(listen.port);
}

std::string cannot_listen(const settings::Listen& listen, std::string why) {
  if (!why.empty()) why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
  return "cannot listen on " + display(listen) + ": " + why +
         "; choose another with --web.listen-address or [web] listen_address";
}

bool set_option(int socket, int level, int option, int value) {
  return setsockopt(socket, level, option, &value, sizeof value) == 0;
}

std::uint16_t bound_port(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  const bool ipv6 = address.ss_family == AF_INET6;
  return ntohs(ipv6 ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                    : reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

// The error is an errno.
Result<int> listen_at(const addrinfo& at, bool ipv4_too) {
  FileDescriptor socket(
      ::socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  // SO_REUSEADDR lets a restarted agent have its port back at once. Never SO_REUSEPORT: with it,
  // two agents would share a port without a word, each answering some of the requests.
  const bool listening = socket && set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1) &&
                         (at.ai_family != AF_INET6 ||
                          set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, ipv4_too ? 0 : 1)) &&
                         ::bind(socket.get(), at.ai_addr, at.ai_addrlen) == 0 &&
                         ::listen(socket.get(), kBacklog) == 0;
  if (!listening) return tl::unexpected(errno);
  const auto port = bound_port(socket.get());
  return ListeningSocket{
      .socket = std::move(socket), .port = port, .ipv6 = at.ai_family == AF_INET6};
}

}  // namespace

tl::expected<ListeningSocket, std::string> listen_on(const settings::Listen& listen) {
  const bool everywhere = listen.host.empty();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(everywhere ? nullptr : listen.host.c_str(),
                                 std::to_string(listen.port).c_str(), &hints, &found);
  if (failed != 0) return tl::unexpected(cannot_listen(listen, gai_strerror(failed)));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);

  // On all interfaces one IPv6 socket serves both kinds; where the kernel has no IPv6, IPv4 alone
  // is left.
  const auto families = everywhere ? std::array{AF_INET6, AF_INET} : std::array{AF_INET, AF_INET6};
  int error = EADDRNOTAVAIL;
  for (const int family : families) {
    for (const addrinfo* at = addresses.get(); at != nullptr; at = at->ai_next) {
      if (at->ai_family != family) continue;
      if (auto socket = listen_at(*at, everywhere))
        return std::move(*socket);
      else
        error = socket.error();
      const bool no_such_kind = error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
      if (!no_such_kind)
        return tl::unexpected(cannot_listen(listen, std::generic_category().message(error)));
    }
  }
  return tl::unexpected(cannot_listen(listen, std::generic_category().message(error)));
}

}  // namespace evenkeel::web
