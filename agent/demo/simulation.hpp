#pragma once
// The simulated cluster without its sockets. Nothing runs: figures are computed for a given time.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "agent/demo/world.hpp"

namespace evenkeel::demo {

// Milvus's error codes, old (commonpb.ErrorCode) and newer (merr).
constexpr int kUnexpectedError = 1, kCollectionNotExists = 4, kIllegalArgument = 5;
constexpr int kOldSegmentNotFound = 47;  // stated since 2.6
constexpr int kServiceInternal = 5, kCollectionNotFound = 100, kResourceGroupNotFound = 300,
              kSegmentNotFound = 600, kDatabaseNotFound = 800, kNodeNotFound = 901,
              kNodeStateUnexpected = 906, kNeedAuthenticate = 1800;

// An error as Milvus states it: the old code, the newer one, and the words.
struct Refusal {
  int error_code = 0;
  int code = 0;
  std::string reason;
};

[[nodiscard]] Refusal collection_not_found(std::string_view name, std::string_view database);

// A request of load_balance.
struct Transfer {
  std::string collection;
  rules::NodeId source{};
  std::vector<rules::NodeId> destinations;  // empty: the other nodes of the source's replica
  std::vector<rules::SegmentId> segments;   // empty: all that the source holds of the collection
  std::string database{};                   // empty: the default one
};

// One segment with every node that holds it, in all replicas and at both ends of a move.
struct PlacedSegment {
  rules::SegmentId id{};
  std::int64_t rows = 0;
  std::vector<rules::NodeId> nodes;
  bool l0 = false;
  std::string channel;
};

// The segments of one collection on one node.
struct Holding {
  rules::CollectionId collection{};
  std::int64_t segments = 0;
  std::int64_t rows = 0;
  rules::Bytes bytes = 0;
  rules::Bytes stated = 0;  // as entity_size states it: without indexes since 2.4
  std::string database{kDefaultDatabase};
  std::string name{};
};

// The segments that a node has loaded, and the time for them.
struct Loads {
  std::int64_t count = 0;
  double seconds = 0;
};

// The channel of segments that name none.
[[nodiscard]] std::string first_channel(const World::Collection& collection);

// Knows who holds which segment at a moment, its memory, and what load_balance does to it.
class Simulation {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Throws std::invalid_argument if the world contradicts itself: a replica or segment on a node
  // that is not there, a segment on a node that none of its collection's replicas names, a node or
  // collection twice, a version that is none, streaming nodes before 2.6.
  Simulation(World world, Time start);

  // Times must not run backwards from one call to the next.

  // Starts the moves and returns when the last will be done: `now` if nothing is to move. Segments
  // load one after the other on each destination; until then both nodes hold them. If the built-in
  // balancer takes moves back, each segment returns after World::takes_back_after to where it was
  // before its first move.
  [[nodiscard]] tl::expected<Time, Refusal> load_balance(const Transfer& request, Time now);

  // Holds or releases the built-in balancer. While suspended it takes nothing back; after that,
  // what was due is due again in World::takes_back_after.
  void suspend_balance(bool suspended, Time now);
  [[nodiscard]] bool balance_suspended() const { return balance_suspended_; }
  // A suspended node takes nothing. What it holds stays, other than with a real Milvus.
  void suspend_node(rules::NodeId node, bool suspended);

  [[nodiscard]] const Release& release() const { return release_; }
  [[nodiscard]] std::string version() const { return stated_version(world_); }
  [[nodiscard]] const std::vector<World::Node>& nodes() const { return world_.nodes; }
  [[nodiscard]] const std::vector<World::Collection>& collections() const {
    return world_.collections;
  }
  // Null means not there. No database means the default one.
  [[nodiscard]] const World::Collection* find(std::string_view name,
                                              std::string_view database = {}) const;
  [[nodiscard]] const World::Collection* find(rules::CollectionId id) const;
  [[nodiscard]] bool has_database(std::string_view name) const;
  // "default" comes first, then each database in the order of its first collection.
  [[nodiscard]] const std::vector<std::string>& databases() const { return databases_; }
  [[nodiscard]] const World::Node& node(rules::NodeId id) const { return nodes()[index(id)]; }
  [[nodiscard]] std::size_t index(rules::NodeId id) const { return node_index_.at(id); }
  [[nodiscard]] Time start() const { return start_; }

  // `node` below is an index into nodes(). Memory is resident memory, mapped files included.
  [[nodiscard]] rules::Bytes memory(std::size_t node, Time now);
  // A streaming node also counts the collections that it leads, of which it holds nothing.
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
  // A move under way.
  struct Loading {
    Copy copy;
    std::size_t from = 0, to = 0;  // nodes
    Time starts{}, finishes{};
    bool taken_back = false;  // by the built-in balancer
  };
  // A moved copy, which the built-in balancer wants back at `home`.
  struct Return {
    Copy copy;
    std::size_t home = 0;
    Time due{};
  };
  // Memory that a finished move left behind and that goes with time.
  struct Residue {
    double bytes = 0;
    Time since{};
  };
  // The state of one node.
  struct NodeState {
    std::vector<Copy> copies;
    std::vector<Residue> residues;
    Loads loads;
    Time busy_until{};
    std::vector<std::size_t> led;  // collections of a streaming node's replicas
  };

  static double seconds(Time::duration duration) {
    return std::chrono::duration<double>(duration).count();
  }

  void read_nodes();
  void read_collections();
  void place_segments(std::size_t collection);
  // Gives each replica of the collection its streaming nodes, if none names any.
  void deal_streaming_nodes(World::Collection& collection) const;

  void advance(Time now);
  // Both return whether there was something to do until `now`.
  bool land(Time now);
  bool take_back(Time now);
  void finish(const Loading& loading);
  void want_back(const Loading& loading);
  Time begin(const Copy& copy, std::size_t from, std::size_t to, Time earliest, bool taken_back);
  void leave_behind(NodeState& state, double size, Time since) const;
  [[nodiscard]] World::Segment& segment(const Copy& copy);
  [[nodiscard]] rules::Bytes bytes(const Copy& copy) const;
  [[nodiscard]] rules::Bytes stated_bytes(const Copy& copy) const;
  [[nodiscard]] bool is_loading(const Copy& copy) const;
  [[nodiscard]] const World::Replica* replica_with(const World::Collection& collection,
                                                   rules::NodeId node) const;
  [[nodiscard]] tl::expected<const World::Replica*, Refusal> replica_of_source(
      const World::Collection& collection, rules::NodeId source) const;
  [[nodiscard]] tl::expected<std::vector<std::size_t>, Refusal> destinations(
      const Transfer& request, const World::Replica& replica) const;
  [[nodiscard]] tl::expected<std::vector<Copy>, Refusal> chosen(const Transfer& request,
                                                                std::size_t collection,
                                                                std::size_t source) const;
  [[nodiscard]] std::int64_t rows(std::size_t node, std::size_t collection) const;

  World world_;
  Release release_;
  Time start_;
  std::unordered_map<rules::NodeId, std::size_t> node_index_;
  std::unordered_map<rules::CollectionId, std::size_t> collection_index_;
  std::unordered_map<std::string, std::size_t> name_index_;  // by database, a NUL, and name
  std::vector<std::string> databases_;
  std::vector<NodeState> states_;  // indexed like World::nodes
  std::vector<Loading> loading_;
  std::vector<Return> returns_;
  bool balance_suspended_ = false;
};

}  // namespace evenkeel::demo
