#pragma once
// What a request says: its query, its body, and the names and ids in them.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/api/response.hpp"
#include "rules/cluster.hpp"
#include "rules/focus.hpp"

namespace evenkeel::api {

// Reads an id as the API writes it: decimal digits, with a '-' at most; none if it is not one.
[[nodiscard]] std::optional<std::int64_t> parse_id(std::string_view text);

// The decoded query of a request: "limit=20&collection=book".
class Query {
 public:
  // Refuses a parameter that is not `known` or is there twice, and bad percent-encoding.
  [[nodiscard]] static Checked<Query> parse(std::string_view text,
                                            std::initializer_list<std::string_view> known);

  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  // Takes decimal digits alone, from 1 to `most`; `absent` if it is not there.
  [[nodiscard]] Checked<std::size_t> count(std::string_view name, std::size_t absent,
                                           std::size_t most) const;
  [[nodiscard]] Checked<std::optional<std::int64_t>> id(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// The body of a POST: a JSON object with known members. Null is as good as absent.
class Body {
 public:
  // An empty text is an empty object. A member that is not `known` is refused: misspelt, it would
  // widen what is asked for.
  [[nodiscard]] static Checked<Body> parse(std::string_view text,
                                           std::initializer_list<std::string_view> known);

  [[nodiscard]] Checked<std::optional<std::string>> text(const char* name) const;
  // An id is a text of decimal digits: as a number, many a reader would round it.
  [[nodiscard]] Checked<std::optional<std::int64_t>> id(const char* name) const;
  // More than `most` ids are refused.
  [[nodiscard]] Checked<std::vector<std::int64_t>> ids(const char* name, std::size_t most) const;
  [[nodiscard]] Checked<std::optional<bool>> flag(const char* name) const;
  [[nodiscard]] Checked<std::optional<std::int64_t>> whole(const char* name, std::int64_t least,
                                                           std::int64_t most) const;

 private:
  [[nodiscard]] const nlohmann::json* find(const char* name) const;  // null: absent

  nlohmann::json object_;
};

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
