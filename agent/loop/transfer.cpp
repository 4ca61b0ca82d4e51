#include "agent/loop/transfer.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "agent/util/format.hpp"
#include "rules/explain.hpp"

namespace evenkeel::loop {
namespace {

using rules::NodeId;

template <typename T>
using Expected = tl::expected<T, std::string>;

tl::unexpected<std::string> refuse(std::string why) {
  return tl::unexpected(std::move(why));
}

const rules::Node* find_node(const rules::Cluster& cluster, NodeId id) {
  const auto found = std::find_if(cluster.nodes.begin(), cluster.nodes.end(),
                                  [&](const auto& n) { return n.id == id; });
  return found == cluster.nodes.end() ? nullptr : &*found;
}

std::string list_of(const std::vector<rules::Node>& nodes) {
  std::string text;
  for (const auto& node : nodes) text += (text.empty() ? "" : ", ") + to_string(node.id);
  return text.empty() ? "none" : text;
}

Expected<void> check_nodes(const rules::Cluster& cluster, const Transfer& transfer) {
  if (find_node(cluster, transfer.source) == nullptr) {
    return refuse("source node " + to_string(transfer.source) +
                  " does not exist; the query nodes are " + list_of(cluster.nodes));
  }
  for (const NodeId id : transfer.destinations) {
    const auto* node = find_node(cluster, id);
    if (node == nullptr) {
      return refuse("destination node " + to_string(id) + " does not exist; the query nodes are " +
                    list_of(cluster.nodes));
    }
    if (id == transfer.source)
      return refuse("node " + to_string(id) + " is source and destination");
    if (node->health != rules::NodeHealth::up) {
      return refuse("destination node " + to_string(id) + " is " +
                    std::string(rules::name(node->health)) + ": " + node->problem);
    }
  }
  return {};
}

// The copies on the source that are to move, largest first.
Expected<std::vector<rules::Segment>> pick_segments(const rules::Cluster& cluster,
                                                    const Transfer& transfer) {
  std::optional<rules::CollectionId> wanted;
  if (!transfer.collection.empty()) {
    const auto found = find_collection(cluster, transfer.collection);
    if (!found) return refuse(found.error());
    wanted = *found;
  }
  for (const auto& collection : cluster.collections) {
    if (!collection.complete && (!wanted || collection.id == *wanted)) {
      return refuse("collection " + collection.name +
                    " could not be read in full: " + collection.problem);
    }
  }
  std::set<rules::SegmentId> missing(transfer.segments.begin(), transfer.segments.end());
  std::vector<rules::Segment> picked;
  for (const auto& segment : cluster.segments) {
    if (segment.node != transfer.source) continue;
    if (wanted && segment.collection != *wanted) continue;
    const bool asked_for = missing.erase(segment.id) > 0;
    if (!transfer.segments.empty() && !asked_for) continue;
    if (segment.state != rules::SegmentState::sealed) {
      if (!asked_for) continue;
      return refuse("segment " + to_string(segment.id) + " is " +
                    std::string(rules::name(segment.state)) +
                    "; only sealed segments can be moved");
    }
    picked.push_back(segment);
  }
  if (!missing.empty()) {
    return refuse("segment " + to_string(*missing.begin()) + " is not on node " +
                  to_string(transfer.source) +
                  (transfer.collection.empty() ? "" : " in collection " + transfer.collection));
  }
  if (picked.empty())
    return refuse("node " + to_string(transfer.source) + " has no sealed segments to move");
  std::sort(picked.begin(), picked.end(), [](const auto& a, const auto& b) {
    return std::tie(b.bytes, a.collection, a.replica, a.id) <
           std::tie(a.bytes, b.collection, b.replica, b.id);
  });
  return picked;
}

class Placement {
 public:
  Placement(const rules::Cluster& cluster, const Transfer& transfer, const rules::Policy& policy)
      : cluster_(cluster), transfer_(transfer), policy_(policy) {
    for (const auto& node : cluster.nodes) used_[node.id] = static_cast<double>(node.used);
  }

  Expected<rules::Move> place(const rules::Segment& segment) {
    const auto replica =
        std::find_if(cluster_.replicas.begin(), cluster_.replicas.end(), [&](const auto& r) {
          return r.id == segment.replica && r.collection == segment.collection;
        });
    if (replica == cluster_.replicas.end()) {
      return refuse("segment " + to_string(segment.id) + " belongs to no replica that is known");
    }
    if (const auto why_not = refusal(*replica, segment.node); !why_not.empty()) {
      return refuse("segment " + to_string(segment.id) + " cannot be moved: " + why_not);
    }
    std::string reasons;
    const rules::Node* best = nullptr;
    double best_ratio = 0;
    for (const NodeId id :
         transfer_.destinations.empty() ? replica->nodes : transfer_.destinations) {
      if (id == segment.node) continue;
      const auto why_not = refusal(segment, *replica, id);
      if (!why_not.empty()) {
        reasons += (reasons.empty() ? "" : "; ") + why_not;
        continue;
      }
      const double ratio = ratio_with(segment, id, 1.0);
      if (best == nullptr || ratio < best_ratio) {
        best = find_node(cluster_, id);
        best_ratio = ratio;
      }
    }
    if (best == nullptr) {
      return refuse(
          "segment " + to_string(segment.id) + " (" + rules::format_bytes(segment.bytes) +
          ") has nowhere to go: " + (reasons.empty() ? "its replica has no other node" : reasons));
    }
    return take(segment, best->id);
  }

 private:
  [[nodiscard]] double capacity(NodeId id) const {
    return static_cast<double>(find_node(cluster_, id)->capacity);
  }

  [[nodiscard]] double ratio_with(const rules::Segment& segment, NodeId id, double factor) const {
    return (used_.at(id) + static_cast<double>(segment.bytes) * factor) / capacity(id);
  }

  // Why nothing is moved to or from a node of a replica; empty: something may be.
  [[nodiscard]] static std::string refusal(const rules::Replica& replica, NodeId id) {
    const auto among = [id](const std::vector<NodeId>& nodes) {
      return std::find(nodes.begin(), nodes.end(), id) != nodes.end();
    };
    const std::string node = "node " + to_string(id);
    if (among(replica.streaming)) return node + " is a streaming node";
    if (among(replica.leaving)) return node + " is read-only, and Milvus is emptying it";
    if (replica.unknown_leaving > 0) {
      return "some nodes of replica " + to_string(replica.id) +
             " are of another resource group and leave it, and Milvus does not say which";
    }
    return "";
  }

  [[nodiscard]] std::string refusal(const rules::Segment& segment, const rules::Replica& replica,
                                    NodeId id) const {
    const std::string node = "node " + to_string(id);
    if (auto why_not = refusal(replica, id); !why_not.empty()) return why_not;
    if (std::find(replica.nodes.begin(), replica.nodes.end(), id) == replica.nodes.end()) {
      return node + " is not in the same replica (" + to_string(replica.id) + ")";
    }
    const auto* known = find_node(cluster_, id);
    if (known == nullptr) return node + " is not known to the coordinator";
    if (known->health != rules::NodeHealth::up)
      return node + " is " + std::string(rules::name(known->health));
    if (known->capacity <= 0)
      return "the capacity of " + node + " is unknown: set it under [capacity]";
    const bool there =
        std::any_of(cluster_.segments.begin(), cluster_.segments.end(),
                    [&](const auto& copy) { return copy.id == segment.id && copy.node == id; });
    if (there) return node + " has it already";
    const double peak = ratio_with(segment, id, policy_.loading_peak);
    if (peak > policy_.overload_threshold) {
      return node + " would reach " + rules::format_percent(peak) +
             " of its capacity while loading, over " +
             rules::format_percent(policy_.overload_threshold);
    }
    return "";
  }

  rules::Move take(const rules::Segment& segment, NodeId to) {
    rules::Move move{.segment = segment.id,
                     .collection = segment.collection,
                     .replica = segment.replica,
                     .from = segment.node,
                     .to = to,
                     .rows = segment.rows,
                     .bytes = segment.bytes,
                     .urgency = rules::Urgency::asked};
    move.to_before = used_[to] / capacity(to);
    used_[to] += static_cast<double>(segment.bytes);
    move.to_after = used_[to] / capacity(to);
    if (const double size = capacity(segment.node); size > 0) {
      move.from_before = used_[segment.node] / size;
      used_[segment.node] = std::max(0.0, used_[segment.node] - static_cast<double>(segment.bytes));
      move.from_after = used_[segment.node] / size;
    }
    return move;
  }

  const rules::Cluster& cluster_;
  const Transfer& transfer_;
  const rules::Policy& policy_;
  std::map<NodeId, double> used_;
};

}  // namespace

Expected<rules::CollectionId> find_collection(const rules::Cluster& cluster,
                                              const std::string& text) {
  const auto found = rules::named(cluster, text);
  if (found.size() == 1) return found.front()->id;
  if (found.empty()) return refuse("no collection '" + text + "' is loaded");
  std::string names;
  for (const auto* each : found) names += (names.empty() ? "" : " or ") + each->name;
  return refuse("several databases have a collection '" + text + "': name it as " + names);
}

Expected<std::vector<rules::Call>> plan_transfer(const rules::Cluster& cluster,
                                                 const Transfer& transfer,
                                                 const rules::Policy& policy) {
  if (!cluster.coordinator_complete) return refuse("the coordinator could not be read in full");
  if (auto good = check_nodes(cluster, transfer); !good) return refuse(std::move(good.error()));
  const auto segments = pick_segments(cluster, transfer);
  if (!segments) return refuse(segments.error());
  Placement placement(cluster, transfer, policy);
  std::vector<rules::Call> calls;
  for (const auto& segment : *segments) {
    const auto move = placement.place(segment);
    if (!move) return refuse(move.error());
    const auto room = std::find_if(calls.begin(), calls.end(), [&](const rules::Call& call) {
      return call.collection == move->collection && call.replica == move->replica &&
             call.to == move->to &&
             call.moves.size() < static_cast<std::size_t>(policy.max_segments_per_call);
    });
    if (room != calls.end()) {
      room->moves.push_back(*move);
    } else {
      calls.push_back({move->collection, move->replica, move->from, move->to, {*move}});
    }
  }
  return calls;
}

}  // namespace evenkeel::loop
