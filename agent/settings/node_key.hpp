#pragma once
// The names of nodes in [capacity.node], and the nodes that a name means.

#include <set>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "rules/cluster.hpp"

namespace evenkeel::settings {

// One name, taken apart.
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
