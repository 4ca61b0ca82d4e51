#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/focus.hpp"

namespace evenkeel::api {

// Looks up the names and ids that a request may use.
class Known {
 public:
  explicit Known(const rules::Cluster& cluster);

  // Finds collections by name, else by id; each database may have one. None: it is not loaded.
  [[nodiscard]] std::vector<rules::CollectionId> collections(std::string_view text) const;
  [[nodiscard]] bool has(rules::NodeId id) const { return nodes_.contains(id); }
  [[nodiscard]] bool has(rules::ReplicaId id) const { return replicas_.contains(id); }

 private:
  std::multimap<std::string, rules::CollectionId, std::less<>> by_name_;
  std::set<rules::CollectionId> collections_;
  std::set<rules::NodeId> nodes_;
  std::set<rules::ReplicaId> replicas_;
};

// Limits the scope to these collections; without any it is not limited.
[[nodiscard]] rules::Focus focus_in(const std::vector<rules::CollectionId>& collections,
                                    rules::Scope scope);

}  // namespace evenkeel::api
