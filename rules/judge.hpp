#pragma once
// judge: what is wrong with a cluster, what is not, and what cannot be judged. Pure.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/forecast.hpp"
#include "rules/ledger.hpp"
#include "rules/policy.hpp"
#include "rules/rejection.hpp"

namespace evenkeel::rules {

// The verdict on a node.
enum class NodeState {
  fine,
  overloaded,  // above the threshold in every sample of the evidence
  gathering,   // above the threshold now, but not yet in enough samples (or not since the last move
               // that touched it)
  cannot_judge,  // see `reason`
  exempt,        // takes no part: a streaming node, or one that Milvus is emptying
};

// The reason for a verdict, mostly why something cannot be judged.
enum class Reason {
  none,
  policy_unusable,  // its figures are no numbers or contradict each other: see usable()
  no_id,            // a node or replica with the id 0, which Milvus gives to none
  node_unreachable,
  node_ambiguous,     // two targets claim its id
  node_listed_twice,  // two entries of the node list have its id
  node_unlisted,
  node_stopping,
  node_invalid,
  capacity_unknown,
  sample_missing,
  sample_stale,
  too_few_samples,  // fewer than Policy::evidence_samples
  moved_since,      // not enough samples newer than the last move that touched it
  move_in_flight,
  collection_incomplete,   // could not be read without an error
  collection_stuck,        // for so long that the others no longer wait for it
  collection_unlisted,     // its replica is listed, the collection is not
  replica_contradictory,   // the replica is listed twice, and not alike
  segment_in_transit,      // a segment of the replica is on two of its nodes, or still loading
  segments_contradictory,  // the lists of its segments cannot be right: see contradicts()
  in_no_replica,           // no replica names the overloaded node, so nothing on it may move
  memory_stays,            // an overloaded node: see NodeVerdict::memory_stays
  streaming_node,          // holds growing segments: takes no part
  node_leaving,            // Milvus is emptying it: takes no part
  role_unknown,            // a query node or a streaming node: this 2.6 does not tell
  nodes_leaving,    // the replica is leaving some of its nodes, and Milvus does not say which
  memory_unlisted,  // one of its nodes holds a collection that no list names, and memory of that
                    // size that nothing else explains
  single_node,      // a replica of one node has nowhere to move anything, so it counts as balanced
  no_nodes,
};

// The judgement of one node.
struct NodeVerdict {
  NodeId id{};
  NodeState state = NodeState::cannot_judge;
  Reason reason = Reason::none;
  Bytes used = 0;      // the newest sample
  Bytes expected = 0;  // with the ledger's corrections, for planning
  Bytes capacity = 0;
  double ratio = 0;  // expected ÷ capacity; 0 where it cannot be judged
  int samples = 0;   // usable samples of the evidence, of Policy::evidence_samples
  // Memory that the node's segments do not explain, as last read in calm, and how much higher it
  // has been of late: that much free memory is not given to segments.
  Bytes unexplained = 0;
  Bytes kept_free = 0;
  // Bytes × Policy::loading_peak that may arrive besides our flights: others' moves to or from the
  // node, as far as the lists show, and moves of ours that were given up without an answer. Samples
  // show them in part at most, so they are kept free as well.
  Bytes may_arrive = 0;
  // Segments left it and its memory did not fall: nothing more is moved off it for now.
  bool memory_stays = false;
  // A person wants it to be empty: no destination, and no part of any difference.
  bool drained = false;
  std::optional<Growth> growth = std::nullopt;  // of its memory; none: not known yet
  std::optional<Forecast> forecast =
      std::nullopt;  // none: it does not pass its threshold within a day
  // Bytes by which it will surely grow within Policy::act_ahead: they are kept free, too.
  Bytes to_grow = 0;
  // It is fine, and with these bytes it will be overloaded: it is relieved as if it were. Only
  // after kLeastCourse without a move of ours, so that each relief must prove not to be enough.
  bool ahead = false;
};

// The node was judged: it is neither exempt nor impossible to judge.
[[nodiscard]] bool was_judged(const NodeVerdict& verdict);

// The verdict on a replica.
enum class ReplicaState {
  balanced,
  difference,  // spread above the limit in all the evidence
  gathering,   // spread above it now, evidence incomplete
  cannot_judge,
};

// The judgement of one replica.
struct ReplicaVerdict {
  ReplicaId id{};
  CollectionId collection{};
  ReplicaState state = ReplicaState::cannot_judge;
  Reason reason = Reason::none;
  // The figures are there whenever all its nodes could be judged, even where the replica could not.
  std::optional<NodeId> highest;
  std::optional<NodeId> lowest;
  double highest_ratio = 0;
  double lowest_ratio = 0;
  double spread = 0;  // highest_ratio − lowest_ratio
  double limit = 0;   // the stop mark while the replica is being levelled
  // The first node that the reason is about, where the replica cannot be judged because of it.
  std::optional<NodeId> node = std::nullopt;
};

// The replica cannot be judged, and has something to level: a replica of one node or none has not.
[[nodiscard]] bool unhealthy(const ReplicaVerdict& verdict);
// Only this replica is not levelled for now; no other waits for it.
[[nodiscard]] bool waits_alone(const ReplicaVerdict& verdict);

// Copies of segments that are set aside, counted by reason, replica and node.
struct SetAside {
  ReplicaId replica{};  // 0: of no replica, or of several on the same nodes
  NodeId node{};
  Misfit why = Misfit::node_unknown;
  std::int64_t count = 0;  // copies of segments
};

inline constexpr std::size_t kMaxSetAside = 200;

// The verdicts on all nodes and replicas of a cluster.
struct Judgement {
  std::vector<NodeVerdict> nodes;        // sorted by id
  std::vector<ReplicaVerdict> replicas;  // sorted by (collection, id)
  std::vector<SetAside> set_aside;       // by why, replica and node, at most kMaxSetAside
  std::int64_t set_aside_copies = 0;     // also those beyond kMaxSetAside
  bool coordinator_complete = false;
  // Every collection was read without an error, but for stuck ones.
  bool collections_complete = true;
  // The first collection that the others no longer wait for.
  std::optional<CollectionId> stuck;
  // The first node with memory of a collection that no list names, and that nothing else explains.
  std::optional<NodeId> unlisted_memory;

  [[nodiscard]] const NodeVerdict* node(NodeId id) const;
  [[nodiscard]] const ReplicaVerdict* replica(ReplicaId id) const;
  [[nodiscard]] bool overloaded() const;           // some node
  [[nodiscard]] bool ahead() const;                // some node will be
  [[nodiscard]] bool different() const;            // some replica
  [[nodiscard]] bool beyond(double spread) const;  // some different replica by more than this
  [[nodiscard]] bool gathering() const;            // something looks wrong, evidence incomplete
  // All was read, every node could be judged, and no replica is unhealthy().
  [[nodiscard]] bool all_healthy() const;
  // Some replica waits_alone(), a collection is stuck, or some memory is of an unlisted collection.
  [[nodiscard]] bool waiting_alone() const;
  [[nodiscard]] bool balanced() const;        // all was judged, and nothing is wrong or looks wrong
  [[nodiscard]] double worst_spread() const;  // 0 where no replica has figures
};

class Inventory;  // rules/inventory.hpp

[[nodiscard]] Judgement judge(const Inventory& inventory, const Policy& policy,
                              const Ledger& ledger, TimePoint now);
[[nodiscard]] Judgement judge(const Cluster& cluster, const Policy& policy, const Ledger& ledger,
                              TimePoint now);

}  // namespace evenkeel::rules
