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

// What is not set is any.
struct Scope {
  std::optional<CollectionId> collection = std::nullopt;
  std::optional<NodeId> node = std::nullopt;
  std::optional<ReplicaId> replica = std::nullopt;

  auto operator<=>(const Scope&) const = default;
};

// One scope or several, of which a move has to concern one; without any it is the whole cluster.
class Focus {
 public:
  // More scopes than this are as good as the whole cluster.
  static constexpr std::size_t kMaxScopes = 64;

  Focus() = default;
  explicit Focus(const Scope& scope) { add(scope); }

  [[nodiscard]] bool everything() const { return scopes_.empty(); }
  [[nodiscard]] const std::set<Scope>& scopes() const { return scopes_; }

  // From now on also what the other one is about.
  void widen(const Focus& other);
  // From or to the scope's node, of its collection and replica.
  [[nodiscard]] bool concerns(const Move& move) const;
  // A segment of it, where it is.
  [[nodiscard]] bool concerns(const Segment& segment) const;

 private:
  void add(const Scope& scope);

  std::set<Scope> scopes_;
};

// "collection 7 on node 3", "node 3 or node 4"; "" for the whole cluster.
[[nodiscard]] std::string words(const Focus& focus);

struct FocusedPlan {
  Plan plan;
  std::size_t left_out = 0;  // moves
  std::string words;         // what was left out and why, without a full stop; "" where nothing was
};

// The moves of the plan that concern the focus, in their order. What belongs together stays
// together: an exchange, and what makes room for a segment, which concerns the focus where that
// segment does. A levelling move that helps only after others that are left out is left out with
// them. The ratios of what stays are those without what went.
[[nodiscard]] FocusedPlan cut(Plan plan, const Focus& focus, const Cluster& cluster,
                              const Judgement& judgement);

}  // namespace evenkeel::rules
