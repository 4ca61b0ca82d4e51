#pragma once
// Runs the real agent in a simulated world, from its beginning until it has come to rest.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/loop/agent.hpp"
#include "tests/counted.hpp"
#include "tests/loop/jumping_clock.hpp"
#include "tests/sim/hold.hpp"
#include "tests/sim/notebook.hpp"
#include "tests/sim/ports.hpp"
#include "tests/sim/turns.hpp"

namespace evenkeel::sim {

struct Options {
  bool dry_run = false;
  bool first_plan_only = false;                   // ends when the first plan with moves was made
  std::function<void(const std::string&)> trace;  // gets a line for each thing that happens
};

// One agent in one world, or two: they take turns, or know nothing of each other.
class Simulation {
 public:
  explicit Simulation(World world, Options options = {});
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // The busy time, and then, unless the world stops the agent before, quiet time until the agent
  // has come to rest; then it is stopped. What is wrong is among violations().
  void finish();
  // Lets so much time pass.
  void pass(Duration time);

  [[nodiscard]] Cluster& cluster() { return cluster_; }
  // Of the first agent.
  [[nodiscard]] const Checker& checker() const { return first_.checker; }
  [[nodiscard]] loop::SnapshotPtr snapshot() const { return first_.life->agent->snapshot(); }
  // How often its calls came out in each way.
  [[nodiscard]] std::map<MoveEnd, int> ended() const;
  // What it has counted.
  [[nodiscard]] std::uint64_t count(std::string_view family,
                                    const tests::Labelled& labels = {}) const {
    return tests::count_of(*first_.life->agent->instruments(), family, labels);
  }
  // Of the second; null: there is none yet.
  [[nodiscard]] const Checker* second() const { return second_ ? &second_->checker : nullptr; }
  [[nodiscard]] const std::vector<Violation>& violations() const { return violations_; }
  // How often one has taken over from the other.
  [[nodiscard]] std::uint64_t turned() const { return turned_; }
  [[nodiscard]] bool waited_for_a_window() const;
  // How the last round ended, of the agent whose turn it is.
  [[nodiscard]] loop::Outcome outcome();
  // Of the nodes that live: use ÷ capacity.
  [[nodiscard]] double highest_ratio() const;
  [[nodiscard]] double worst_spread();  // of the replicas

 private:
  struct Seat;
  // An agent, from its start to its end, and what it is told.
  struct Life {
    Life(Simulation& in, Seat& seat);

    ProcessClock clock;
    Ports ports;
    Turntaker turns;
    Notebook notebook;
    Hold hold;
    std::unique_ptr<loop::Agent> agent;
    bool ended = false;
    bool killed = false;  // what it still does, nobody hears
  };
  // The agents that follow each other, and what they are held against.
  struct Seat {
    Seat(Simulation& in, const char* name);

    Checker checker;
    Notebook::Page kept;
    std::unique_ptr<Life> life;
    std::vector<std::unique_ptr<Life>> earlier;
  };

  void pass_until(TimePoint end);
  void start(Seat& seat);
  void stop(Seat& seat);
  void start_the_second();
  [[nodiscard]] Bytes unseen(const Checker& own, const Checker& other, CollectionId moved,
                             NodeId node) const;
  [[nodiscard]] std::uint64_t calls() const;  // of both
  // What next happens to the first agent up to then, or none.
  [[nodiscard]] std::optional<Event> next_of_the_agent(TimePoint until) const;
  void happen(const Event& event);
  void ask(const Event& event);
  void drain(const Event& event);
  void pause(Duration length);
  void restart(Seat& seat, Duration away);
  void kill(const Event& event);
  void freeze(const Event& event);
  // The agent whose turn it is, or the first one.
  [[nodiscard]] Seat& subject();
  void take_over(Seat& seat);
  // What a person asked for a moment ago is written and handed over.
  void let_write();
  void start_again(Seat& seat, Duration away);
  void drive(Duration time);
  [[nodiscard]] bool may_disagree() const;
  void come_to_rest();
  void check_rest();
  void check_end();
  [[nodiscard]] Duration rest() const;
  [[nodiscard]] Bytes capacity_of(const Node& node) const;  // as the settings have it

  World world_;
  Options options_;
  asio::io_context io_{1};
  test::JumpingClock clock_;
  TimePoint start_;
  Cluster cluster_;
  std::vector<Violation> violations_;
  TurnKeeper keeper_;
  Seat first_;
  std::optional<Seat> second_;
  Seat* last_actor_ = nullptr;  // where they take turns
  std::uint64_t turned_ = 0;
  TimePoint handled_;  // of the events of the first agent up to then
};

// What a finished run came to, for the summary of many.
struct Tally {
  std::uint64_t worlds = 0, rounds = 0, calls = 0, moves = 0, minutes = 0, violations = 0;
  std::uint64_t relieved = 0, levelled = 0, refused = 0, stopped = 0, both_moved = 0, turned = 0,
                waited = 0, held_off = 0;                    // worlds
  std::array<std::uint64_t, kHappenings.size()> happened{};  // worlds
  std::array<std::uint64_t, kEras.size()> eras{};            // worlds in which something moved
  std::array<std::uint64_t, kMoveEnds.size()> move_ends{};   // calls
  std::array<std::uint64_t, loop::kOutcomes.size()> ends{};  // worlds, by the last outcome
  void add(const Tally& other);
};

struct Result {
  std::vector<Violation> violations;
  Tally tally;
};

// Runs a world to its end; for some, also whether a dry run plans the same.
[[nodiscard]] Result run(const World& world,
                         const std::function<void(const std::string&)>& trace = {});

}  // namespace evenkeel::sim
