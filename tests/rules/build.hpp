#pragma once
// Builds small clusters for the tests of the rules, in GiB, and lets time pass for them.

#include <algorithm>
#include <initializer_list>
#include <ostream>
#include <string>
#include <vector>

#include "rules/admit.hpp"
#include "rules/cluster.hpp"
#include "rules/explain.hpp"
#include "rules/judge.hpp"
#include "rules/ledger.hpp"
#include "rules/planner/planner.hpp"
#include "rules/policy.hpp"

namespace evenkeel::rules {

// What GoogleTest prints in place of the bytes of a value.
inline void PrintTo(NodeId id, std::ostream* out) {
  *out << static_cast<std::int64_t>(id);
}
inline void PrintTo(SegmentId id, std::ostream* out) {
  *out << static_cast<std::int64_t>(id);
}
inline void PrintTo(NodeState value, std::ostream* out) {
  *out << name(value);
}
inline void PrintTo(ReplicaState value, std::ostream* out) {
  *out << name(value);
}
inline void PrintTo(Reason value, std::ostream* out) {
  *out << name(value);
}
inline void PrintTo(Rejection value, std::ostream* out) {
  *out << name(value);
}
inline void PrintTo(Gate value, std::ostream* out) {
  *out << name(value);
}
inline void PrintTo(const Move& move, std::ostream* out) {
  *out << words(move);
}

namespace test {

inline constexpr Bytes kGiB = Bytes{1} << 30;
inline constexpr Duration kSampleInterval = std::chrono::seconds{15};

inline Bytes gib(double value) {
  return static_cast<Bytes>(value * static_cast<double>(kGiB));
}

inline SegmentKey key(std::int64_t segment, std::int64_t replica) {
  return {SegmentId{segment}, ReplicaId{replica}};
}

struct World {
  Cluster cluster;
  Policy policy;
  Ledger ledger;
  TimePoint now{std::chrono::hours{1000}};

  World() { cluster.coordinator_complete = true; }

  World& node(std::int64_t id, double used_gib, double capacity_gib = 16) {
    Node node;
    node.id = NodeId{id};
    node.used = gib(used_gib);
    node.capacity = gib(capacity_gib);
    node.capacity_source = CapacitySource::configured_node;
    node.health = NodeHealth::up;
    cluster.nodes.push_back(node);
    return *this;
  }

  // A replica, and its collection if that is new.
  World& replica(std::int64_t id, std::int64_t collection,
                 std::initializer_list<std::int64_t> nodes) {
    const bool known =
        std::any_of(cluster.collections.begin(), cluster.collections.end(),
                    [&](const Collection& each) { return each.id == CollectionId{collection}; });
    if (!known) {
      cluster.collections.push_back({CollectionId{collection}, "book", true, ""});
    }
    Replica replica;
    replica.id = ReplicaId{id};
    replica.collection = CollectionId{collection};
    for (const std::int64_t node : nodes) replica.nodes.push_back(NodeId{node});
    cluster.replicas.push_back(replica);
    return *this;
  }

  // A sealed segment of a replica that is there already.
  World& segment(std::int64_t id, std::int64_t replica, std::int64_t node, double size_gib) {
    Segment segment;
    segment.id = SegmentId{id};
    segment.replica = ReplicaId{replica};
    for (const Replica& each : cluster.replicas) {
      if (each.id == segment.replica) segment.collection = each.collection;
    }
    segment.node = NodeId{node};
    segment.bytes = gib(size_gib);
    segment.rows = segment.bytes / 512;
    segment.size_source = SizeSource::learned;
    segment.state = SegmentState::sealed;
    cluster.segments.push_back(segment);
    return *this;
  }

  Node& at(std::int64_t id) {
    return *std::find_if(cluster.nodes.begin(), cluster.nodes.end(),
                         [id](const Node& node) { return node.id == NodeId{id}; });
  }
  Segment& segment_at(std::int64_t id) {
    return *std::find_if(cluster.segments.begin(), cluster.segments.end(),
                         [id](const Segment& segment) { return segment.id == SegmentId{id}; });
  }

  // Time passes, and every node that is up is sampled so many times.
  World& sample(int times = 3) {
    for (int i = 0; i < times; ++i) {
      now += kSampleInterval;
      for (Node& node : cluster.nodes) node.sampled_at = now;
      cluster.observed_at = now;
      ledger.observe(cluster, policy);
    }
    return *this;
  }

  Flight flight(std::int64_t segment, std::int64_t replica, std::int64_t from, std::int64_t to,
                double size_gib) const {
    return {SegmentId{segment}, ReplicaId{replica}, NodeId{from}, NodeId{to}, gib(size_gib), now};
  }

  // A move that is under way has ended, and the distribution shows it.
  void land(const SegmentKey& key, TimePoint at) {
    for (const Flight& flight : ledger.flights()) {
      if (SegmentKey{flight.segment, flight.replica} != key) continue;
      for (Segment& segment : cluster.segments) {
        const bool moved =
            segment.id == key.first && segment.replica == key.second && segment.node == flight.from;
        if (moved) segment.node = flight.to;
      }
    }
    ledger.land(key, at);
  }

  // The moves happen as planned: the memory follows at once, and the ledger knows.
  void carry_out(const Plan& plan) {
    for (const Move& move : plan.moves) {
      ledger.start({move.segment, move.replica, move.from, move.to, move.bytes, now});
      for (Segment& segment : cluster.segments) {
        const bool moved = segment.id == move.segment && segment.replica == move.replica;
        if (moved) segment.node = move.to;
      }
      for (Node& node : cluster.nodes) {
        if (node.id == move.from) node.used = std::max<Bytes>(0, node.used - move.bytes);
        if (node.id == move.to) node.used += move.bytes;
      }
      ledger.land({move.segment, move.replica}, now);
    }
  }

  [[nodiscard]] Judgement judged() const { return judge(cluster, policy, ledger, now); }
  // Follows which replicas are being levelled, after a round of this plan.
  void level(const Plan& plan) {
    ledger.remember(still_levelled(ledger.levelling(), judged(), plan));
  }
  [[nodiscard]] Plan planned() const { return plan(cluster, judged(), policy, ledger, now); }
  [[nodiscard]] Admission admitted(const Plan& plan, const Conditions& conditions = {}) const {
    return admit(cluster, judged(), plan, policy, ledger, conditions, now);
  }
  [[nodiscard]] NodeVerdict node_verdict(std::int64_t id) const {
    return *judged().node(NodeId{id});
  }
  [[nodiscard]] ReplicaVerdict replica_verdict(std::int64_t id) const {
    return *judged().replica(ReplicaId{id});
  }
};

// "12: 3 → 4" for each move.
inline std::vector<std::string> moves_of(const Plan& plan) {
  std::vector<std::string> moves;
  for (const Move& move : plan.moves) {
    moves.push_back(std::to_string(static_cast<std::int64_t>(move.segment)) + ": " +
                    std::to_string(static_cast<std::int64_t>(move.from)) + " → " +
                    std::to_string(static_cast<std::int64_t>(move.to)));
  }
  return moves;
}

inline std::vector<Rejection> rejections_of(const Plan& plan) {
  std::vector<Rejection> reasons;
  for (const RejectedMove& rejected : plan.rejected) reasons.push_back(rejected.why);
  return reasons;
}

}  // namespace test
}  // namespace evenkeel::rules
