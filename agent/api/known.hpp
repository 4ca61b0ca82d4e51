#pragma once
// What a request may name of a cluster.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/focus.hpp"

namespace evenkeel::api {

class Known {
 public:
  explicit Known(const rules::Cluster& cluster);

  // By name, else by id. Several databases may each have one of that name; none: it is not loaded.
  [[nodiscard]] std::vector<rules::CollectionId> collections(std::string_view text) const;
  [[nodiscard]] bool has(rules::NodeId id) const { return nodes_.contains(id); }
  [[nodiscard]] bool has(rules::ReplicaId id) const { return replicas_.contains(id); }

 private:
  std::multimap<std::string, rules::CollectionId, std::less<>> by_name_;
  std::set<rules::CollectionId> collections_;
  std::set<rules::NodeId> nodes_;
  std::set<rules::ReplicaId> replicas_;
};

// The scope in each of these collections; in any where there is none.
[[nodiscard]] rules::Focus focus_in(const std::vector<rules::CollectionId>& collections,
                                    rules::Scope scope);

}  // namespace evenkeel::api
