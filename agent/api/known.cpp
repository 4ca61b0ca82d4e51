#include "agent/api/known.hpp"

#include "agent/api/query.hpp"

namespace evenkeel::api {

Known::Known(const rules::Cluster& cluster) {
  for (const auto& collection : cluster.collections) {
    by_name_.emplace(collection.name, collection.id);
    if (collection.own_name.empty()) {
      collections_.insert(collection.id);
      continue;
    }
    const std::string whole = collection.database + "." + collection.own_name;
    if (whole != collection.name) by_name_.emplace(whole, collection.id);
    if (collection.own_name != collection.name)
      by_name_.emplace(collection.own_name, collection.id);
    collections_.insert(collection.id);
  }
  for (const auto& node : cluster.nodes) nodes_.insert(node.id);
  for (const auto& replica : cluster.replicas) replicas_.insert(replica.id);
}

std::vector<rules::CollectionId> Known::collections(std::string_view text) const {
  std::vector<rules::CollectionId> found;
  const auto [begin, end] = by_name_.equal_range(text);
  for (auto it = begin; it != end; ++it) found.push_back(it->second);
  if (!found.empty()) return found;
  const auto id = parse_id(text);
  if (id && collections_.contains(rules::CollectionId{*id})) {
    found.push_back(rules::CollectionId{*id});
  }
  return found;
}

rules::Focus focus_in(const std::vector<rules::CollectionId>& collections, rules::Scope scope) {
  if (collections.empty()) return rules::Focus(scope);
  scope.collection = collections.front();
  rules::Focus focus(scope);
  for (const auto id : collections) {
    scope.collection = id;
    focus.widen(rules::Focus(scope));
  }
  return focus;
}

}  // namespace evenkeel::api
