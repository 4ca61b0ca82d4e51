#include "rules/transfer.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "rules/arithmetic.hpp"
#include "rules/explain.hpp"
#include "rules/inventory.hpp"
#include "rules/nearest.hpp"
#include "rules/room.hpp"

namespace evenkeel::rules {
namespace {

constexpr const char* kForce = ": it takes force to do it all the same";

// The reason why the named nodes will not do; empty: they will.
std::string wrong_with_nodes(const Cluster& cluster, const Transfer& transfer) {
  if (find_node(cluster, transfer.source) == nullptr) {
    return "source node " + number(transfer.source) + " does not exist" +
           instead_of_node(cluster, transfer.source);
  }
  for (const NodeId id : transfer.destinations) {
    const auto* node = find_node(cluster, id);
    if (node == nullptr) {
      return "destination node " + number(id) + " does not exist" + instead_of_node(cluster, id);
    }
    if (id == transfer.source) return "node " + number(id) + " is source and destination";
    if (node->health != NodeHealth::up) {
      return "destination node " + number(id) + " is " + std::string(name(node->health)) + ": " +
             node->problem;
    }
  }
  return "";
}

// The reason why the size of a segment cannot be right; empty: it can.
std::string wrong_with_size(const Segment& segment) {
  if (!has_negative_size(segment)) return "";
  return "segment " + number(segment.id) +
         " is listed with negative bytes or rows: nobody knows its size";
}

// The copies on the source that are to move, largest first.
std::variant<std::vector<Segment>, Refusal> pick_segments(const Cluster& cluster,
                                                          const Transfer& transfer) {
  std::optional<CollectionId> wanted;
  if (!transfer.collection.empty()) {
    const auto found = find_collection(cluster, transfer.collection);
    if (const auto* refusal = std::get_if<Refusal>(&found)) return *refusal;
    wanted = std::get<CollectionId>(found);
  }
  for (const auto& collection : cluster.collections) {
    if (!collection.complete && (!wanted || collection.id == *wanted)) {
      return Refusal{"collection " + collection.name +
                     " could not be read in full: " + collection.problem};
    }
  }
  const std::set<SegmentId> asked(transfer.segments.begin(), transfer.segments.end());
  std::set<SegmentId> missing = asked;
  std::vector<Segment> picked;
  std::map<std::tuple<CollectionId, ReplicaId, SegmentId>, std::size_t> known;  // where in `picked`
  for (const auto& segment : cluster.segments) {
    if (segment.node != transfer.source) continue;
    if (wanted && segment.collection != *wanted) continue;
    const bool asked_for = asked.contains(segment.id);
    if (!asked.empty() && !asked_for) continue;
    missing.erase(segment.id);
    if (segment.state != SegmentState::sealed) {
      if (!asked_for) continue;
      return Refusal{"segment " + number(segment.id) + " is " + std::string(name(segment.state)) +
                     "; only sealed segments can be moved"};
    }
    if (auto wrong = wrong_with_size(segment); !wrong.empty()) return Refusal{std::move(wrong)};
    const auto [first, is_new] =
        known.try_emplace({segment.collection, segment.replica, segment.id}, picked.size());
    if (is_new) {
      picked.push_back(segment);
    } else if (!agree(segment, picked[first->second])) {
      return Refusal{"segment " + number(segment.id) + " is listed twice on node " +
                     number(segment.node) + ", and the entries differ: nobody knows its size"};
    }
  }
  if (!missing.empty()) {
    return Refusal{"segment " + number(*missing.begin()) + " is not on node " +
                   number(transfer.source) +
                   (transfer.collection.empty() ? "" : " in collection " + transfer.collection)};
  }
  if (picked.empty()) {
    return Refusal{"node " + number(transfer.source) + " has no sealed segments to move"};
  }
  std::sort(picked.begin(), picked.end(), [](const auto& a, const auto& b) {
    return std::tie(b.bytes, a.collection, a.replica, a.id) <
           std::tie(a.bytes, b.collection, b.replica, b.id);
  });
  return picked;
}

// The destinations of a transfer's segments, chosen one after the other.
class Placement {
 public:
  Placement(const Cluster& cluster, const Judgement& judgement, const Ledger& ledger,
            const Transfer& transfer, const Policy& policy, TimePoint now)
      : cluster_(cluster), ledger_(ledger), transfer_(transfer), policy_(policy), now_(now) {
    for (const NodeVerdict& verdict : judgement.nodes) {
      nodes_[verdict.id] = {verdict.capacity, verdict.expected, room_on(verdict, policy)};
      if (transfer.force) nodes_[verdict.id].room.drained = false;
    }
  }

  std::variant<Move, Refusal> place(const Segment& segment) {
    const auto replica =
        std::find_if(cluster_.replicas.begin(), cluster_.replicas.end(), [&](const auto& each) {
          return each.id == segment.replica && each.collection == segment.collection;
        });
    const std::string name = "segment " + number(segment.id);
    if (replica == cluster_.replicas.end()) {
      return Refusal{name + " belongs to no replica that is known"};
    }
    if (const auto why_not = why_no_part(*replica, segment.node); !why_not.empty()) {
      return Refusal{name + " cannot be moved: " + why_not};
    }
    if (const auto why_not = rest_of(segment); !why_not.empty()) {
      return Refusal{name + " cannot be moved: " + why_not + kForce};
    }
    std::string reasons;
    std::optional<std::pair<double, NodeId>> best;
    for (const NodeId id :
         transfer_.destinations.empty() ? replica->nodes : transfer_.destinations) {
      if (id == segment.node) continue;
      const auto why_not = why_no_destination(segment, *replica, id);
      if (!why_not.empty()) {
        reasons += (reasons.empty() ? "" : "; ") + why_not;
        continue;
      }
      const std::pair after(
          ratio_of(saturating_add(nodes_[id].now, segment.bytes), nodes_[id].capacity), id);
      if (!best || after.first < best->first) best = after;
    }
    if (!best) {
      return Refusal{name + " (" + format_bytes(segment.bytes) + ") has nowhere to go: " +
                     (reasons.empty() ? "its replica has no other node" : reasons)};
    }
    return move_to(segment, best->second);
  }

 private:
  // A node as it would be after the moves so far.
  struct Target {
    Bytes capacity = 0;
    Bytes now = 0;  // expected memory
    Room room;
  };

  // The reason why nothing is moved to or from a node of a replica; empty: there is none.
  [[nodiscard]] static std::string why_no_part(const Replica& replica, NodeId id) {
    const auto among = [id](const std::vector<NodeId>& nodes) {
      return std::find(nodes.begin(), nodes.end(), id) != nodes.end();
    };
    const std::string node = "node " + number(id);
    if (among(replica.streaming)) return node + " is a streaming node";
    if (among(replica.leaving)) return node + " is read-only, and Milvus is emptying it";
    if (replica.unknown_leaving > 0) {
      return "some nodes of replica " + number(replica.id) +
             " are of another resource group and leave it, and Milvus does not say which";
    }
    return "";
  }

  [[nodiscard]] std::string why_no_destination(const Segment& segment, const Replica& replica,
                                               NodeId id) const {
    const std::string node = "node " + number(id);
    if (auto why_not = why_no_part(replica, id); !why_not.empty()) return why_not;
    if (std::find(replica.nodes.begin(), replica.nodes.end(), id) == replica.nodes.end()) {
      return node + " is not in the same replica (" + number(replica.id) + ")";
    }
    if (outside_channel(segment, replica, id)) {
      return node +
             " is none of those that the segment's channel is bound to: Milvus would fetch " +
             "it back";
    }
    const auto* known = find_node(cluster_, id);
    const auto target = nodes_.find(id);
    if (known == nullptr || target == nodes_.end()) {
      return node + " is not known to Milvus's query coordinator";
    }
    if (known->health != NodeHealth::up) return node + " is " + std::string(name(known->health));
    if (known->capacity <= 0)
      return "the capacity of " + node + " is unknown: set it under [capacity]";
    const bool there =
        std::any_of(cluster_.segments.begin(), cluster_.segments.end(),
                    [&](const auto& copy) { return copy.id == segment.id && copy.node == id; });
    if (there) return node + " has it already";
    if (!transfer_.force && ledger_.destination_rests(id, now_)) {
      return node + " refused a segment a moment ago, and rests" + kForce;
    }
    if (target->second.room.drained) {
      return node + " is drained, and takes no segments until `evenkeel undrain " + number(id) +
             '`' + kForce;
    }
    return wrong_with_room(node, target->second, segment.bytes);
  }

  [[nodiscard]] static bool outside_channel(const Segment& segment, const Replica& replica,
                                            NodeId id) {
    if (segment.channel == 0 || segment.channel > replica.channels.size()) return false;
    const std::vector<NodeId>& nodes = replica.channels[segment.channel - 1];
    return std::find(nodes.begin(), nodes.end(), id) == nodes.end();
  }

  [[nodiscard]] std::string wrong_with_room(const std::string& node, const Target& target,
                                            Bytes bytes) const {
    const Room& room = target.room;
    if (bytes <= room.left(policy_)) return "";
    return node + " would reach " +
           format_percent(ratio_of(room.highest(bytes, policy_), target.capacity)) +
           " of its capacity while loading, over " + format_percent(policy_.overload_threshold) +
           (room.kept_free > 0 ? " (" + format_bytes(room.kept_free) + " of it is kept free)" : "");
  }

  // The cool-down or rest that keeps a segment where it is; empty: none.
  [[nodiscard]] std::string rest_of(const Segment& segment) const {
    const SegmentHistory* history = ledger_.history({segment.id, segment.replica});
    if (transfer_.force || history == nullptr) return "";
    if (history->resting_until > now_) return "it failed to move too often, and rests";
    return cools_down(*history, policy_, now_) ? "it was moved too recently" : "";
  }

  Move move_to(const Segment& segment, NodeId to) {
    Move move{.segment = segment.id,
              .collection = segment.collection,
              .replica = segment.replica,
              .from = segment.node,
              .to = to,
              .rows = segment.rows,
              .bytes = segment.bytes,
              .urgency = Urgency::asked};
    Target& target = nodes_[to];
    move.to_before = ratio_of(target.now, target.capacity);
    target.now = saturating_add(target.now, segment.bytes);
    target.room.to_come = saturating_add(target.room.to_come, segment.bytes);
    move.to_after = ratio_of(target.now, target.capacity);
    Target& source = nodes_[segment.node];
    move.from_before = ratio_of(source.now, source.capacity);
    source.now = std::max<Bytes>(0, saturating_subtract(source.now, segment.bytes));
    move.from_after = ratio_of(source.now, source.capacity);
    return move;
  }

  const Cluster& cluster_;
  const Ledger& ledger_;
  const Transfer& transfer_;
  const Policy& policy_;
  TimePoint now_;
  std::map<NodeId, Target> nodes_;
};

// The budget that the transfer exceeds; empty: none.
std::string beyond_the_budget(const std::vector<Segment>& segments, const Policy& policy) {
  if (segments.size() > static_cast<std::size_t>(std::max(policy.max_moves_per_round, 0))) {
    return "it would be " + std::to_string(segments.size()) + " moves, and a round may make " +
           std::to_string(policy.max_moves_per_round) + kForce;
  }
  Bytes bytes = 0;
  for (const Segment& segment : segments) bytes = saturating_add(bytes, segment.bytes);
  if (bytes > policy.max_bytes_per_round) {
    return "it would be " + format_bytes(bytes) + ", and a round may move " +
           format_bytes(policy.max_bytes_per_round) + kForce;
  }
  return "";
}

}  // namespace

std::variant<CollectionId, Refusal> find_collection(const Cluster& cluster,
                                                    const std::string& text) {
  const auto found = named(cluster, text);
  if (found.size() == 1) return found.front()->id;
  if (found.empty()) {
    return Refusal{"no collection '" + text + "' is loaded" + instead_of_collection(cluster, text)};
  }
  std::string names;
  for (const auto* each : found) names += (names.empty() ? "" : " or ") + each->name;
  return Refusal{"several databases have a collection '" + text + "': name it as " + names};
}

std::variant<std::vector<Move>, Refusal> plan_transfer(const Cluster& cluster,
                                                       const Judgement& judgement,
                                                       const Ledger& ledger,
                                                       const Transfer& transfer,
                                                       const Policy& policy, TimePoint now) {
  if (!cluster.coordinator_complete) return Refusal{"the proxy did not answer every question"};
  if (auto wrong = wrong_with_nodes(cluster, transfer); !wrong.empty()) {
    return Refusal{std::move(wrong)};
  }
  const auto picked = pick_segments(cluster, transfer);
  if (const auto* refusal = std::get_if<Refusal>(&picked)) return *refusal;
  const auto& segments = std::get<std::vector<Segment>>(picked);
  if (auto beyond = beyond_the_budget(segments, policy); !transfer.force && !beyond.empty()) {
    return Refusal{std::move(beyond)};
  }
  Placement placement(cluster, judgement, ledger, transfer, policy, now);
  std::vector<Move> moves;
  for (const Segment& segment : segments) {
    const auto placed = placement.place(segment);
    if (const auto* refusal = std::get_if<Refusal>(&placed)) return *refusal;
    moves.push_back(std::get<Move>(placed));
  }
  return moves;
}

}  // namespace evenkeel::rules
