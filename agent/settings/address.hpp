#pragma once
// The shape of URLs and host:port texts, so that a mistyped one is found before anything starts.
// http::parse_url would do for URLs, but its header brings Asio into every reader of settings, and
// what is needed here is little. Whatever passes here, parse_url takes too. Internal to settings.

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace evenkeel::settings {

// An http or https URL taken apart, with its defaults filled in: equal for URLs that mean the same.
struct HttpUrl {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case, without brackets
  std::uint16_t port = 0;
  std::string target;  // path and query as written; empty where there is neither

  bool operator==(const HttpUrl&) const = default;
  auto operator<=>(const HttpUrl&) const = default;
};

// The errors never repeat the text: a URL may hold a password that somebody put there by mistake.
[[nodiscard]] tl::expected<HttpUrl, std::string> check_url(std::string_view text);

struct HostPort {
  std::string host;       // without brackets, perhaps empty
  std::string_view port;  // as written
  bool has_port = false;  // a colon was there, whatever follows it
};
// Takes "host:port", "host", "[::1]:port" or ":port" apart; a host that is there is a name, an IPv4
// address or an IPv6 address in brackets.
[[nodiscard]] tl::expected<HostPort, std::string> split_host_port(std::string_view text);
[[nodiscard]] tl::expected<std::uint16_t, std::string> parse_port(std::string_view text,
                                                                  int lowest = 1);

}  // namespace evenkeel::settings
