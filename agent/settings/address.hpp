#pragma once
// URLs, host:port texts and the names of nodes have a shape, so that a mistyped one is found before
// anything starts. http::parse_url would do for URLs, but its header brings Asio into every reader
// of settings, and it repeats the text. It takes every URL that passes here.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "rules/cluster.hpp"

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

// An address to listen on: "host:port", "[::1]:port" or ":port".
struct Listen {
  std::string host;        // without brackets; empty: every interface
  std::uint16_t port = 0;  // 0: any free one
  // True if only this machine can reach it.
  [[nodiscard]] bool is_loopback() const;
};
[[nodiscard]] tl::expected<Listen, std::string> parse_listen(std::string_view text);

// A name of nodes in [capacity.node], taken apart.
struct NodeKey {
  // The most exact kind comes first; the first kind that names a node counts.
  enum class Kind {
    id,       // "3"; a node has a new one after each start
    address,  // "127.0.0.1:21131", as the coordinator names it
    host,     // "127.0.0.1", "querynode-0": on any port
    pattern,  // "querynode-big-*", "10.0.1.?:*": a host, or with a colon an address
    group,    // "group:big": a resource group
  };
  Kind kind{};
  std::string name;  // without "group:"; hosts without brackets; all but groups in lower case
};

// The error says what is expected, but not where the text stands.
[[nodiscard]] tl::expected<NodeKey, std::string> parse_node_key(std::string_view text);

// `groups` are the node's resource groups, as far as they are known.
[[nodiscard]] bool names(const NodeKey& key, rules::NodeId id, std::string_view address,
                         const std::set<std::string>& groups);

}  // namespace evenkeel::settings
