#pragma once
// plan: the moves that put right the faults of a judgement, and the moves that were rejected. Pure
// and deterministic: the order of the cluster's lists does not matter.
//
// The problem. Nodes have a capacity each, and use memory that their segments explain only in part:
// the rest (growing segments, caches, the process) cannot be moved, comes and goes, and has to find
// room. A segment may go to the nodes of its own replica alone; replicas on the same nodes, or on
// nodes that overlap, share that room. Segments differ in size by orders of magnitude and cannot be
// divided. A destination needs room for the copy and for its loading peak (Policy::loading_peak)
// before the source frees its own; the source's memory falls late or never, so a segment that
// leaves gives nobody room in the same plan. Moves may be under way already.
//
// The goals, in this order: no node over its threshold; the spread of every replica that differs
// inside the stop mark, and of no other beyond its limit; the fewest bytes moved; the fewest calls.
// That is subset sum and bin packing at once, so a plan is made in two ways:
// - quickly, for any size: relieve takes from each overloaded node, level from the highest node of
//   the worst set, just enough bytes, to where the ratio ends lowest. For levelling, enough is the
//   part outside the band of ratios for which a fluid would have to move least (fluid.hpp): a lower
//   bound for every plan. n log n in the number of segments, for sorting them (inventory.hpp).
// - thoroughly, where a component of the cluster is small and its segments coarse: a search
//   (search.hpp) sets swaps, chains and other subsets against the quick plan, and the better one is
//   taken. It is bounded by Policy::effort, in steps, since a clock would make the same input give
//   two plans: the best plan found by then is taken.
// Where an overloaded node's segments find no room, room is made (Move::makes_room_for): a
// neighbour passes segments on in this plan, and the overloaded node follows in a later one.
//
// The invariants of every plan: a destination stays below its threshold even if all segments
// planned towards it load at once and none that leaves it is freed; no node ends higher than the
// worst of its replica was; the potential Σ use² ÷ capacity falls with every move, or with every
// exchange (moves that help only together, Move::exchange), or with the segment that room was made
// for; no segment moves that has moved within its rest, has failed too often, or is listed
// contradictorily; urgencies are not mixed.
//
// It ends: the quick way takes a segment in each pass and each segment once; the search is bounded
// by Policy::effort and by the number of moves in a plan.

#include "rules/inventory.hpp"
#include "rules/ledger.hpp"
#include "rules/plan.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

[[nodiscard]] Plan plan(const Inventory& inventory, const Judgement& judgement,
                        const Policy& policy, const Ledger& ledger, TimePoint now);
[[nodiscard]] Plan plan(const Cluster& cluster, const Judgement& judgement, const Policy& policy,
                        const Ledger& ledger, TimePoint now);

}  // namespace evenkeel::rules
