#pragma once
// Worlds written by hand, for scenarios: sizes in GiB, everything else as the agent's defaults are.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "agent/util/log.hpp"
#include "tests/sim/runner.hpp"

namespace evenkeel::sim {

using namespace std::chrono_literals;

inline constexpr std::int64_t kRow = 1024;  // bytes

struct Scene {
  World world;
  std::int64_t next_segment = 1000;

  Scene() {
    log::configure(log::Level::error, log::Format::logfmt);
    world.seed = 1;
  }

  Scene& node(int id, double gib = 16, double base_gib = 0.5, int group = 0) {
    world.nodes.push_back({NodeId{id}, bytes(gib), bytes(base_gib), group});
    return *this;
  }
  Scene& nodes(int from, int to, double gib = 16) {
    for (int id = from; id <= to; ++id) node(id, gib);
    return *this;
  }
  Scene& streaming(int id, int group = 0) {
    world.nodes.push_back({NodeId{id}, bytes(16), bytes(0.5), group, true});
    return *this;
  }
  Scene& era(std::string version) {
    world.era = std::move(version);
    return *this;
  }
  // The newest collection is that one, of that database.
  Scene& called(std::string database, std::string name) {
    world.collections.back().database = std::move(database);
    world.collections.back().name = std::move(name);
    return *this;
  }
  // The newest collection takes so much of what is said of it.
  Scene& weighing(double weight) {
    world.collections.back().weight = weight;
    return *this;
  }
  // One replica each of `groups` (bits); their ids are 10 × the collection's and following.
  Scene& collection(int id, std::vector<std::uint32_t> groups = {1}, Bytes row_bytes = kRow) {
    CollectionSpec spec;
    spec.id = CollectionId{id};
    spec.name = "c" + std::to_string(id);
    spec.row_bytes = row_bytes;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      spec.replicas.push_back({ReplicaId{id * 10 + static_cast<int>(i)}, groups[i]});
    }
    world.collections.push_back(std::move(spec));
    return *this;
  }
  // Of the newest collection, so many of that size: on these nodes, one a replica.
  Scene& segments(int count, double gib, std::vector<int> on) {
    CollectionSpec& spec = world.collections.back();
    for (; count > 0; --count) {
      SegmentSpec segment{SegmentId{next_segment++}, bytes(gib) / spec.row_bytes, false, {}};
      for (const int id : on) segment.nodes.push_back(NodeId{id});
      spec.segments.push_back(std::move(segment));
    }
    return *this;
  }
  Scene& at(Duration time, Happening what, int node, Duration lasts = 0s, int other = 0,
            std::int64_t amount = 0) {
    const CollectionId first = world.collections.front().id;
    world.events.push_back({time, what, NodeId{node}, NodeId{other}, first, lasts, amount});
    return *this;
  }
  Scene& calls_come_out(MoveEnd end) {
    world.manners.move_ends = {};
    world.manners.move_ends[static_cast<std::size_t>(end)] = 100;
    return *this;
  }

  static Bytes bytes(double gib) { return static_cast<Bytes>(gib * static_cast<double>(kGiB)); }
};

// Three nodes of 16 GiB, all data on the first: 12 of it, in twelve segments.
inline Scene skewed() {
  return Scene().nodes(1, 3).collection(1).segments(12, 1, {1});
}

// Runs to the end; what was violated fails the test.
inline void expect_no_violation(Simulation& run) {
  run.finish();
  for (const Violation& violation : run.violations()) {
    ADD_FAILURE() << violation.rule << ": " << violation.detail;
  }
}

// And all is level in the end.
inline void expect_levelled(Simulation& run) {
  expect_no_violation(run);
  EXPECT_EQ(loop::name(run.outcome()), loop::name(loop::Outcome::balanced));
  EXPECT_GT(run.checker().calls(), 0u);
}

// How often the agent sent each segment.
inline std::map<SegmentId, int> times_sent(const Simulation& run) {
  std::map<SegmentId, int> times;
  for (const Sent& sent : run.checker().sent()) ++times[sent.move.segment];
  return times;
}

inline int most_often_sent(const Simulation& run) {
  int most = 0;
  for (const auto& [segment, count] : times_sent(run)) most = std::max(most, count);
  return most;
}

inline double ratio(Simulation& run, int node) {
  return static_cast<double>(run.cluster().used(NodeId{node})) /
         static_cast<double>(run.cluster().node(NodeId{node})->capacity);
}

}  // namespace evenkeel::sim
