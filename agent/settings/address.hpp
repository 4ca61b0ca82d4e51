#pragma once
// Addresses to listen on and the names of nodes have a shape, so that a mistyped one is found
// before anything starts.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "agent/util/url.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::settings {

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
