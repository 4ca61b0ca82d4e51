#pragma once
// A plan in the making: the nodes as they would be after the moves planned so far, the segments
// that may move, and what was rejected. Internal to rules/: plan() makes one, and the two
// urgencies, relieve() and level(), take segments from it. Everything in it is sorted by ids, so
// that the order of the cluster's lists decides nothing.

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/judge.hpp"
#include "rules/ledger.hpp"
#include "rules/plan.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

using Index = std::size_t;
inline constexpr Index kNoSet = static_cast<Index>(-1);

struct DraftNode {
  NodeId id{};
  Bytes capacity = 0;
  Bytes limit = 0;     // what it may use without passing its threshold
  Bytes before = 0;    // what it was expected to use when planning began
  Bytes now = 0;       // and what after the moves planned so far
  Bytes arriving = 0;  // bytes of the moves planned towards it
  // Kept free for what segments do not explain.
  Bytes kept_free = 0;
  bool judged = false;
  bool overloaded = false;
  bool in_flight = false;
  std::vector<Index> sets;  // the sets it belongs to

  [[nodiscard]] double ratio() const;
  // May a move be planned from or to it.
  [[nodiscard]] bool available() const { return judged && !in_flight; }
};

// Replicas that live on the same nodes differ together and level together, so they are one.
struct NodeSet {
  std::vector<Index> nodes;  // ascending
  ReplicaId replica{};       // the first of the replicas
  bool judged = true;        // all its nodes could be judged
  bool different = false;    // its replicas differ, says the judgement
  double highest = 0;        // ratios, of the judged nodes
  double lowest = 0;

  [[nodiscard]] double spread() const { return highest - lowest; }
};

struct Movable {
  const Segment* segment = nullptr;
  Index node = 0;
  Index set = 0;
  bool taken = false;
};

class Draft {
 public:
  // The cluster must outlive the draft, and the policy be usable().
  Draft(const Cluster& cluster, const Judgement& judgement, const Policy& policy,
        const Ledger& ledger, TimePoint now);

  [[nodiscard]] const Policy& policy() const { return policy_; }
  [[nodiscard]] const std::vector<DraftNode>& nodes() const { return nodes_; }
  [[nodiscard]] const std::vector<NodeSet>& sets() const { return sets_; }

  // What may move off the node: by set, then by bytes, those taken already included.
  [[nodiscard]] std::span<const Movable> movable_on(Index node) const;
  [[nodiscard]] std::span<const Movable> movable_on(Index node, Index set) const;

  // How large a further segment the node could load without passing its threshold, if everything
  // planned towards it loaded at once and nothing planned away from it were freed before.
  [[nodiscard]] Bytes room(Index node) const;
  [[nodiscard]] bool full() const;
  [[nodiscard]] Bytes bytes_left() const { return bytes_left_; }

  // Plans the move of one of movable_on(). There must be room for it, and budget.
  void take(const Movable& movable, Index to, Urgency urgency);

  // Rejections of one scan that are alike are folded; those of a later scan replace them.
  void begin_scan() { ++scan_; }
  void reject(const Candidate& candidate);
  // What of this node may not move at all, in one set or in every set.
  void reject_unmovable_on(Index node);
  void reject_unmovable_on(Index node, Index set);

  void give_up(const Unfixable& unfixable) { plan_.unfixable.push_back(unfixable); }
  [[nodiscard]] Plan finish();

 private:
  struct ReplicaPlace {
    ReplicaId id{};
    CollectionId collection{};
    Index set = 0;
  };
  // A copy of a segment that may not move now.
  struct Unmovable {
    Index node = 0;
    Index set = 0;  // kNoSet: its replica is not known
    const Segment* segment = nullptr;
    Rejection why{};
  };
  struct Noted {
    Candidate candidate;
    Index scan = 0;
  };
  using Copies = std::vector<const Segment*>;  // of one segment in one replica, by node

  void add_nodes(const Judgement& judgement, const Ledger& ledger);
  void add_sets(const Cluster& cluster, const Judgement& judgement);
  void add_segments(const Cluster& cluster, const Ledger& ledger, TimePoint now);
  void add_copies(const Copies& copies, bool flying, const SegmentHistory* history, TimePoint now);
  [[nodiscard]] const DraftNode* find_node(NodeId id) const;
  [[nodiscard]] const ReplicaPlace* find_place(ReplicaId id) const;
  void measure(NodeSet& set) const;
  void reject(const Unmovable& unmovable);
  [[nodiscard]] double worst_spread() const;
  [[nodiscard]] double worst_ratio() const;

  Policy policy_;
  Bytes bytes_left_ = 0;
  std::vector<DraftNode> nodes_;  // by id
  std::vector<NodeSet> sets_;
  std::vector<ReplicaPlace> places_;  // by id
  std::vector<Movable> movable_;      // by node, set, bytes, segment and replica
  std::vector<Unmovable> unmovable_;  // by node, set, segment and replica
  using FoldKey = std::tuple<NodeId, ReplicaId, Rejection>;
  std::map<FoldKey, Noted> rejected_;
  Index scan_ = 0;
  Plan plan_;
};

// Brings the overloaded nodes below their threshold with few bytes, worst first.
void relieve(Draft& draft);
// Brings the replicas that differ to the stop mark, worst first.
void level(Draft& draft);

}  // namespace evenkeel::rules
