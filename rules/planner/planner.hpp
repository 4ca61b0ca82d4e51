#pragma once
// plan: which segments to move to put right what the judgement found, and what was considered and
// rejected. Pure and deterministic: the order of the cluster's lists does not matter.
//
// The problem. Nodes have a capacity each, and use memory that their segments explain only in part:
// the rest (growing segments, caches, the process) cannot be moved, comes and goes, and has to find
// room. A segment may go to the nodes of its own replica alone; replicas on the same nodes, or on
// nodes that overlap, share that room. Segments differ in size by orders of magnitude and cannot be
// divided. A destination needs room for the copy, and for what loading takes beyond it
// (Policy::loading_peak), before the source frees its own; the source's memory falls late or never,
// so what leaves a node gives nobody room in the same plan. Moves may be under way already.
//
// What is wanted, in this order: no node over its threshold; the spread of every replica that
// differs inside the stop mark, and of no other beyond its limit; the fewest bytes moved; the
// fewest calls. That is subset sum and bin packing at once, so a plan is made in two ways:
// - quickly, for any size: relieve takes from each overloaded node, level from the highest node of
//   the worst set, what is just enough, to where the ratio ends lowest. For levelling, enough is
//   what lies outside the band of ratios for which a fluid would have to move least (fluid.hpp): a
//   lower bound for every plan. n log n in the number of segments, for sorting them
//   (inventory.hpp).
// - thoroughly, where a part of the cluster is small and its segments coarse: a search (search.hpp)
//   sets swaps, chains and other subsets against the quick plan, and the better one is taken. It is
//   bounded by Policy::effort, in steps, since a clock would make the same input give two plans:
//   the best found when it is used up is the plan.
// Where an overloaded node's segments find no room, room is made (Move::makes_room_for): a
// neighbour passes segments on in this plan, and the overloaded node follows in a later one.
//
// What every plan keeps: a destination stays below its threshold even if all that is planned
// towards it loads at once and nothing that leaves it is freed; nobody ends higher than the worst
// of its replica was; the potential Σ use² ÷ capacity falls with every move, or with every exchange
// (moves that help only together, Move::exchange), or with what room was made for; nothing moves
// that has moved within its rest, has failed too often, or is listed contradictorily; urgencies are
// not mixed.
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
