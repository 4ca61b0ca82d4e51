#pragma once
// A cluster sorted for judging and planning: its nodes, its replicas, the sets of nodes on which
// replicas live, and for each node and set the segments that could move, by bytes. A value that
// depends on one Cluster alone, not on time, ledger or policy, and not on the order of the
// cluster's lists. A new one costs a sort of all segments; following from one cluster to the next,
// little more than a look at each.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/flat_table.hpp"
#include "rules/rejection.hpp"

namespace evenkeel::rules {

using Index = std::size_t;
inline constexpr Index kNone = static_cast<Index>(-1);

// A cluster's segments, sorted by node, set and size.
class Inventory {
 public:
  // A replica as listed; `contradictory` if it is listed twice with different content.
  struct ListedReplica {
    ReplicaId id{};
    CollectionId collection{};
    bool collection_listed = false;
    bool complete = false;  // its collection was read without an error
    bool contradictory = false;
    bool leaves_unknown = false;      // it is leaving nodes, and Milvus does not say which
    Index set = kNone;                // kNone: it cannot be believed, or has no id
    std::vector<Index> channel_sets;  // by channel, where each has nodes of its own
    std::vector<NodeId> streaming;    // members that take no part, ascending
    std::vector<NodeId> leaving;
    int in_transit = 0;               // segments on two of its nodes, or still loading
    std::int64_t contradictions = 0;  // copies of its segments that contradict the other lists
  };

  // A set of nodes that one replica or several live on. Replicas on the same nodes level together.
  struct NodeSet {
    std::vector<Index> nodes;  // ascending
    ReplicaId replica{};       // the first of the replicas
  };

  // A copy of a segment that may move, as far as the cluster's lists tell.
  struct MovableCopy {
    Bytes bytes = 0;  // positive
    SegmentId id{};
    std::uint32_t replica = 0;  // index in replicas()
    auto operator<=>(const MovableCopy&) const = default;
  };

  // A copy of a segment that may not move.
  struct UnmovableCopy {
    SegmentId id{};
    ReplicaId replica{};
    Rejection why{};
    auto operator<=>(const UnmovableCopy&) const = default;
  };

  // The segments that one node holds of the replicas on one set.
  struct NodeSegments {
    Index set = kNone;                 // kNone: their replicas are not known or cannot be believed
    std::vector<MovableCopy> movable;  // ascending
    std::vector<UnmovableCopy> unmovable;  // ascending
  };

  // The reason, replica (0: none) and node of copies that are set aside.
  using MisfitKey = std::tuple<Misfit, ReplicaId, NodeId>;

  // A way to change a node's segments: `append` leaves them to be sorted afterwards.
  enum class Change { append, insert, remove };

  explicit Inventory(std::shared_ptr<const Cluster> cluster);

  // Becomes the inventory of this cluster, as if made anew from it.
  void follow(std::shared_ptr<const Cluster> cluster);

  [[nodiscard]] const Cluster& cluster() const { return *cluster_; }
  // The nodes that the cluster lists and those that its replicas name, ascending, each once.
  [[nodiscard]] const std::vector<NodeId>& nodes() const { return nodes_; }
  [[nodiscard]] Index node(NodeId id) const;  // kNone: not known
  // By id and collection.
  [[nodiscard]] const std::vector<ListedReplica>& replicas() const { return replicas_; }
  // The sets of whole replicas and those of channels, by the first of their replicas.
  [[nodiscard]] const std::vector<NodeSet>& sets() const { return sets_; }
  [[nodiscard]] std::span<const Index> sets_of(Index node) const { return sets_of_[node]; }
  // By set; the last has kNone.
  [[nodiscard]] std::span<const NodeSegments> segments_on(Index node) const;
  [[nodiscard]] Index first_number_on(Index node) const { return first_number_on_[node]; }
  [[nodiscard]] const std::vector<NodeSegments>& node_segments() const { return node_segments_; }
  // The index of one of node_segments().
  [[nodiscard]] Index number_of(const NodeSegments& held) const {
    return static_cast<Index>(&held - node_segments_.data());
  }
  // Null: the node is not in the set.
  [[nodiscard]] const NodeSegments* segments_on(Index node, Index set) const;
  // A replica names the node.
  [[nodiscard]] bool in_replica(Index node) const { return in_replica_[node]; }
  // The number of copies that are set aside for what the cluster says of them. Copies larger than
  // their node's memory are not among them: the ledger knows that memory.
  [[nodiscard]] const std::map<MisfitKey, std::int64_t>& misfits() const { return misfits_; }
  // Copies of the replica's segments contradict the other lists, or such copies of its collection
  // are of no known replica, so they may be of this one.
  [[nodiscard]] bool contradicted(const ListedReplica& replica) const;
  // A listed copy of the segment, the same one whatever the order of the list where all copies are
  // alike; null: none.
  [[nodiscard]] const Segment* segment(const SegmentKey& key) const;
  // The copies of sealed segments that are on two nodes of their replica, or more.
  [[nodiscard]] std::vector<const Segment*> in_transit() const;

 private:
  static std::uint64_t hash_of(const std::int64_t& id);
  static std::uint64_t hash_of(const SegmentKey& key);
  using Ids = FlatTable<std::int64_t, hash_of>;
  using Keys = FlatTable<SegmentKey, hash_of>;

  // The place of a copy in the inventory: a node's segments, and whether the copy may move.
  struct Entry {
    Index held = kNone;  // index in node_segments(); kNone: its node is gone
    std::uint32_t replica = 0;
    std::optional<Rejection> rejection;
    std::optional<Misfit> misfit;
  };

  // A change of a segment that is listed once.
  struct Edit {
    Entry entry;
    const Segment* segment = nullptr;
    Change how{};
  };

  class NodeLists;

  void rebuild();
  void add_nodes();
  void number_nodes();
  void add_replicas();
  void add_sets();
  void add_node_segments();
  void add_segments();
  [[nodiscard]] bool same_but_for_segments(const Cluster& next) const;
  void update(std::vector<Position> changed, std::shared_ptr<const Cluster> next);
  void forget(const SegmentKey& key, Position position);
  void remember(const SegmentKey& key, Position position);
  [[nodiscard]] Position find_replica(ReplicaId replica) const;
  [[nodiscard]] Entry entry_of(const Segment& segment) const;
  [[nodiscard]] static Index set_of(const Segment& segment, const ListedReplica& replica);
  [[nodiscard]] bool takes_no_part(const Segment& segment, const ListedReplica& replica,
                                   Entry& entry) const;
  void change_copies(const SegmentKey& key, Change how);
  void carry_out(std::vector<Edit> edits);
  void change_entry(const Segment& segment, const Entry& entry, Change how);
  void count_transit(const SegmentKey& key, int count);
  void count_misfit(const Segment& segment, Misfit why, int count);

  std::shared_ptr<const Cluster> cluster_;
  std::vector<NodeId> nodes_;
  Ids node_index_;
  std::vector<ListedReplica> replicas_;
  Ids replica_index_;  // the first of each id
  std::vector<NodeSet> sets_;
  std::vector<std::vector<Index>> sets_of_;  // by node, ascending
  std::vector<Index> first_number_on_;       // by node, and one more
  std::vector<NodeSegments> node_segments_;
  Keys first_copy_;
  std::map<SegmentKey, std::vector<Position>> further_copies_;  // by segment listed more than once
  std::vector<bool> in_replica_;                                // by node
  std::map<MisfitKey, std::int64_t> misfits_;
  // Copies of no known replica that contradict the other lists.
  std::map<CollectionId, std::int64_t> orphans_;
};

// A pointer that owns nothing, for a cluster that outlives the inventory.
[[nodiscard]] std::shared_ptr<const Cluster> borrowed(const Cluster& cluster);

// True if two copies in the list say the same of their segment, whatever node they are on.
[[nodiscard]] bool agree(const Segment& a, const Segment& b);
// True if the size that the list gives cannot be right: negative bytes or rows.
[[nodiscard]] bool has_negative_size(const Segment& segment);

}  // namespace evenkeel::rules
