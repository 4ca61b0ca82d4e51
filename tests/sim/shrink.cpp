#include "tests/sim/shrink.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "rules/explain.hpp"
#include "tests/sim/runner.hpp"

namespace evenkeel::sim {
namespace {

class Shrinker {
 public:
  Shrinker(World world, std::string rule, int runs)
      : world_(std::move(world)), rule_(std::move(rule)), runs_(runs) {}

  World shrink() {
    while (runs_ > 0 && pass()) continue;
    return world_;
  }

 private:
  // Is something smaller, and does it still break the rule? Then it takes the world's place.
  bool keep(World smaller) {
    if (runs_-- <= 0) return false;
    const Result result = run(smaller);
    if (result.violations.empty() || result.violations.front().rule != rule_) return false;
    world_ = std::move(smaller);
    return true;
  }

  // Drops each element that is not needed, from the last to the first.
  template <typename List>
  bool drop_from(List list) {
    bool dropped = false;
    for (std::size_t i = list(world_).size(); i-- > 0;) {
      World smaller = world_;
      auto& elements = list(smaller);
      elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(i));
      dropped = keep(std::move(smaller)) || dropped;
    }
    return dropped;
  }

  bool drop_nodes() {
    bool dropped = false;
    for (std::size_t i = world_.nodes.size(); i-- > 1;) {
      World smaller = world_;
      const NodeSpec gone = smaller.nodes[i];
      smaller.nodes.erase(smaller.nodes.begin() + static_cast<std::ptrdiff_t>(i));
      const auto other =
          std::find_if(smaller.nodes.begin(), smaller.nodes.end(), [&](const NodeSpec& node) {
            return node.group == gone.group && node.streaming == gone.streaming;
          });
      if (other == smaller.nodes.end()) continue;
      for (CollectionSpec& collection : smaller.collections) {
        for (SegmentSpec& segment : collection.segments) {
          std::replace(segment.nodes.begin(), segment.nodes.end(), gone.id, other->id);
        }
      }
      dropped = keep(std::move(smaller)) || dropped;
    }
    return dropped;
  }

  // Each of these alone, where it changes anything.
  bool calm() {
    bool calmer = false;
    const auto without = [&](auto change, bool there) {
      if (!there) return;
      World smaller = world_;
      change(smaller.manners);
      calmer = keep(std::move(smaller)) || calmer;
    };
    without([](Manners& m) { m.noise = 0; }, world_.manners.noise > 0);
    without([](Manners& m) { m.kept = 0; }, world_.manners.kept > 0);
    without([](Manners& m) { m.peak = 1; }, world_.manners.peak > 1);
    without([](Manners& m) { m.mapped = 0; }, world_.manners.mapped > 0);
    without([](Manners& m) { m.exclusive = false; }, world_.manners.exclusive);
    without([](Manners& m) { m.answer_time = {}; }, world_.manners.answer_time > Duration{});
    without([](Manners& m) { m.transit_shown = true; }, !world_.manners.transit_shown);
    without([](Manners& m) { m.sizes = Sizes::reported; }, world_.manners.sizes != Sizes::reported);
    for (std::size_t i = 1; i < kMoveEnds.size(); ++i) {
      without([i](Manners& m) { m.move_ends[i] = 0; }, world_.manners.move_ends[i] > 0);
    }
    return calmer;
  }

  bool drop_second_agent() {
    World smaller = world_;
    smaller.second_agent.reset();
    smaller.lease.reset();
    return world_.second_agent && keep(std::move(smaller));
  }

  bool drop_windows() {
    World smaller = world_;
    smaller.closed.reset();
    smaller.settings.windows.clear();
    return world_.closed && keep(std::move(smaller));
  }

  bool shorten() {
    World smaller = world_;
    smaller.busy = smaller.busy / 2;
    return world_.busy > std::chrono::seconds{20} && keep(std::move(smaller));
  }

  bool pass() {
    bool smaller = drop_from([](World& world) -> auto& { return world.events; });
    smaller = drop_from([](World& world) -> auto& { return world.collections; }) || smaller;
    for (std::size_t i = 0; i < world_.collections.size(); ++i) {
      smaller = drop_from([i](World& world) -> auto& { return world.collections[i].segments; }) ||
                smaller;
    }
    smaller = drop_nodes() || smaller;
    smaller = drop_second_agent() || smaller;
    smaller = drop_windows() || smaller;
    smaller = calm() || smaller;
    return shorten() || smaller;
  }

  World world_;
  std::string rule_;
  int runs_;
};

}  // namespace

World shrink(World world, const std::string& rule, int runs) {
  return Shrinker(std::move(world), rule, runs).shrink();
}

std::string words(const World& world) {
  std::string out = "Milvus " + world.era;
  if (world.says) out += ", which says '" + *world.says + "'";
  if (!world.manners.lists) out += ", without lists";
  if (world.manners.exclusive) out += ", exclusive mode";
  if (!world.manners.balancer_active) out += ", balancer suspended";
  if (world.settings.memory.source != "auto") out += ", memory " + world.settings.memory.source;
  out += "\ndatabases seen:";
  for (const std::string& database : world.seen_databases()) out += " " + database;
  out += "\n";
  for (const NodeSpec& node : world.nodes) {
    out += "node " + text(node.id) + ": group " + std::to_string(node.group) + ", " +
           rules::format_bytes(node.capacity) + ", base " + rules::format_bytes(node.base) +
           (node.streaming ? ", streaming\n" : "\n");
  }
  for (const CollectionSpec& collection : world.collections) {
    out += "collection " + text(collection.id) + " " + collection.database + "." + collection.name +
           ": " + std::to_string(collection.row_bytes) + " bytes a row";
    if (collection.weight < 1) out += ", " + std::to_string(collection.weight) + " of what is said";
    for (const ReplicaSpec& replica : collection.replicas) {
      out += ", replica " + text(replica.id) + " on groups " + std::to_string(replica.groups);
    }
    out += "\n";
    for (const SegmentSpec& segment : collection.segments) {
      out += "  segment " + text(segment.id) + ": " +
             rules::format_bytes(segment.rows * collection.row_bytes) + " on";
      for (const NodeId node : segment.nodes) out += " " + text(node);
      out += segment.growing ? ", growing\n" : "\n";
    }
  }
  if (world.lease) {
    out += "they take turns by a lease of " + std::to_string(world.lease->count()) + " ms\n";
  }
  if (world.holds) {
    out += "agents hold Milvus's own balancer off for " + world.settings.builtin_balancer.hold_for +
           "\n";
  }
  if (world.etcd_away) {
    const auto& [from, to] = *world.etcd_away;
    out += "etcd does not answer from " + std::to_string(from.count() / 1000) + " s to " +
           std::to_string(to.count() / 1000) + " s\n";
  }
  if (world.remembers) out += "agents have a journal\n";
  if (world.closed) {
    const auto& [from, to] = *world.closed;
    out += "no window is open from " + std::to_string(from.count() / 1000) + " s to " +
           std::to_string(to.count() / 1000) + " s, then " +
           world.settings.balance.outside_windows + "\n";
  }
  if (world.second_agent) {
    out += "a second agent from " + std::to_string(world.second_agent->count()) + " ms on\n";
  }
  for (const Event& event : world.events) {
    out += "at " + std::to_string(event.at.count() / 1000) + " s " + std::string(name(event.what)) +
           " node " + text(event.node) + " other " + text(event.other) + " collection " +
           text(event.collection) + " lasts " + std::to_string(event.lasts.count() / 1000) +
           " s amount " + std::to_string(event.amount) + "\n";
  }
  const Manners& manners = world.manners;
  out += "answers " + std::to_string(manners.answer_time.count()) + " ms, peak " +
         std::to_string(manners.peak) + ", noise " + std::to_string(manners.noise) + ", kept " +
         std::to_string(manners.kept) + " for " + std::to_string(manners.fall.count() / 1000) +
         " s, mapped " + std::to_string(manners.mapped) + ", sizes " +
         std::to_string(static_cast<int>(manners.sizes)) + " × " +
         std::to_string(manners.schema_error) + ", busy " +
         std::to_string(world.busy.count() / 1000) + " s\n";
  for (std::size_t i = 0; i < kMoveEnds.size(); ++i) {
    if (manners.move_ends[i] == 0) continue;
    out += "calls " + std::string(name(kMoveEnds[i])) + ": " +
           std::to_string(manners.move_ends[i]) + "\n";
  }
  return out;
}

}  // namespace evenkeel::sim
