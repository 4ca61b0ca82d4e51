#pragma once
// The shape of URLs and host:port texts, so that a mistyped one is found before anything starts.
// http::parse_url would do for URLs, but its header brings Asio into every reader of settings.
// parse_url takes every URL that passes here. Internal to settings.

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace evenkeel::settings {

// An http or https URL taken apart, with its defaults: equal for URLs that mean the same.
struct HttpUrl {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case, without brackets
  std::uint16_t port = 0;
  std::string target;  // path and query as written; empty where there is neither

  bool operator==(const HttpUrl&) const = default;
  auto operator<=>(const HttpUrl&) const = default;
};

// The error never repeats the text, since a URL may hold a password by mistake.
[[nodiscard]] tl::expected<HttpUrl, std::string> check_url(std::string_view text);

// A host and a port.
struct HostPort {
  std::string host;       // without brackets, perhaps empty
  std::string_view port;  // as written
  bool has_port = false;  // a colon was there, even if nothing follows it
};
// Takes "host:port", "host", "[::1]:port" or ":port" apart; a host is a name or an IP address.
[[nodiscard]] tl::expected<HostPort, std::string> split_host_port(std::string_view text);
[[nodiscard]] tl::expected<std::uint16_t, std::string> parse_port(std::string_view text,
                                                                  int lowest = 1);

}  // namespace evenkeel::settings
