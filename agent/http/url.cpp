#include <algorithm>
#include <cctype>
#include <charconv>

#include "agent/http/client.hpp"
#include "agent/http/head.hpp"
#include "agent/http/target.hpp"

namespace evenkeel::http {

namespace {

using Wrong = tl::unexpected<std::string>;

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

bool is_host_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_';
}

tl::expected<std::uint16_t, std::string> parse_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > 65535) {
    return Wrong("port " + quoted(text) + " is not a number from 1 to 65535");
  }
  return static_cast<std::uint16_t>(value);
}

struct HostAndRest {
  std::string host;
  std::string_view rest;  // ":port" or nothing
};

tl::expected<HostAndRest, std::string> split_host(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return Wrong("'[' without ']' around the IPv6 address");
    const std::string host(authority.substr(1, close - 1));
    if (!is_ipv6(host)) return Wrong(quoted(host) + " is not an IPv6 address");
    return HostAndRest{host, authority.substr(close + 1)};
  }
  const auto colon = authority.find(':');
  if (colon != authority.rfind(':')) {
    return Wrong("more than one ':' in " + quoted(authority) +
                 " (an IPv6 address goes in brackets: http://[::1]:9091)");
  }
  const auto host = authority.substr(0, colon);
  if (host.empty()) return Wrong("no host");
  if (!std::all_of(host.begin(), host.end(), is_host_character)) {
    return Wrong("host " + quoted(host) + " has a character that no host name has");
  }
  return HostAndRest{std::string(host),
                     colon == std::string_view::npos ? "" : authority.substr(colon)};
}

tl::expected<Url, std::string> parse(std::string_view text) {
  Url url;
  if (lower(text.substr(0, 7)) == "http://") {
    text.remove_prefix(7);
  } else if (lower(text.substr(0, 8)) == "https://") {
    text.remove_prefix(8);
    url.tls = true;
  } else {
    return Wrong("it must begin with http:// or https://");
  }

  const auto authority = text.substr(0, text.find_first_of("/?#"));
  const auto target = text.substr(authority.size());
  if (authority.find('@') != std::string_view::npos) {
    return Wrong("a user name or password in a URL is not supported");
  }
  auto split = split_host(authority);
  if (!split) return Wrong(split.error());
  url.host = std::move(split->host);

  url.port = url.tls ? 443 : 80;
  if (!split->rest.empty()) {
    if (split->rest.front() != ':') return Wrong("unexpected text after the IPv6 address");
    const auto port = parse_port(split->rest.substr(1));
    if (!port) return Wrong(port.error());
    url.port = *port;
  }

  // Other characters would end the request line early, or begin a second one.
  if (!std::all_of(target.begin(), target.end(), is_target_character)) {
    return Wrong("the path may not have spaces, control characters, '#' or anything but ASCII");
  }
  url.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  return url;
}

}  // namespace

tl::expected<std::string, std::string> host_of(std::string_view address) {
  const auto wrong = [&](const std::string& what) {
    auto said = "address " + quoted(address.substr(0, 80)) + " names no host: " + what;
    for (char& c : said) {
      if (c < ' ' || c > '~') c = '?';
    }
    return Wrong(std::move(said));
  };
  const auto colon = address.rfind(':');
  if (!address.starts_with('[') && colon != address.find(':')) {
    const auto before_port = address.substr(0, colon);
    if (is_ipv6(before_port) && parse_port(address.substr(colon + 1))) {
      return std::string(before_port);
    }
    if (is_ipv6(address)) return std::string(address);
  }
  auto split = split_host(address);
  if (!split) return wrong(split.error());
  if (!split->rest.empty()) {
    if (split->rest.front() != ':') return wrong("unexpected text after the IPv6 address");
    if (const auto port = parse_port(split->rest.substr(1)); !port) return wrong(port.error());
  }
  constexpr std::size_t kLongestName = 253;
  if (split->host.size() > kLongestName) return wrong("it is too long");
  return std::move(split->host);
}

std::string Url::authority() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Url::str() const {
  return (tls ? "https://" : "http://") + authority() + target;
}

tl::expected<Url, std::string> parse_url(std::string_view text) {
  return parse(text).map_error(
      [&](const std::string& what) { return "URL " + quoted(text) + ": " + what; });
}

}  // namespace evenkeel::http
