#include "agent/settings/address.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "agent/settings/units.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::settings {
namespace {

using Failure = tl::unexpected<std::string>;

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
      "a node is named by its id, such as \"3\", by its address as Milvus gives it, such as "
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
