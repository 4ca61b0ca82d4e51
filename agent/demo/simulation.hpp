#pragma once
// The simulated cluster without its sockets: who holds which segment at which moment, what memory
// that takes, and what load_balance does to it. Nothing runs: every figure is computed for the time
// asked for.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "agent/demo/world.hpp"

namespace evenkeel::demo {

// Milvus's error codes, old and newer: commonpb.ErrorCode and merr.
constexpr int kUnexpectedError = 1, kCollectionNotExists = 4, kIllegalArgument = 5;
constexpr int kServiceInternal = 5, kCollectionNotFound = 100, kSegmentNotFound = 600,
              kNodeNotFound = 901;

// An error as Milvus states it: the old code, the newer one, and the words.
struct Refusal {
  int error_code = 0;
  int code = 0;
  std::string reason;
};

// The request of load_balance.
struct Transfer {
  std::string collection;
  rules::NodeId source{};
  std::vector<rules::NodeId> destinations;  // empty: the other nodes of the source's replica
  std::vector<rules::SegmentId> segments;   // empty: all that the source holds of the collection
};

// One segment with every node that holds it: all replicas mixed, both ends of a move.
struct PlacedSegment {
  rules::SegmentId id{};
  std::int64_t rows = 0;
  std::vector<rules::NodeId> nodes;
};

// What one node holds of one collection.
struct Holding {
  rules::CollectionId collection{};
  std::int64_t segments = 0;
  std::int64_t rows = 0;
  rules::Bytes bytes = 0;
};

// How often a node loaded a segment, and how long that took in all.
struct Loads {
  std::int64_t count = 0;
  double seconds = 0;
};

class Simulation {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Throws std::invalid_argument where the world contradicts itself: a replica or segment on a node
  // that is not there, a segment on a node that none of its collection's replicas names.
  Simulation(World world, Time start);

  // Times must not run backwards from one call to the next.

  // Starts the moves and says when the last of them will be done: `now` where nothing is to move.
  // Segments load one after the other on each destination. Until then both nodes hold them.
  [[nodiscard]] tl::expected<Time, Refusal> load_balance(const Transfer& request, Time now);

  [[nodiscard]] const std::vector<World::Node>& nodes() const { return world_.nodes; }
  [[nodiscard]] const std::vector<World::Collection>& collections() const {
    return world_.collections;
  }
  [[nodiscard]] const World::Collection* find(std::string_view name) const;  // null: not there
  [[nodiscard]] const World::Collection* find(rules::CollectionId id) const;
  [[nodiscard]] Time start() const { return start_; }

  // `node` below is an index into nodes().
  [[nodiscard]] rules::Bytes memory(std::size_t node, Time now);
  [[nodiscard]] std::vector<Holding> holdings(std::size_t node, Time now);
  [[nodiscard]] Loads loads(std::size_t node, Time now);
  [[nodiscard]] std::vector<PlacedSegment> segments(const World::Collection& collection, Time now);
  [[nodiscard]] World world(Time now);

 private:
  // One copy of one segment: an entry of World::Collection::segments.
  struct Copy {
    std::size_t collection = 0;
    std::size_t segment = 0;
    friend bool operator==(const Copy&, const Copy&) = default;
  };
  struct Loading {
    Copy copy;
    std::size_t from = 0, to = 0;  // nodes
    Time starts{}, finishes{};
  };
  // Memory that a finished move left behind and that goes with time.
  struct Residue {
    double bytes = 0;
    Time since{};
  };
  struct NodeState {
    std::vector<Copy> copies;
    std::vector<Residue> residues;
    Loads loads;
    Time busy_until{};
  };

  void advance(Time now);
  void finish(const Loading& loading);
  void leave_behind(NodeState& state, double size, Time since) const;
  [[nodiscard]] World::Segment& segment(const Copy& copy);
  [[nodiscard]] rules::Bytes bytes(const Copy& copy) const;
  [[nodiscard]] bool is_loading(const Copy& copy) const;
  [[nodiscard]] const World::Replica* replica_with(const World::Collection& collection,
                                                   rules::NodeId node) const;
  [[nodiscard]] tl::expected<std::vector<std::size_t>, Refusal> destinations(
      const Transfer& request, const World::Replica& replica) const;
  [[nodiscard]] tl::expected<std::vector<Copy>, Refusal> chosen(const Transfer& request,
                                                                std::size_t collection,
                                                                std::size_t source) const;
  [[nodiscard]] std::int64_t rows(std::size_t node, std::size_t collection) const;

  World world_;
  Time start_;
  std::unordered_map<rules::NodeId, std::size_t> node_index_;
  std::vector<NodeState> states_;  // beside World::nodes
  std::vector<Loading> loading_;
};

}  // namespace evenkeel::demo
