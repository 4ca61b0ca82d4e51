#include "agent/settings/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "agent/settings/units.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::settings {
namespace {

using Failure = tl::unexpected<std::string>;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

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

constexpr std::string_view kGroup = "group:";

// Names of groups begin with a letter or an underscore, so digits alone after "group:" are a port.
std::optional<std::string_view> group_of(std::string_view text) {
  if (!text.starts_with(kGroup) || all_digits(text.substr(kGroup.size()))) return std::nullopt;
  return text.substr(kGroup.size());
}

bool in_pattern(char c) {
  constexpr std::string_view kOthers = "*?.:-_[]";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         kOthers.find(c) != std::string_view::npos;
}

tl::expected<NodeKey, std::string> parse_id(std::string_view text) {
  std::int64_t id = 0;
  const bool fits = std::from_chars(text.data(), text.data() + text.size(), id).ec == std::errc{};
  // A leading zero would never equal the id as the agent writes it.
  if (fits && id > 0 && text.front() != '0') return NodeKey{NodeKey::Kind::id, std::string(text)};
  return Failure("a node id is a number above 0 without leading zeros");
}

// "*" stands for any number of characters, "?" for one.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t from = 0;
  std::optional<std::size_t> star;  // the last one, which stands for the text up to `end`
  std::size_t end = 0;
  while (from < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      end = from;
    } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == text[from])) {
      ++at;
      ++from;
    } else if (star) {
      at = *star + 1;
      from = ++end;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

// Returns the host of an address as the coordinator gives it, which may be any text.
std::string_view host_of(std::string_view address) {
  if (address.starts_with('[')) {
    return address.substr(1, std::min(address.find(']'), address.size()) - 1);
  }
  return address.substr(0, address.rfind(':'));
}

}  // namespace

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

tl::expected<HttpUrl, std::string> check_url(std::string_view text) {
  if (text.empty()) return Failure("expected a URL such as \"http://host:9091\", got nothing");
  const auto foreign = [](unsigned char c) { return c <= 0x20 || c >= 0x7f; };
  if (std::any_of(text.begin(), text.end(), foreign)) {
    return Failure("a URL has no spaces, control characters or letters beyond ASCII");
  }
  HttpUrl url;
  const std::size_t separator = text.find("://");
  if (separator == std::string_view::npos) {
    return Failure("a URL must begin with http:// or https://");
  }
  url.scheme = lower(text.substr(0, separator));
  if (url.scheme != "http" && url.scheme != "https") {
    return Failure("the scheme '" + printable(url.scheme) + "' is neither http nor https");
  }
  text.remove_prefix(separator + 3);
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
  url.port = url.scheme == "https" ? 443 : 80;
  if (host_port->has_port) {
    const auto port = parse_port(host_port->port);
    if (!port) return Failure(port.error());
    url.port = *port;
  }
  return url;
}

tl::expected<Listen, std::string> parse_listen(std::string_view text) {
  const std::string expected =
      "expected an address to listen on, such as \"127.0.0.1:10931\" or \":10931\"";
  if (text.find(':') == std::string_view::npos) return Failure(expected);
  const auto host_port = split_host_port(text);
  if (!host_port) return Failure(host_port.error());
  if (!host_port->has_port) return Failure(expected);
  const auto port = parse_port(host_port->port, 0);
  if (!port) return Failure(port.error());
  return Listen{host_port->host, *port};
}

bool Listen::is_loopback() const {
  if (host == "localhost" || host == "::1") return true;
  // Accepts 127.0.0.0/8, but no name that begins like that.
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

tl::expected<NodeKey, std::string> parse_node_key(std::string_view text) {
  if (all_digits(text)) return parse_id(text);
  if (const auto group = group_of(text)) {
    const bool shown = std::all_of(group->begin(), group->end(),
                                   [](unsigned char c) { return c > 0x20 && c != 0x7f; });
    if (!group->empty() && shown) return NodeKey{NodeKey::Kind::group, std::string(*group)};
    return Failure("after \"group:\" the name of a resource group is expected");
  }
  std::string name = lower(text);
  if (name.find_first_of("*?") != std::string::npos) {
    if (std::all_of(name.begin(), name.end(), in_pattern)) {
      return NodeKey{NodeKey::Kind::pattern, std::move(name)};
    }
    return Failure("a pattern has letters, digits, \"*\", \"?\" and what else stands in addresses");
  }
  const auto host_port = split_host_port(name);
  if (host_port && !host_port->host.empty()) {
    if (!host_port->has_port) return NodeKey{NodeKey::Kind::host, host_port->host};
    if (parse_port(host_port->port)) return NodeKey{NodeKey::Kind::address, std::move(name)};
  }
  return Failure(
      "a node is named by its id, such as \"3\", by its address as the coordinator gives it, such "
      "as "
      "\"127.0.0.1:21131\", by its host, such as \"querynode-0\", by a pattern of that, such as "
      "\"querynode-*\", or by its resource group, such as \"group:big\"");
}

bool names(const NodeKey& key, rules::NodeId id, std::string_view address,
           const std::set<std::string>& groups) {
  switch (key.kind) {
    case NodeKey::Kind::id:
      return key.name == to_string(id);
    case NodeKey::Kind::address:
      return key.name == lower(address);
    case NodeKey::Kind::host:
      return key.name == lower(host_of(address));
    case NodeKey::Kind::pattern: {
      const bool whole = key.name.find(':') != std::string::npos;
      return matches(key.name, lower(whole ? address : host_of(address)));
    }
    case NodeKey::Kind::group:
      return groups.contains(key.name);
  }
  return false;
}

}  // namespace evenkeel::settings
