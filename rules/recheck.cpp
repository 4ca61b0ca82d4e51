#include "rules/recheck.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "rules/arithmetic.hpp"
#include "rules/explain.hpp"
#include "rules/room.hpp"

namespace evenkeel::rules {
namespace {

std::string node_name(NodeId id) {
  return "node " + number(id);
}

class Recheck {
 public:
  Recheck(const Cluster& cluster, const Judgement& judgement, const Policy& policy)
      : cluster_(cluster), judgement_(judgement), policy_(policy) {
    for (const NodeVerdict& verdict : judgement.nodes) {
      rooms_.emplace(verdict.id, room_on(verdict, policy));
    }
    for (const Segment& segment : cluster.segments) {
      copies_[{segment.id, segment.replica}].push_back(&segment);
    }
  }

  // The change that stands in the way of the move; empty: there is none.
  std::string change(const Move& move) {
    if (!moved_.insert({move.segment, move.replica}).second) {
      return "segment " + number(move.segment) + " would move twice";
    }
    if (std::string why = wrong_with_replica(move); !why.empty()) return why;
    if (std::string why = wrong_with_segment(move); !why.empty()) return why;
    for (const NodeId id : {move.from, move.to}) {
      const NodeVerdict* verdict = judgement_.node(id);
      if (verdict == nullptr) return node_name(id) + " is gone";
      if (!was_judged(*verdict)) return words(*verdict, policy_);
    }
    return wrong_with_room(move);
  }

 private:
  [[nodiscard]] std::string wrong_with_replica(const Move& move) const {
    const Replica* replica = find_by_id(cluster_.replicas, move.replica);
    if (replica == nullptr || replica->collection != move.collection) {
      return "replica " + number(move.replica) + " of collection " + number(move.collection) +
             " is gone";
    }
    const Collection* collection = find_by_id(cluster_.collections, move.collection);
    if (collection == nullptr || !collection->complete) {
      return "collection " + number(move.collection) + " cannot be read in full";
    }
    const std::vector<NodeId>& nodes = replica->nodes;
    for (const NodeId id : {move.from, move.to}) {
      const bool member = std::find(nodes.begin(), nodes.end(), id) != nodes.end();
      if (!member || replica->unknown_leaving > 0) {
        return node_name(id) + " no longer takes part in replica " + number(move.replica);
      }
    }
    return "";
  }

  [[nodiscard]] std::string wrong_with_segment(const Move& move) const {
    const std::string name = "segment " + number(move.segment);
    if (move.from == move.to) return name + " would move to where it is";
    const auto found = copies_.find({move.segment, move.replica});
    if (found == copies_.end()) return name + " is gone";
    for (const Segment* copy : found->second) {
      if (copy->node != move.from) return name + " is on " + node_name(copy->node) + " now";
      if (copy->state != SegmentState::sealed) return name + " is not sealed";
      if (copy->rows != move.rows) {
        return name + " has " + std::to_string(copy->rows) + " rows instead of " +
               std::to_string(move.rows);
      }
    }
    return "";
  }

  std::string wrong_with_room(const Move& move) {
    Room& room = rooms_[move.to];
    const Bytes bytes = std::max(move.bytes, copies_.at({move.segment, move.replica})[0]->bytes);
    if (bytes > room.left(policy_)) {
      return node_name(move.to) + " has no room for segment " + number(move.segment) + " (" +
             format_bytes(bytes) + ") any more: " + format_bytes(room.left(policy_)) + " are left";
    }
    room.to_come = saturating_add(room.to_come, bytes);
    return "";
  }

  const Cluster& cluster_;
  const Judgement& judgement_;
  const Policy& policy_;
  std::map<NodeId, Room> rooms_;
  std::map<SegmentKey, std::vector<const Segment*>> copies_;
  std::set<SegmentKey> moved_;
};

}  // namespace

std::vector<std::string> changed_since(const Cluster& cluster, const Judgement& judgement,
                                       const std::vector<Move>& moves, const Policy& policy) {
  if (!cluster.coordinator_complete) return {"the proxy did not answer every question"};
  Recheck recheck(cluster, judgement, policy);
  std::vector<std::string> changes;
  for (const Move& move : moves) {
    if (std::string change = recheck.change(move); !change.empty()) {
      changes.push_back(std::move(change));
    }
  }
  return changes;
}

}  // namespace evenkeel::rules
