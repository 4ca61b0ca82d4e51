#pragma once
// What must never happen, whatever the world does: held against every call, plan and record of the
// agent, by what the agent could know at that moment. It hears all that the ports tell the agent
// and keeps its own books of it; a broken rule becomes a Violation.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/loop/decision.hpp"
#include "agent/milvus/coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "rules/ledger.hpp"
#include "tests/sim/cluster.hpp"

namespace evenkeel::sim {

struct Violation {
  TimePoint at{};
  std::string rule;    // a few words, the same for each case of it
  std::string detail;  // this case
};

// One segment of a load_balance call.
struct Sent {
  rules::Move move;
  TimePoint at{};
  std::optional<loop::MoveResult> result;  // as the agent took it; none: not known yet
  TimePoint ended{};                       // when the agent could know
  std::uint64_t heard = 0;                 // how many readings of the metrics had come by then
  bool shown = false;                      // the distribution has shown it on its destination alone
  bool turned_away = false;                // the destination was read-only, and took nothing
  bool done = false;                       // answered as done: nothing more comes of it
  bool cut_short = false;                  // the agent ended before it knew the end
};

class Checker {
 public:
  using Trace = Cluster::Trace;
  // Appends to `violations`, which must outlive it.
  Checker(const World& world, Cluster& cluster, std::vector<Violation>& violations, Trace trace);

  // What the agent is told, as it is told.
  void told_replicas(CollectionId id,
                     const milvus::Result<std::vector<milvus::ReplicaInfo>>& answer);
  void told_segments(CollectionId id,
                     const milvus::Result<std::vector<milvus::SegmentInfo>>& answer);
  void told_samples(const std::vector<scrape::TargetResult>& results);
  void told_nodes(const milvus::SystemInfo& info, TimePoint at);
  void told_roles(const std::vector<milvus::ReplicaRoles>& roles, TimePoint at);

  // What the agent does.
  void planned(const rules::Cluster& seen, const rules::Ledger& ledger,
               const loop::Decision& decision);
  void asked(const milvus::LoadBalance& request);
  void answered(const milvus::Result<void>& answer);
  void moved(const loop::MoveRecord& record);
  void published(const loop::SnapshotPtr& snapshot);
  void stopping() { stopping_ = true; }
  [[nodiscard]] bool waited_for_a_window() const { return waited_for_a_window_; }
  // A person had nodes emptied, or no longer: these are drained now.
  void drained(const rules::Drains& drains) {
    drained_.clear();
    for (const auto& [node, drain] : drains.all()) drained_.insert(node);
  }
  [[nodiscard]] bool is_drained(NodeId node) const { return drained_.contains(node); }
  // A segment of this collection begins to load on a node by the agent's order.
  void loads(CollectionId collection, NodeId destination);
  // What another agent's orders bring to a node, and this one, before it sends such a call, cannot
  // know of.
  std::function<Bytes(CollectionId, NodeId)> unseen;
  // A person has all rest until then, but for a call that is on its way.
  void paused(TimePoint until) {
    paused_since_ = cluster_.now();
    paused_until_ = until;
  }
  // Another agent begins. `kept`: the number of the last decision of the one before, which has left
  // it all that it knew; none: it knows nothing of what that one was told and did.
  void restarted(std::optional<std::uint64_t> kept);
  // It goes on from what another agent has done, and left at that time.
  void took_over(const Checker& other, TimePoint left_at);
  // It has the turn again, and goes on from what it has left itself, maybe in an earlier life.
  void resumed();
  // Its process was stopped, and goes on.
  void woke() { misplaced_.clear(); }
  // Where agents take turns: whether it is this one's, by who keeps them.
  std::function<bool()> has_turn;
  // A call has left the agent, and is not answered yet.
  [[nodiscard]] bool calls_now() const { return under_way_ > 0; }

  void trace(const std::function<std::string()>& line) const;
  void violate(const std::string& rule, const std::string& detail) const;
  // By the agent of now, and those before of which it knows.
  [[nodiscard]] const std::vector<Sent>& sent() const { return sent_; }
  [[nodiscard]] std::uint64_t moves() const { return moves_; }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  // When the agent, about to move something of the one collection, read where the segments of the
  // other are; the epoch: never.
  [[nodiscard]] TimePoint looked_at(CollectionId moved, CollectionId other) const;
  // The moves of the first plan that has any, in words, and when it was made.
  [[nodiscard]] const std::string& first_plan() const { return first_plan_; }

 private:
  struct Sampled {
    TimePoint at{};
    Bytes used = 0;
    std::uint64_t heard = 0;  // which reading of the metrics gave it
    bool good = false;        // the newest reading
    bool ambiguous = false;   // in the newest reading of all targets
  };
  struct Told {
    bool replicas_read = false, segments_read = false;
    rules::TimePoint unread_since{};  // where one of them is
    std::vector<milvus::ReplicaInfo> replicas;
    std::vector<milvus::SegmentInfo> segments;
    TimePoint at{};  // when the newest list of its segments came
  };

  void check_shape(const milvus::LoadBalance& request);
  void check_version();
  void check_start();
  void check_database(const milvus::LoadBalance& request, const rules::Call& call);
  void check_roles(const rules::Call& call);
  void check_channels(const rules::Call& call);
  void take_up_what_was_told();
  [[nodiscard]] const rules::Call* next_admitted(const milvus::LoadBalance& request);
  void check_picture(const rules::Call& call);
  void check_places(const rules::Call& call);
  void check_nodes(const rules::Call& call);
  void check_drains(const rules::Call& call);
  void check_windows(const rules::Call& call);
  void check_hold(const rules::Call& call);
  void check_room(const rules::Call& call);
  [[nodiscard]] double needed(const rules::Call& call, const Sampled& sampled) const;
  [[nodiscard]] bool taken_back(const rules::Move& move) const;
  void check_rests(const rules::Call& call);
  void check_pause() const;
  void check_turn() const;
  void cut_short();
  void check_cut_short(const rules::Move& move) const;
  [[nodiscard]] const milvus::SegmentInfo* told(const rules::Move& move) const;
  void look_for_transits();
  void check_belief();
  void check_places_seen();
  void forget_released();
  void settle(Sent& sent, const std::vector<NodeId>& nodes);
  void settle_by_picture();

  const World& world_;
  Cluster& cluster_;
  Trace trace_;
  rules::Policy policy_;
  bool honest_ = false;         // memory does nothing that the agent cannot know
  bool person_forces_ = false;  // a person's load_balance, where there is one, is by force
  bool asked_ = false;          // the round under way is a person's load_balance
  std::vector<Violation>& violations_;

  std::shared_ptr<const rules::Cluster> picture_;  // the newest that the agent published
  std::map<CollectionId, Told> told_;
  std::map<NodeId, Sampled> samples_;
  std::map<NodeId, Sampled> earlier_samples_;  // until Milvus's own figures were taken up last
  TimePoint taken_up_{};
  std::uint64_t heard_ = 0;                // readings of the metrics so far
  std::map<std::string, NodeId> claimed_;  // by target: the id that answered there last
  std::map<NodeId, Bytes> capacity_;       // as the newest plan saw it
  // What the coordinator said of nodes, and when; the agent goes by it from its next picture on.
  std::optional<std::pair<TimePoint, std::map<NodeId, Sampled>>> next_samples_;
  std::optional<std::pair<TimePoint, std::set<NodeId>>> next_leaving_;
  std::set<NodeId> leaving_;
  std::set<NodeId> drained_;
  TimePoint paused_since_{}, paused_until_{};
  // Segments that the newest picture shows elsewhere than they are, and since when.
  std::map<std::pair<SegmentId, std::size_t>, TimePoint> misplaced_;

  std::vector<rules::Call> admitted_;  // of the round under way
  std::size_t next_ = 0;               // which of them is to be sent next
  std::size_t round_moves_ = 0;
  Bytes round_bytes_ = 0;
  std::vector<Sent> sent_;
  std::uint64_t moves_ = 0;
  int under_way_ = 0;
  std::uint64_t calls_ = 0;
  std::uint64_t last_decision_ = 0;
  bool may_skip_ = false;  // numbers of decisions: those of another agent
  std::string first_plan_;
  bool stopping_ = false;
  bool waited_for_a_window_ = false;
  bool seen_loaded_ = false;   // some picture has had a collection
  TimePoint began_;            // when this agent did
  TimePoint took_over_{};      // from another one
  bool looked_whole_ = false;  // some picture since then was whole
  // Something was on its way in the first whole picture: nothing is sent before.
  TimePoint rests_until_{};
};

}  // namespace evenkeel::sim
