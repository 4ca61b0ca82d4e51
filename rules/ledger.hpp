#pragma once
// The agent's memory between rounds: samples, moves under way and moves done. The ledger, not the
// metric, says what was moved, since memory may fall late or not at all. A value: the loop keeps
// one and hands it to the rules.

#include <cstddef>
#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/drains.hpp"
#include "rules/effects.hpp"
#include "rules/exchanges.hpp"
#include "rules/forecast.hpp"
#include "rules/policy.hpp"
#include "rules/segment_history.hpp"
#include "rules/unexplained.hpp"

namespace evenkeel::rules {

// A move that was sent and whose end the distribution has not shown yet.
struct Flight {
  SegmentId segment{};
  ReplicaId replica{};
  NodeId from{};
  NodeId to{};
  Bytes bytes = 0;
  TimePoint started{};

  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("segment", self.segment);
    visit("replica", self.replica);
    visit("from", self.from);
    visit("to", self.to);
    visit("bytes", self.bytes);
    visit("started", self.started);
  }
};

// A move that the distribution has confirmed, kept until `Policy::settle` has passed.
struct Landed {
  Flight flight;
  TimePoint finished{};
  Bytes source_used_before = 0;  // the nodes' last samples before the move; 0: none
  Bytes destination_used_before = 0;
  TimePoint source_sampled_at{};  // when source_used_before was read

  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("flight", self.flight);
    visit("finished", self.finished);
    visit("source_used_before", self.source_used_before);
    visit("destination_used_before", self.destination_used_before);
    visit("source_sampled_at", self.source_sampled_at);
  }
};

// A collection that cannot be read in full keeps the others from being levelled for this long.
inline constexpr Duration kWaitForCollection = std::chrono::minutes{10};

// The samples and moves that later rounds are judged by.
class Ledger {
 public:
  // Remembers a node's newest samples, at most Policy::evidence_samples of each; a sample not newer
  // than the last is dropped, and so are those of nodes that are not up. Nodes that a complete
  // cluster no longer names are forgotten. A failed move that took effect after all counts as
  // moved, from now on. Reads the nodes' unexplained memory, too.
  void observe(const Cluster& cluster, const Policy& policy);

  // Replaces the set of replicas that are being levelled: see still_levelled().
  void remember(std::set<ReplicaId> levelled) { levelling_ = std::move(levelled); }

  // Evidence begins anew.
  void forget_samples() { samples_.clear(); }

  // What another agent must know to go on from here: all but what it sees by itself.
  [[nodiscard]] Ledger handover() const;
  // Goes on from another agent's handover(); what this one has seen by itself stays.
  void take_over(Ledger other);
  // Forgets the histories of all but so many segments: those that moved or failed last stay.
  void keep_newest_histories(std::size_t most);

  // A flight of the same segment and replica that has not ended is replaced.
  void start(const Flight& flight);
  // The distribution shows the segment on the destination and no longer on the source. No effect
  // where there is no such flight.
  void land(const SegmentKey& key, TimePoint now);
  // The flight, if there is one, did not happen: counts a failure, and rests the segment after
  // Policy::failures_before_rest of them.
  void fail(const SegmentKey& key, TimePoint now, const Policy& policy);
  // As fail(), for a call without an answer: it may yet happen, so its destination keeps room for
  // the segment until it is seen there, or Policy::settle has passed.
  void give_up(const SegmentKey& key, TimePoint now, const Policy& policy);
  // The segment is gone (compacted, released, dropped): neither a success nor a failure.
  void drop(const SegmentKey& key);
  // The call was not sent after all.
  void withdraw(const SegmentKey& key);
  // The destination refused the segment since it is read-only: the flight ends, the segment is not
  // to blame, and the node is no destination for Policy::segment_cooldown.
  void destination_refused(const SegmentKey& key, TimePoint now, const Policy& policy);
  [[nodiscard]] bool destination_rests(NodeId destination, TimePoint now) const;
  // Somebody else has taken back a move of ours, so the segment has moved twice.
  void taken_back(const SegmentKey& key, TimePoint now);
  // Forgets settled moves, ended cool-downs and rests of segments that are not in flight, and for
  // segments that a complete cluster no longer has (compacted into others, released, dropped) the
  // history and the flights older than Policy::settle.
  void expire(const Cluster& cluster, TimePoint now, const Policy& policy);

  [[nodiscard]] const std::vector<Flight>& flights() const { return flights_; }
  [[nodiscard]] const std::vector<Landed>& landed() const { return landed_; }
  // A move of ours has not ended, or has landed so lately that lists may be from before: since
  // then, or within Policy::settle.
  [[nodiscard]] bool sent(const SegmentKey& key, TimePoint since = {}) const;
  // A flight whose call was never answered, and until when room is kept for it.
  struct GivenUp {
    Flight flight;
    TimePoint until{};

    template <typename Self, typename Visit>
    static void members(Self& self, Visit&& visit) {
      visit("flight", self.flight);
      visit("until", self.until);
    }
  };
  [[nodiscard]] const std::vector<GivenUp>& given_up() const { return given_up_; }
  [[nodiscard]] const std::deque<Sample>& samples(NodeId node) const;
  [[nodiscard]] const SegmentHistory* history(const SegmentKey& key) const;
  [[nodiscard]] const std::map<SegmentKey, SegmentHistory>& histories() const { return histories_; }
  // The last time that a move touched this node, as source or destination; the epoch: never.
  [[nodiscard]] TimePoint touched(NodeId node) const;
  // The replica is being levelled: it differs for as long as it is outside the stop mark.
  [[nodiscard]] bool levelling(ReplicaId replica) const { return levelling_.contains(replica); }
  [[nodiscard]] const std::set<ReplicaId>& levelling() const { return levelling_; }
  // A flight from or to this node has not ended.
  [[nodiscard]] bool in_flight(NodeId node) const;
  // Nothing is under way to or from the node, and this sample was taken so long after the last move
  // that touched it that a destination's memory has risen. A source's may not have fallen.
  [[nodiscard]] bool calm(NodeId node, const Sample& sample, const Policy& policy) const;

  // Bytes to count on top of a node's newest sample: those in flight to it (× Policy::loading_peak)
  // and those that landed after the sample.
  [[nodiscard]] Bytes inbound(NodeId node, const Policy& policy) const;
  // As inbound(), on top of a sample taken at `sampled`.
  [[nodiscard]] Bytes inbound_since(NodeId node, TimePoint sampled, const Policy& policy) const;
  // Bytes to take off a node's newest sample: those that left and have not fallen yet, while
  // Policy::settle lasts. The rest is never less than the bytes that the distribution says the node
  // holds and its unexplained memory.
  [[nodiscard]] Bytes unfallen(NodeId node, TimePoint now, const Policy& policy) const;
  // The node's memory once all that is under way has come and gone: this sample with both
  // corrections as they stand for it. Never negative.
  [[nodiscard]] Bytes expected(NodeId node, const Sample& sample, TimePoint now,
                               const Policy& policy) const;

  [[nodiscard]] const Unexplained& unexplained() const { return unexplained_; }
  [[nodiscard]] const Effects& effects() const { return effects_; }
  [[nodiscard]] const Courses& courses() const { return courses_; }
  [[nodiscard]] const Drains& drains() const { return drains_; }
  [[nodiscard]] Drains& drains() { return drains_; }
  [[nodiscard]] const Exchanges& exchanges() const { return exchanges_; }
  [[nodiscard]] Exchanges& exchanges() { return exchanges_; }
  // The collection could not be read in full for kWaitForCollection.
  [[nodiscard]] bool stuck(CollectionId collection, TimePoint now) const;

  // Names all that must outlive a restart, for a reader or a writer. So do the structs within. The
  // courses begin anew: they are large, and a forecast may wait.
  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("samples", self.samples_);
    visit("touched", self.touched_);
    visit("flights", self.flights_);
    visit("before", self.before_);
    visit("landed", self.landed_);
    visit("given_up", self.given_up_);
    visit("histories", self.histories_);
    visit("levelling", self.levelling_);
    visit("refused_until", self.refused_until_);
    visit("held", self.held_);
    visit("arrivals", self.arrivals_);
    visit("unexplained", self.unexplained_);
    visit("effects", self.effects_);
    visit("incomplete_since", self.incomplete_since_);
    visit("drains", self.drains_);
    visit("exchanges", self.exchanges_);
  }

 private:
  // The newest samples of a flight's nodes when it started.
  struct Before {
    Sample source;
    Sample destination;

    template <typename Self, typename Visit>
    static void members(Self& self, Visit&& visit) {
      visit("source", self.source);
      visit("destination", self.destination);
    }
  };

  // By node, if it is calm.
  [[nodiscard]] std::map<NodeId, Sample> calm_samples(const Policy& policy) const;
  [[nodiscard]] std::vector<Flight>::iterator find(const SegmentKey& key);
  void touch(const Flight& flight, TimePoint time);
  void notice_late_moves(const Cluster& cluster);
  void drop_returned(const Cluster& cluster);
  void follow_collections(const Cluster& cluster);
  void follow_totals(const Cluster& cluster, const std::vector<NodeTotals>& totals);
  [[nodiscard]] bool may_miss_a_move(NodeId node, TimePoint since) const;
  [[nodiscard]] Sample newest(NodeId node) const;
  [[nodiscard]] bool disturbed(NodeId node, const Sample& sample, const Policy& policy) const;
  [[nodiscard]] Bytes unfallen_at(NodeId node, const Sample& sample, TimePoint now,
                                  const Policy& policy) const;

  Samples samples_;
  std::map<NodeId, TimePoint> touched_;
  std::vector<Flight> flights_;
  std::map<SegmentKey, Before> before_;  // by flight
  std::vector<Landed> landed_;
  std::vector<GivenUp> given_up_;
  std::map<SegmentKey, SegmentHistory> histories_;
  std::set<ReplicaId> levelling_;
  std::map<NodeId, TimePoint> refused_until_;  // by destination that refused
  // Bytes of the nodes' segments by the newest whole distribution, and the moves since.
  std::map<NodeId, Bytes> held_;
  // Bytes that somebody else brought to a node while moves of ours are still falling.
  struct Arrival {
    NodeId node{};
    Bytes bytes = 0;
    TimePoint at{};

    template <typename Self, typename Visit>
    static void members(Self& self, Visit&& visit) {
      visit("node", self.node);
      visit("bytes", self.bytes);
      visit("at", self.at);
    }
  };
  std::vector<Arrival> arrivals_;
  Unexplained unexplained_;
  Effects effects_;
  Courses courses_;
  std::map<CollectionId, TimePoint> incomplete_since_;
  Drains drains_;
  Exchanges exchanges_;
};

}  // namespace evenkeel::rules
