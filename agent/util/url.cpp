#include "agent/util/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "agent/util/format.hpp"

namespace evenkeel {
namespace {

using Failure = tl::unexpected<std::string>;

bool is_name_character(char c) {
  // DNS has no underscore, but container networks name services with it.
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

bool valid_ip(int family, const std::string& text) {
  in6_addr address{};
  return inet_pton(family, text.c_str(), &address) == 1;
}

bool valid_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), is_name_character);
}

// A name whose last label is a number can only be an IPv4 address.
bool valid_name(std::string_view host) {
  constexpr std::size_t kLongestName = 253;
  if (host.empty() || host.size() > kLongestName) return false;
  std::string_view rest = host;
  if (rest.back() == '.') rest.remove_suffix(1);  // the DNS root
  while (true) {
    const std::size_t dot = rest.find('.');
    const std::string_view label = rest.substr(0, dot);
    if (!valid_label(label)) return false;
    if (dot == std::string_view::npos) {
      return !all_digits(label) || valid_ip(AF_INET, std::string(host));
    }
    rest.remove_prefix(dot + 1);
  }
}

tl::expected<HostPort, std::string> split_bracketed(std::string_view text) {
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos)
    return Failure("the bracket of the IPv6 address is not closed");
  HostPort result;
  result.host = std::string(text.substr(1, close - 1));
  if (!valid_ip(AF_INET6, result.host))
    return Failure("what stands in brackets is no IPv6 address");
  std::string_view rest = text.substr(close + 1);
  if (rest.empty()) return result;
  if (rest.front() != ':') return Failure("expected a colon and a port after the bracket");
  result.port = rest.substr(1);
  result.has_port = true;
  return result;
}

}  // namespace

bool is_ipv6(std::string_view address) {
  return valid_ip(AF_INET6, std::string(address));
}

tl::expected<HostPort, std::string> split_host_port(std::string_view text) {
  if (!text.empty() && text.front() == '[') return split_bracketed(text);
  HostPort result;
  const std::size_t colon = text.find(':');
  if (colon != text.rfind(':'))
    return Failure("more than one colon; an IPv6 address must stand in brackets: \"[::1]:80\"");
  result.host = std::string(text.substr(0, colon));
  if (!result.host.empty() && !valid_name(result.host)) {
    return Failure("the host is neither a name nor an IP address");
  }
  if (colon != std::string_view::npos) {
    result.port = text.substr(colon + 1);
    result.has_port = true;
  }
  return result;
}

tl::expected<std::uint16_t, std::string> parse_port(std::string_view text, int lowest) {
  int port = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool number = all_digits(text) && error == std::errc{} && end == text.data() + text.size();
  if (!number || port < lowest || port > 65535) {
    return Failure("the port must be a number from " + std::to_string(lowest) + " to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

namespace {

bool has_foreign_characters(std::string_view url) {
  return std::any_of(url.begin(), url.end(),
                     [](unsigned char c) { return c <= 0x20 || c >= 0x7f; });
}

constexpr const char* kForeign = "a URL has no spaces, control characters or letters beyond ASCII";

// Completes `url`, which has its scheme and the port that is meant where none is named, by what
// follows the scheme.
tl::expected<HttpUrl, std::string> complete(HttpUrl url, std::string_view text) {
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  const std::string_view authority = text.substr(0, end);
  url.target = std::string(text.substr(end));
  if (authority.find('@') != std::string_view::npos) {
    return Failure("a URL must not hold a user name or password");
  }
  if (url.target.find('#') != std::string_view::npos) {
    return Failure("a URL must not have a fragment ('#' and what follows)");
  }
  const auto host_port = split_host_port(authority);
  if (!host_port) return Failure(host_port.error());
  if (host_port->host.empty()) return Failure("the URL names no host");
  url.host = lower(host_port->host);
  if (host_port->has_port) {
    const auto port = parse_port(host_port->port);
    if (!port) return Failure(port.error());
    url.port = *port;
  }
  return url;
}

}  // namespace

tl::expected<HttpUrl, std::string> split_url(std::string_view text) {
  if (text.empty()) return Failure("expected a URL such as \"http://host:9091\", got nothing");
  if (has_foreign_characters(text)) return Failure(kForeign);
  const std::size_t separator = text.find("://");
  if (separator == std::string_view::npos) {
    return Failure("a URL must begin with http:// or https://");
  }
  constexpr std::size_t kShown = 20;  // characters of a wrong scheme
  HttpUrl url;
  url.scheme = lower(text.substr(0, separator));
  if (url.scheme != "http" && url.scheme != "https") {
    return Failure("the scheme '" + url.scheme.substr(0, kShown) + "' is neither http nor https");
  }
  url.port = url.scheme == "https" ? 443 : 80;
  return complete(std::move(url), text.substr(separator + 3));
}

bool is_grpc_url(std::string_view text) {
  const auto separator = text.find("://");
  if (separator == std::string_view::npos) return false;
  const auto scheme = lower(text.substr(0, separator));
  return scheme == "grpc" || scheme == "grpcs";
}

tl::expected<HttpUrl, std::string> split_grpc_url(std::string_view text,
                                                  std::uint16_t standard_port) {
  if (!is_grpc_url(text)) return Failure("a URL of gRPC begins with grpc:// or grpcs://");
  if (has_foreign_characters(text)) return Failure(kForeign);
  const auto separator = text.find("://");
  HttpUrl url;
  url.scheme = lower(text.substr(0, separator));
  url.port = standard_port;
  return complete(std::move(url), text.substr(separator + 3));
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (is_name_character(c) || c == '.' || c == '~') {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return encoded;
}

}  // namespace evenkeel
