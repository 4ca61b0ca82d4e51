#pragma once
// How [capacity.node] names nodes, and which nodes a name means.

#include <set>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "rules/cluster.hpp"

namespace evenkeel::settings {

struct NodeKey {
  // The most exact first: of the keys that name a node, the first kind counts.
  enum class Kind {
    id,       // "3"; a node has a new one after each start
    address,  // "127.0.0.1:21131", as the coordinator names it
    host,     // "127.0.0.1", "querynode-0": on whatever port
    pattern,  // "querynode-big-*", "10.0.1.?:*": of a host, or with a colon of an address
    group,    // "group:big": a resource group
  };
  Kind kind{};
  std::string name;  // what is compared: without "group:", hosts without brackets, lower case
};

// The error says what is expected, without naming where the text stands.
[[nodiscard]] tl::expected<NodeKey, std::string> parse_node_key(std::string_view text);

// `groups`: the node's resource groups, as far as they are known.
[[nodiscard]] bool names(const NodeKey& key, rules::NodeId id, std::string_view address,
                         const std::set<std::string>& groups);

}  // namespace evenkeel::settings
