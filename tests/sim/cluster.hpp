#pragma once
// The simulated cluster as it really is: who holds which segment, what memory that takes, and what
// events and moves do to it in the course of time. It knows nothing of agents and answers;
// ports.hpp tells of it.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/world.hpp"

namespace evenkeel::sim {

struct Node {
  NodeId id{};
  NodeId home{};  // whose address it has: its own, or that of the node it came after
  Bytes capacity = 0;
  Bytes base = 0;
  int group = 0;
  bool streaming = false;
  bool alive = true;
  bool listed = true;  // the coordinator still names it
  bool stopping = false;
  TimePoint suspended_until{};
  std::optional<Happening> metrics;  // what is wrong with its metrics
  NodeId claims{};                   // the id they give
  TimePoint wrong_until{}, wrong_since{};
  Bytes figure_then = 0;  // its use when that began
};

struct Copy {
  std::size_t replica = 0;  // its place in the collection's list
  NodeId node{};
  std::optional<NodeId> moving_to;
  TimePoint moving_since{}, moving_until{};
};

struct Segment {
  SegmentId id{};
  std::int64_t rows = 0;
  bool growing = false;
  std::vector<Copy> copies;
};

struct Collection {
  CollectionId id{};
  std::string name;
  Bytes row_bytes = 0;
  double weight = 1;
  std::string database;
  std::vector<ReplicaSpec> replicas;
  std::vector<Segment> segments;
  bool released = false;
  TimePoint released_at{};
  int loaded_percentage = 100;
  TimePoint refused_until{}, stuck_until{};
};

// Some of a collection's segments, from one node to another.
struct Transfer {
  CollectionId collection{};
  NodeId from{};
  NodeId to{};
  std::vector<SegmentId> segments;
};

class Cluster {
 public:
  // `trace`, where there is one, gets a line for each thing that happens.
  using Trace = std::function<void(TimePoint, const std::string&)>;
  Cluster(const World& world, TimePoint start, Trace trace);

  // Lets happen all that is due by then.
  void advance(TimePoint now);
  [[nodiscard]] TimePoint now() const { return now_; }
  // Lets something happen then.
  void at(TimePoint time, std::function<void()> what);

  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] const std::vector<Collection>& collections() const { return collections_; }
  [[nodiscard]] Node* node(NodeId id);
  [[nodiscard]] Collection* collection(CollectionId id);
  [[nodiscard]] Collection* collection(const std::string& database, const std::string& name);
  // The nodes of a replica that the coordinator names, ascending.
  [[nodiscard]] std::vector<NodeId> members(const ReplicaSpec& replica) const;
  // Those of them that take part in balancing: no streaming node, and none that is suspended.
  [[nodiscard]] std::vector<NodeId> workers(const ReplicaSpec& replica) const;
  [[nodiscard]] bool suspended(const Node& node) const { return now_ < node.suspended_until; }
  // Where a replica is in exclusive mode: which channel the segment is of, and whose nodes those
  // are.
  static constexpr int kChannels = 2;
  [[nodiscard]] static int channel_of(SegmentId segment);
  [[nodiscard]] std::vector<NodeId> channel_nodes(const ReplicaSpec& replica, int channel) const;

  // Of all nodes, in their order: what they use now. While a segment loads, its node uses more and
  // more of what it takes.
  [[nodiscard]] std::vector<Bytes> used() const;
  [[nodiscard]] Bytes used(NodeId id) const;
  // What the node uses once all that is loading there has been loaded.
  [[nodiscard]] Bytes committed(NodeId id) const;
  [[nodiscard]] static Bytes bytes_of(const Collection& collection, const Segment& segment);
  // What is said of it.
  [[nodiscard]] static Bytes stated_bytes_of(const Collection& collection, const Segment& segment);

  [[nodiscard]] bool unreachable() const { return now_ < unreachable_until_; }
  [[nodiscard]] bool forgetful() const { return now_ < forgetful_until_; }
  [[nodiscard]] TimePoint node_list_hangs_until() const { return node_list_hangs_until_; }
  [[nodiscard]] bool hangs() const { return now_ < hangs_until_; }
  [[nodiscard]] bool throws() const { return now_ < throws_until_; }

  // Milvus's own balancer moves nothing before that time; `by` one of those who hold it off.
  void hold_balancer(const void* by, TimePoint until) { held_until_[by] = until; }
  // When the last hold ends, or has ended.
  [[nodiscard]] TimePoint held_until() const;

  // Begins a move; each segment lands when its bytes have been loaded, unless one of the nodes has
  // died meanwhile. Returns when the last one lands. Segments that are not there stay out of it.
  TimePoint begin(const Transfer& transfer, bool ours);
  // Is some move of the agent's, or of the other balancer, still under way?
  [[nodiscard]] bool moving() const;

  // How often each thing happened.
  [[nodiscard]] const std::map<Happening, int>& happened() const { return happened_; }

 private:
  struct Residue {
    NodeId node{};
    Bytes bytes = 0;
    TimePoint until{};
  };

  [[nodiscard]] double loaded_of(const Copy& copy) const;  // 0 to 1
  [[nodiscard]] std::vector<Bytes> used(bool in_the_end) const;
  [[nodiscard]] Bytes of(NodeId id, const std::vector<Bytes>& all) const;
  void happen(const Event& event);
  void spoil_metrics(const Event& event);
  void die(NodeId id, Duration outage);
  void lose(NodeId id, Duration outage);
  void recover(NodeId id);
  void join(NodeId id, NodeId home, Bytes capacity, Bytes base, int group, bool streaming = false);
  void leave(NodeId id, Duration lasts);
  void compact(CollectionId id);
  void grow(CollectionId id, std::int64_t rows);
  void seal(CollectionId id);
  void load_copy(const Event& event);
  void even_rows(TimePoint until);
  bool even_rows(Collection& collection, std::size_t replica);
  void land(const Transfer& transfer, SegmentId segment, bool ours);
  void suspend(NodeId id, Duration lasts);
  [[nodiscard]] std::optional<NodeId> streaming_member(const ReplicaSpec& replica) const;
  [[nodiscard]] std::vector<std::int64_t> rows_by_node(const Collection& collection,
                                                       std::size_t replica,
                                                       const std::vector<NodeId>& members) const;
  [[nodiscard]] std::optional<NodeId> emptiest(const Collection& collection, std::size_t replica,
                                               NodeId except) const;
  void free(NodeId node, Bytes bytes);

  Manners manners_;
  bool streams_ = false;  // growing segments are on streaming nodes
  Trace trace_;
  TimePoint now_{};
  std::vector<Node> nodes_;
  std::vector<Collection> collections_;
  std::vector<Residue> residues_;  // memory that falls later, and traffic
  std::multimap<TimePoint, std::function<void()>> due_;
  std::map<Happening, int> happened_;
  TimePoint unreachable_until_{}, forgetful_until_{}, node_list_hangs_until_{}, hangs_until_{},
      throws_until_{};
  TimePoint takes_back_until_{};
  std::map<const void*, TimePoint> held_until_;
  std::int64_t next_id_ = 900'000;
};

}  // namespace evenkeel::sim
