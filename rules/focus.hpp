#pragma once
// focus: the part of a cluster that somebody asks to be put right, and a plan cut to it. Pure.

#include <compare>
#include <cstddef>
#include <optional>
#include <set>
#include <string>

#include "rules/cluster.hpp"
#include "rules/judge.hpp"
#include "rules/plan.hpp"

namespace evenkeel::rules {

// A collection, node and replica that somebody asked about; any where not set.
struct Scope {
  std::optional<CollectionId> collection = std::nullopt;
  std::optional<NodeId> node = std::nullopt;
  std::optional<ReplicaId> replica = std::nullopt;

  auto operator<=>(const Scope&) const = default;
};

// The scopes that a plan is cut to: a move has to concern one of them. Without any it is the whole
// cluster.
class Focus {
 public:
  // More scopes than this count as the whole cluster.
  static constexpr std::size_t kMaxScopes = 64;

  Focus() = default;
  explicit Focus(const Scope& scope) { add(scope); }

  [[nodiscard]] bool everything() const { return scopes_.empty(); }
  [[nodiscard]] const std::set<Scope>& scopes() const { return scopes_; }

  // Adds the other focus's scopes.
  void widen(const Focus& other);
  // The move is from or to a scope's node, and of its collection and replica.
  [[nodiscard]] bool concerns(const Move& move) const;
  // A scope covers the segment where it is now.
  [[nodiscard]] bool concerns(const Segment& segment) const;

 private:
  void add(const Scope& scope);

  std::set<Scope> scopes_;
};

// "collection 7 on node 3", "node 3 or node 4"; "" for the whole cluster.
[[nodiscard]] std::string words(const Focus& focus);

// A plan that was cut to a focus.
struct FocusedPlan {
  Plan plan;
  std::size_t left_out = 0;  // moves
  std::string words;         // the moves left out and why, without a full stop; "": none
};

// The moves of the plan that concern the focus, in their order. An exchange stays together, and a
// move that makes room for a segment concerns the focus where that segment does. A levelling move
// that helps only after moves that are left out is left out with them. Ratios are recomputed for
// the moves that stay.
[[nodiscard]] FocusedPlan cut(Plan plan, const Focus& focus, const Cluster& cluster,
                              const Judgement& judgement);

}  // namespace evenkeel::rules
