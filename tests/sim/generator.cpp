#include "tests/sim/generator.hpp"

#include <algorithm>
#include <map>

#include "tests/sim/dice.hpp"

namespace evenkeel::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : dice_(seed) { world_.seed = seed; }

  World generate() {
    add_era();
    add_settings();
    add_nodes();
    add_manners();
    for (std::int64_t count = dice_.between(1, 3); count > 0; --count) add_collection();
    fill();
    // Of the worlds, some are calm: there memory does nothing unseen, and the truth is checked too.
    if (dice_.chance(75)) {
      for (std::int64_t count = dice_.between(1, 6); count > 0; --count) add_event();
    }
    if (dice_.chance(25)) {
      world_.stop_at = seconds(dice_.between(40, world_.busy / seconds(1)));
    }
    // The last things that are drawn: without them the worlds are what they were.
    if (dice_.chance(8)) world_.second_agent = milliseconds(dice_.between(0, 60'000));
    if (dice_.chance(10)) add_person();
    if (dice_.chance(15)) {
      world_.settings.balance.policy.act_ahead = seconds(dice_.between(60, 1800));
    }
    if (dice_.chance(12)) add_drains();
    if (dice_.chance(12)) add_kills();
    if (dice_.chance(8)) add_pause();
    if (!world_.second_agent && dice_.chance(6)) add_turns();
    world_.remembers = dice_.chance(70) && agent_comes_back();
    if (dice_.chance(10)) add_windows();
    const bool alone_or_in_turn = !world_.second_agent || world_.lease;
    if (alone_or_in_turn && dice_.chance(15)) add_holds();
    return std::move(world_);
  }

 private:
  void add_era() {
    const auto last = static_cast<std::int64_t>(kEras.size()) - 1;
    world_.era = kEras[static_cast<std::size_t>(dice_.between(0, last))];
    if (!dice_.chance(3)) return;
    world_.says = dice_.chance(50) ? "4.1.0" : "";
    world_.settings.milvus.allow_untested_version = dice_.chance(50);
  }

  void add_settings() {
    auto& settings = world_.settings;
    rules::Policy& policy = settings.balance.policy;
    settings.scrape.interval = seconds(dice_.between(10, 15));
    settings.scrape.timeout = seconds(dice_.between(2, 5));
    settings.balance.interval = seconds(dice_.between(15, 60));
    settings.milvus.timeout = seconds(dice_.between(5, 10));
    settings.milvus.move_timeout = seconds(dice_.between(10, 40));
    settings.milvus.verify_timeout = seconds(dice_.between(5, 20));
    policy.overload_threshold = dice_.share(70, 95);
    policy.overload_margin = dice_.share(0, 5);
    policy.max_difference = dice_.share(10, 40);
    policy.difference_stop = dice_.share(30, 80);
    policy.evidence_samples = static_cast<int>(dice_.between(1, 3));
    policy.max_sample_age = seconds(dice_.between(25, 45));
    policy.loading_peak = dice_.share(100, 200);
    policy.max_moves_per_round = static_cast<int>(dice_.chance(30) ? dice_.between(1, 3) : 20);
    policy.max_bytes_per_round = (dice_.chance(30) ? dice_.between(1, 4) : 64) * kGiB;
    policy.max_segments_per_call = static_cast<int>(dice_.between(1, 5));
    policy.segment_cooldown = seconds(dice_.between(60, 180));
    policy.settle = seconds(dice_.between(45, 120));
    policy.failures_before_rest = static_cast<int>(dice_.between(1, 3));
    policy.failure_rest = seconds(dice_.between(90, 200));
    world_.busy = seconds(dice_.between(150, 420));
  }

  void add_nodes() {
    groups_ = dice_.chance(30) ? 2 : 1;
    const std::int64_t count = dice_.between(2, 4) + (groups_ - 1) * 2;
    const Bytes usual = kGiB << dice_.between(2, 4);
    for (std::int64_t n = 1; n <= count; ++n) {
      const Bytes capacity = dice_.chance(20) ? 2 * usual : usual;
      const Bytes base = dice_.between(100, 400) * kMiB;
      world_.nodes.push_back(
          {NodeId{n}, dice_.chance(1) ? 0 : capacity, base, static_cast<int>(n) % groups_});
    }
    next_node_ = count + 1;
    add_streaming_nodes(usual);
    if (dice_.chance(20)) world_.settings.capacity.standard = usual;
    if (!dice_.chance(25)) return;
    for (std::int64_t n = 1; n < next_node_ + 6; ++n) {
      const std::string address = address_of(NodeId{n});
      world_.settings.scrape.targets.push_back("http://" + address.substr(0, address.find(':')) +
                                               ":9091/metrics");
    }
  }

  // One or two for the replicas of each group.
  void add_streaming_nodes(Bytes capacity) {
    if (!world_.since(2, 6)) return;
    for (int group = 0; group < groups_; ++group) {
      for (std::int64_t count = dice_.between(1, 2); count > 0; --count) {
        const Bytes base = dice_.between(100, 400) * kMiB;
        world_.nodes.push_back({NodeId{next_node_++}, capacity, base, group, true});
      }
    }
  }

  void add_manners() {
    Manners& manners = world_.manners;
    if (dice_.chance(40)) manners.answer_time = milliseconds(dice_.between(1, 400));
    manners.load_speed = dice_.between(50, 500) * kMiB / (dice_.chance(10) ? 10 : 1);
    manners.peak = dice_.share(100, dice_.chance(90) ? 100 : 150);
    const double allowed = world_.settings.balance.policy.loading_peak;
    if (dice_.chance(50)) manners.peak = 1 + (allowed - 1) * dice_.share(0, 100);
    if (dice_.chance(40)) manners.noise = dice_.share(0, 200) / 100;
    if (dice_.chance(50)) {
      manners.kept = dice_.share(10, 100);
      manners.fall = seconds(dice_.between(10, 240));
    }
    manners.transit_shown = dice_.chance(70);
    manners.sizes = static_cast<Sizes>(dice_.between(0, 2));
    if (world_.since(2, 5) && dice_.chance(60)) manners.sizes = Sizes::reported;
    manners.lists = !dice_.chance(20);
    if (world_.since(2, 6) && dice_.chance(50)) manners.mapped = dice_.share(5, 100);
    if (world_.since(2, 6) && manners.mapped <= 0 && dice_.chance(20)) {
      world_.settings.memory.source = "resident";
    }
    manners.exclusive = world_.since(3, 0) && dice_.chance(30);
    manners.balancer_active = !dice_.chance(30);
    if (dice_.chance(50)) manners.schema_error = dice_.share(70, 140);
    manners.stale_figures = dice_.chance(50);
    if (dice_.chance(50)) return;
    for (std::size_t i = 1; i < kMoveEnds.size(); ++i) {
      if (dice_.chance(40)) manners.move_ends[i] = static_cast<int>(dice_.between(5, 60));
    }
  }

  [[nodiscard]] std::vector<NodeId> nodes_of(std::uint32_t groups) const {
    std::vector<NodeId> nodes;
    for (const NodeSpec& node : world_.nodes) {
      if ((groups >> node.group & 1U) != 0 && !node.streaming) nodes.push_back(node.id);
    }
    return nodes;
  }

  [[nodiscard]] NodeId streaming_of(std::uint32_t groups) const {
    for (const NodeSpec& node : world_.nodes) {
      if ((groups >> node.group & 1U) != 0 && node.streaming) return node.id;
    }
    return NodeId{};
  }

  [[nodiscard]] NodeSpec any_query_node() {
    for (;;) {
      const NodeSpec node = dice_.any_of(world_.nodes);
      if (!node.streaming) return node;
    }
  }

  void add_collection() {
    CollectionSpec collection;
    const auto n = static_cast<std::int64_t>(world_.collections.size()) + 1;
    collection.id = CollectionId{n * 100};
    collection.name = "c" + std::to_string(n);
    if (n > 1 && dice_.chance(30)) {
      collection.database = "shop";
      if (dice_.chance(50)) collection.name = "c1";
      if (!world_.since(2, 5) && dice_.chance(50)) {
        world_.settings.milvus.databases = {"default", "shop"};
      }
    }
    collection.row_bytes = dice_.between(200, 8000);
    if (world_.since(2, 4) && dice_.chance(40)) collection.weight = dice_.share(5, 100);
    if (groups_ == 2 && dice_.chance(60)) {
      collection.replicas = {{ReplicaId{n * 100 + 1}, 1}, {ReplicaId{n * 100 + 2}, 2}};
    } else {
      const std::uint32_t groups = dice_.chance(60) ? (groups_ == 2 ? 3U : 1U) : 1U;
      collection.replicas = {{ReplicaId{n * 100 + 1}, groups}};
    }
    std::vector<std::vector<NodeId>> homes;
    for (const ReplicaSpec& replica : collection.replicas) {
      homes.push_back(nodes_of(replica.groups));
    }
    const std::int64_t skew = dice_.between(0, 90);
    const int stranded = dice_.chance(10) ? 20 : 0;
    for (std::int64_t count = dice_.between(2, 16); count > 0; --count) {
      SegmentSpec segment;
      segment.id = SegmentId{n * 10'000 + count};
      segment.rows = dice_.between(1, 100) * 1000;
      segment.growing = dice_.chance(4);
      for (auto& nodes : homes) {
        segment.nodes.push_back(dice_.chance(static_cast<int>(skew)) ? nodes.front()
                                                                     : dice_.any_of(nodes));
      }
      // Growing segments are on streaming nodes, and an older agent left sealed ones there.
      if (world_.since(2, 6) && (segment.growing || dice_.chance(stranded))) {
        for (std::size_t i = 0; i < segment.nodes.size(); ++i) {
          segment.nodes[i] = streaming_of(collection.replicas[i].groups);
        }
      }
      collection.segments.push_back(std::move(segment));
    }
    world_.collections.push_back(std::move(collection));
  }

  // Makes the rows so large that all of it takes a drawn share of what the nodes have.
  void fill() {
    double capacity = 0;
    double bytes = 1;
    for (const NodeSpec& node : world_.nodes) {
      if (!node.streaming) capacity += static_cast<double>(node.capacity);
    }
    for (const CollectionSpec& each : world_.collections) {
      for (const SegmentSpec& segment : each.segments) {
        bytes += static_cast<double>(segment.rows * each.row_bytes) *
                 static_cast<double>(each.replicas.size());
      }
    }
    const double factor = capacity * dice_.share(15, 90) / bytes;
    for (CollectionSpec& each : world_.collections) {
      const double row = static_cast<double>(each.row_bytes) * factor;
      each.row_bytes = std::max<Bytes>(1, static_cast<Bytes>(row));
    }
  }

  [[nodiscard]] std::int64_t able(int group) {
    return static_cast<std::int64_t>(nodes_of(1U << group).size()) - gone_[group];
  }

  void add_event() {
    Event event;
    event.what = dice_.chance(5) ? Happening::node_leaves
                                 : kHappenings[static_cast<std::size_t>(dice_.between(
                                       0, static_cast<std::int64_t>(kDrawnAlike) - 1))];
    event.at = milliseconds(dice_.between(15'000, world_.busy.count()));
    event.lasts = seconds(dice_.between(5, 90));
    const NodeSpec node = any_query_node();
    event.node = node.id;
    event.collection = dice_.any_of(world_.collections).id;
    switch (event.what) {
      case Happening::node_dies:
      case Happening::node_leaves:
        if (able(node.group) < 2) return;
        ++gone_[node.group];
        event.lasts = seconds(dice_.between(5, 20));
        break;
      case Happening::node_joins:
        event.other = event.node;
        event.node = NodeId{next_node_++};
        event.amount = node.capacity;
        break;
      case Happening::node_restarts:
        if (able(node.group) < 2) return;
        event.other = NodeId{next_node_++};
        break;
      case Happening::node_suspended:
        if (able(node.group) < 2) return;
        break;
      case Happening::id_claimed:
        event.other = dice_.any_of(world_.nodes).id;
        break;
      case Happening::growth:
        event.amount = dice_.between(5, 100) * 1000;
        break;
      case Happening::traffic:
        event.amount = node.capacity / 100 * dice_.between(5, 30);
        break;
      case Happening::collection_loaded:
        event.amount = dice_.between(1, 6);
        break;
      default:
        break;
    }
    world_.events.push_back(event);
  }

  void add_person() {
    const std::int64_t force = dice_.chance(30) ? 1 : 0;
    for (std::int64_t count = dice_.between(1, 3); count > 0; --count) {
      Event event;
      event.what = Happening::person_moves;
      event.at = milliseconds(dice_.between(15'000, world_.busy.count()));
      event.node = any_query_node().id;
      event.collection = dice_.any_of(world_.collections).id;
      event.amount = force;
      world_.events.push_back(event);
    }
  }

  // Some nodes, of which half are let go again.
  void add_drains() {
    for (std::int64_t count = dice_.between(1, 2); count > 0; --count) {
      Event event;
      event.what = Happening::node_drained;
      event.at = milliseconds(dice_.between(15'000, world_.busy.count()));
      event.node = any_query_node().id;
      world_.events.push_back(event);
      if (!dice_.chance(50)) continue;
      event.at = milliseconds(dice_.between(event.at.count(), world_.busy.count()));
      event.amount = 1;
      world_.events.push_back(event);
    }
  }

  void add_kills() {
    for (std::int64_t count = dice_.between(1, 2); count > 0; --count) {
      Event event;
      event.what = Happening::agent_killed;
      event.at = milliseconds(dice_.between(15'000, world_.busy.count()));
      event.lasts = milliseconds(dice_.between(500, 40'000));
      event.amount = dice_.chance(70) ? 1 : 0;
      world_.events.push_back(event);
    }
  }

  // Each of what may end a turn, in some order.
  void add_turns() {
    world_.second_agent = milliseconds(dice_.between(0, 30'000));
    world_.lease = seconds(dice_.between(6, 15));
    for (const Happening what :
         {Happening::agent_killed, Happening::agent_stopped, Happening::agent_cut_off}) {
      Event event;
      event.what = what;
      event.at = milliseconds(dice_.between(30'000, world_.busy.count()));
      event.lasts = seconds(dice_.between(2, 60));
      event.amount = dice_.chance(60) ? 1 : 0;
      world_.events.push_back(event);
    }
  }

  // Only then a journal is read.
  [[nodiscard]] bool agent_comes_back() const {
    return std::any_of(world_.events.begin(), world_.events.end(), [](const Event& event) {
      return event.what == Happening::agent_restarts || event.what == Happening::agent_killed;
    });
  }

  void add_pause() {
    Event event;
    event.what = Happening::agent_paused;
    event.at = milliseconds(dice_.between(15'000, world_.busy.count()));
    event.lasts = seconds(dice_.between(30, 240));
    world_.events.push_back(event);
  }

  // The world begins at midnight: the window is open from the end of what is closed until its
  // begin.
  void add_windows() {
    const minutes from{dice_.between(1, 4)};
    const minutes to = from + minutes{dice_.between(1, 5)};
    world_.closed = {from, to};
    world_.settings.windows.push_back({.from = to, .to = from});
    world_.settings.balance.outside_windows = dice_.chance(60) ? "relief" : "nothing";
  }

  // With somebody to hold off, in most.
  void add_holds() {
    world_.holds = true;
    auto& balancer = world_.settings.builtin_balancer;
    balancer.mode = "hold";
    balancer.via = "etcd";
    balancer.hold_for = dice_.chance(30) ? "always" : "moves";
    if (dice_.chance(30)) {
      const Duration from = milliseconds(dice_.between(15'000, world_.busy.count()));
      world_.etcd_away = {from, from + seconds(dice_.between(5, 60))};
    }
    if (!dice_.chance(60)) return;
    Event event;
    event.what = dice_.chance(50) ? Happening::builtin_balancer : Happening::takes_back;
    event.at = milliseconds(dice_.between(15'000, world_.busy.count()));
    event.lasts = seconds(dice_.between(30, 180));
    world_.events.push_back(event);
  }

  Dice dice_;
  World world_;
  int groups_ = 1;
  std::int64_t next_node_ = 1;
  std::map<int, std::int64_t> gone_;  // by group: nodes that die or leave
};

}  // namespace

World generate(std::uint64_t seed) {
  return Generator(seed).generate();
}

}  // namespace evenkeel::sim
