#include "tests/sim/runner.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "rules/arithmetic.hpp"

namespace evenkeel::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration kStopLimit = 5s;
constexpr Duration kQuietLimit = 3h;

Cluster::Trace timed(const Options& options, const TimePoint& start, const char* whose = "") {
  if (!options.trace) return {};
  return [&options, &start, whose](TimePoint now, const std::string& line) {
    options.trace(std::to_string(static_cast<double>((now - start).count()) / 1000).substr(0, 8) +
                  " s  " + whose + line);
  };
}

TimePoint calm_from(const World& world, TimePoint start) {
  Duration calm = world.busy;
  if (world.closed) calm = std::max(calm, world.closed->second);
  for (const Event& event : world.events) calm = std::max(calm, event.at + event.lasts);
  return start + calm;
}

}  // namespace

Simulation::Simulation(World world, Options options)
    : world_(std::move(world)),
      options_(std::move(options)),
      start_(clock_.now()),
      cluster_(world_, start_, timed(options_, start_)),
      keeper_(world_.lease.value_or(0ms)),
      first_(*this, "") {
  start(first_);
}

Simulation::Seat::Seat(Simulation& in, const char* name)
    : checker(in.world_, in.cluster_, in.violations_, timed(in.options_, in.start_, name)) {}

Simulation::Life::Life(Simulation& in, Seat& seat)
    : clock(in.clock_),
      ports(in.world_, in.cluster_, clock, seat.checker, calm_from(in.world_, in.start_)),
      turns(in.keeper_, clock, in.world_.manners.answer_time),
      notebook(seat.kept, clock),
      hold(in.world_, in.cluster_, clock, in.start_) {
  loop::Parts parts{ports, ports, clock};
  if (in.world_.holds) parts.hold = &hold;
  if (in.world_.remembers) parts.journal = &notebook;
  if (in.world_.lease) {
    parts.turns = &turns;
    turns.on_taken_over = [&in, &seat] { in.take_over(seat); };
    seat.checker.has_turn = [&in, &turns = turns] {
      return in.keeper_.actor(in.clock_.now()) == &turns;
    };
  }
  agent = std::make_unique<loop::Agent>(in.io_.get_executor(), parts, in.world_.settings,
                                        in.options_.dry_run);
}

Simulation::~Simulation() {
  for (Seat* seat : {&first_, second_ ? &*second_ : nullptr}) {
    if (seat == nullptr) continue;
    if (!seat->life->ended) stop(*seat);
    clock_.drive(io_, 60s, [seat] {
      return std::all_of(seat->earlier.begin(), seat->earlier.end(),
                         [](const auto& life) { return life->ended; });
    });
  }
}

void Simulation::start(Seat& seat) {
  if (seat.life != nullptr) seat.earlier.push_back(std::move(seat.life));
  seat.life = std::make_unique<Life>(*this, seat);
  Life& life = *seat.life;
  life.agent->on_plan(
      [this, &seat, &life](const auto& seen, const auto& ledger, const auto& decision) {
        cluster_.advance(clock_.now());
        if (!life.killed) seat.checker.planned(seen, ledger, decision);
      });
  life.agent->on_move([this, &seat, &life](const loop::MoveRecord& record) {
    cluster_.advance(clock_.now());
    if (!life.killed) seat.checker.moved(record);
  });
  life.agent->on_publish([this, &seat, &life](const loop::SnapshotPtr& snapshot) {
    cluster_.advance(clock_.now());
    if (!life.killed) seat.checker.published(snapshot);
  });
  asio::co_spawn(io_, life.agent->run(), [&seat, &life](const std::exception_ptr& error) {
    if (error) seat.checker.violate("an exception ends the agent", "");
    life.ended = true;
  });
}

std::map<MoveEnd, int> Simulation::ended() const {
  std::map<MoveEnd, int> sum = first_.life->ports.ended();
  for (const auto& life : first_.earlier) {
    for (const auto& [end, count] : life->ports.ended()) sum[end] += count;
  }
  return sum;
}

void Simulation::start_the_second() {
  second_.emplace(*this, "second: ");
  const auto tell = [this](Checker& whom, const Checker& of) {
    whom.unseen = [this, &whom, &of](CollectionId moved, NodeId node) {
      return unseen(whom, of, moved, node);
    };
  };
  if (!world_.lease) {
    tell(first_.checker, second_->checker);
    tell(second_->checker, first_.checker);
  }
  start(*second_);
}

// What the other has sent there since this agent looked.
Bytes Simulation::unseen(const Checker& own, const Checker& other, CollectionId moved,
                         NodeId node) const {
  double bytes = 0;
  for (const Sent& sent : other.sent()) {
    if (sent.move.to != node || sent.at < own.looked_at(moved, sent.move.collection)) continue;
    bytes += static_cast<double>(sent.move.bytes) * world_.settings.balance.policy.loading_peak;
  }
  return static_cast<Bytes>(bytes);
}

bool Simulation::waited_for_a_window() const {
  return first_.checker.waited_for_a_window() ||
         (second_ && second_->checker.waited_for_a_window());
}

std::uint64_t Simulation::calls() const {
  return first_.checker.calls() + (second_ ? second_->checker.calls() : 0);
}

void Simulation::pass(Duration time) {
  const TimePoint end = clock_.now() + time;
  if (world_.second_agent && !second_ && start_ + *world_.second_agent <= end) {
    pass_until(start_ + *world_.second_agent);
    if (!violations().empty()) return;
    start_the_second();
  }
  pass_until(end);
}

void Simulation::pass_until(TimePoint end) {
  while (const auto event = next_of_the_agent(end)) {
    drive(std::max<Duration>(start_ + event->at - clock_.now(), 0ms));
    if (!violations().empty()) return;
    handled_ = start_ + event->at;
    happen(*event);
    if (!violations().empty()) return;
  }
  drive(std::max<Duration>(end - clock_.now(), 0ms));
}

Simulation::Seat& Simulation::subject() {
  const Turntaker* actor = keeper_.actor(clock_.now());
  const bool second = second_ && actor != nullptr && actor == &second_->life->turns;
  return second ? *second_ : first_;
}

// What the one before has left is known to that one.
void Simulation::take_over(Seat& seat) {
  if (seat.life->killed) return;
  cluster_.advance(clock_.now());
  if (last_actor_ == &seat) seat.checker.resumed();
  if (last_actor_ != nullptr && last_actor_ != &seat && keeper_.left()) {
    seat.checker.took_over(last_actor_->checker, keeper_.left()->at);
    seat.checker.trace([] { return "takes over"; });
    ++turned_;
  }
  last_actor_ = &seat;
}

void Simulation::happen(const Event& event) {
  Seat& seat = subject();
  const bool hindered =
      clock_.now() < std::max(seat.life->turns.cut_off_until(), seat.life->clock.stopped_until());
  const bool acts = !world_.lease || (seat.life->turns.state().ours() && !hindered);
  switch (event.what) {
    case Happening::person_moves:
      return acts ? ask(event) : void();
    case Happening::node_drained:
      return acts ? drain(event) : void();
    case Happening::agent_paused:
      return acts ? pause(event.lasts) : void();
    case Happening::agent_stopped:
      return freeze(event);
    case Happening::agent_cut_off:
      let_write();
      return subject().life->turns.cut_off_until(clock_.now() + event.lasts);
    case Happening::agent_killed:
      return kill(event);
    default:
      return restart(seat, event.lasts);
  }
}

std::optional<Event> Simulation::next_of_the_agent(TimePoint until) const {
  std::optional<Event> next;
  for (const Event& event : world_.events) {
    if (!is_of_the_agent(event.what) || start_ + event.at > until) continue;
    if (start_ + event.at > handled_ && (!next || event.at < next->at)) next = event;
  }
  return next;
}

// Two of the collection's segments on that node, where it has any; else all that the node has.
void Simulation::ask(const Event& event) {
  loop::TransferRequest request;
  request.transfer.source = event.node;
  request.transfer.force = event.amount == 1;
  const Collection* collection = cluster_.collection(event.collection);
  if (collection != nullptr) {
    for (const Segment& segment : collection->segments) {
      const bool there = std::any_of(segment.copies.begin(), segment.copies.end(),
                                     [&](const Copy& copy) { return copy.node == event.node; });
      if (there && request.transfer.segments.size() < 2) {
        request.transfer.segments.push_back(segment.id);
      }
    }
  }
  (void)subject().life->agent->ask(std::move(request));  // an agent without a picture may decline
}

// The checker takes it from the picture in which the agent says that the drain holds.
void Simulation::drain(const Event& event) {
  auto ticket =
      subject().life->agent->ask(loop::DrainRequest{event.node, event.amount == 0, "", "somebody"});
  if (!ticket) return;  // an agent without a picture may decline
  clock_.drive(io_, 0ms, [] { return false; });
  if (ticket->taken_up.wait_for(0ms) != std::future_status::ready) return;
  subject().checker.drained(ticket->taken_up.get()->ledger->drains());
}

void Simulation::pause(Duration length) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(length);
  auto ticket = subject().life->agent->ask(loop::PauseRequest{"", "somebody", seconds});
  if (!ticket) return;  // an agent without a picture may decline
  clock_.drive(io_, 0ms, [] { return false; });
  if (ticket->taken_up.wait_for(0ms) != std::future_status::ready) return;
  subject().checker.paused(clock_.now() + seconds);
}

void Simulation::restart(Seat& seat, Duration away) {
  stop(seat);
  if (violations().empty()) start_again(seat, away);
}

void Simulation::let_write() {
  constexpr Duration kHandedOver = 1s;
  drive(world_.lease ? kHandedOver : 2 * Notebook::kWriting);
}

// At that moment, or soon after the next call has been sent.
void Simulation::kill(const Event& event) {
  constexpr Duration kPatience = 90s;
  let_write();
  if (event.amount == 1) {
    const bool calls = clock_.drive(
        io_, kPatience, [this] { return subject().checker.calls_now() || !violations().empty(); });
    if (calls) drive(std::max<Duration>(Duration(event.lasts.count() % 4000) - 1s, 0ms));
  }
  if (!violations().empty()) return;
  Seat& seat = subject();
  Life& life = *seat.life;
  life.killed = true;
  life.ports.sever();
  life.notebook.sever();
  life.hold.sever();
  life.turns.cut_off_until(TimePoint::max());
  life.agent->stop();
  start_again(seat, event.lasts);
}

// At that moment, or when the next call is about to be sent.
void Simulation::freeze(const Event& event) {
  constexpr Duration kPatience = 90s;
  let_write();
  if (event.amount == 1) {
    clock_.drive(io_, kPatience,
                 [this] { return subject().life->ports.connects() || !violations().empty(); });
  }
  if (!violations().empty()) return;
  Life& life = *subject().life;
  Checker& checker = subject().checker;
  const TimePoint until = clock_.now() + event.lasts;
  life.clock.stop_until(until);
  cluster_.at(until, [&checker] { checker.woke(); });
}

void Simulation::start_again(Seat& seat, Duration away) {
  clock_.drive(io_, away, [] { return false; });
  cluster_.advance(clock_.now());
  const bool kept = world_.remembers && seat.kept;
  if (kept) {
    seat.checker.restarted(seat.kept->last_decision);
  } else {
    seat.checker.restarted(world_.lease ? std::optional(std::uint64_t{0}) : std::nullopt);
  }
  start(seat);
}

void Simulation::drive(Duration time) {
  clock_.drive(io_, time, [this] {
    return !violations().empty() || (options_.first_plan_only && !checker().first_plan().empty());
  });
  cluster_.advance(clock_.now());
}

void Simulation::stop(Seat& seat) {
  if (clock_.now() < seat.life->clock.stopped_until()) {
    clock_.drive(io_, seat.life->clock.stopped_until() - clock_.now(), [] { return false; });
  }
  const TimePoint told = clock_.now();
  seat.checker.stopping();
  seat.life->agent->stop();
  clock_.drive(io_, 60s, [&seat] { return seat.life->ended; });
  if (!seat.life->ended) seat.checker.violate("does not stop", "");
  if (clock_.now() > told + kStopLimit) seat.checker.violate("takes too long to stop", "");
}

void Simulation::finish() {
  const bool stops_early = world_.stop_at > 0s;
  pass(stops_early ? world_.stop_at : calm_from(world_, start_) - start_);
  const bool over = options_.first_plan_only || !violations().empty();
  if (!stops_early && !over) come_to_rest();
  stop(first_);
  if (second_) stop(*second_);
  if (violations().empty()) check_end();
}

// What an agent holds ends with it, within the lease where it could not let go.
void Simulation::check_end() {
  clock_.drive(io_, Hold::kLease, [] { return false; });
  cluster_.advance(clock_.now());
  if (clock_.now() < cluster_.held_until()) {
    first_.checker.violate("Milvus's own balancer stays off after the agents' end", "");
  }
}

// How long without a move is rest: whatever rests or settles is over by then.
Duration Simulation::rest() const {
  const rules::Policy& policy = world_.settings.balance.policy;
  return std::max(
             {policy.segment_cooldown, policy.settle, policy.failure_rest, world_.manners.fall}) +
         3 * world_.lease.value_or(0ms) + 4 * Duration(world_.settings.balance.interval) +
         world_.settings.milvus.move_timeout + world_.settings.milvus.verify_timeout;
}

// Two agents that share nothing, of which one alone was told to empty a node.
bool Simulation::may_disagree() const {
  return second_ && !world_.lease &&
         std::any_of(world_.events.begin(), world_.events.end(), [](const Event& event) {
           return event.what == Happening::node_drained && event.amount == 0;
         });
}

void Simulation::come_to_rest() {
  const TimePoint begun = clock_.now();
  for (TimePoint last = begun; clock_.now() < last + rest() && violations().empty();) {
    const auto before = calls();
    pass(world_.settings.balance.interval);
    if (calls() > before || cluster_.moving()) last = clock_.now();
    if (clock_.now() > begun + kQuietLimit) {
      if (may_disagree()) return;
      first_.checker.violate("does not come to rest", std::to_string(calls()) + " calls");
    }
  }
  if (violations().empty()) check_rest();
}

// The world is quiet and the agent moves nothing any more: then all is well, or the agent says what
// is not.
void Simulation::check_rest() {
  const bool for_moves = world_.settings.builtin_balancer.hold_for == "moves";
  const bool drains =
      std::any_of(world_.events.begin(), world_.events.end(),
                  [](const Event& event) { return event.what == Happening::node_drained; });
  if (for_moves && !drains && clock_.now() < cluster_.held_until()) {
    first_.checker.violate("holds Milvus's own balancer off for nothing", "");
  }
  const rules::Policy& policy = world_.settings.balance.policy;
  const double blur = 3 * world_.manners.noise + 0.001;
  switch (outcome()) {
    case loop::Outcome::balanced:
      if (highest_ratio() > policy.overload_threshold + blur) {
        first_.checker.violate("balanced, and yet overloaded", std::to_string(highest_ratio()));
      }
      if (worst_spread() > policy.max_difference + blur) {
        first_.checker.violate("balanced, and yet different", std::to_string(worst_spread()));
      }
      return;
    case loop::Outcome::gathering:
      if (world_.manners.noise <= 0) first_.checker.violate("gathers evidence for ever", "");
      return;
    case loop::Outcome::moved:
    case loop::Outcome::failed:
      first_.checker.violate("moves without a call", "");
      return;
    default:
      return;
  }
}

loop::Outcome Simulation::outcome() {
  const auto picture = subject().life->agent->snapshot();
  return picture == nullptr || picture->decisions.empty() ? loop::Outcome::cannot_judge
                                                          : picture->decisions.front()->outcome;
}

Bytes Simulation::capacity_of(const Node& node) const {
  return world_.settings.capacity.standard.value_or(node.capacity);
}

double Simulation::highest_ratio() const {
  double highest = 0;
  const std::vector<Bytes> used = cluster_.used();
  for (std::size_t i = 0; i < used.size(); ++i) {
    const Node& node = cluster_.nodes()[i];
    if (node.alive && !node.streaming)
      highest = std::max(highest, rules::ratio_of(used[i], capacity_of(node)));
  }
  return highest;
}

double Simulation::worst_spread() {
  double worst = 0;
  const std::vector<Bytes> used = cluster_.used();
  for (const Collection& collection : cluster_.collections()) {
    if (!world_.sees(collection.database)) continue;
    for (const ReplicaSpec& replica : collection.replicas) {
      double highest = 0;
      double lowest = 2;
      for (std::size_t i = 0; i < used.size(); ++i) {
        const Node& node = cluster_.nodes()[i];
        const bool member = node.alive && (replica.groups >> node.group & 1U) != 0;
        if (!member || node.streaming || cluster_.suspended(node)) continue;
        if (subject().checker.is_drained(node.id)) continue;
        const double ratio = rules::ratio_of(used[i], capacity_of(node));
        highest = std::max(highest, ratio);
        lowest = std::min(lowest, ratio);
      }
      if (!collection.released) worst = std::max(worst, highest - lowest);
    }
  }
  return worst;
}

// ---- whole worlds

void Tally::add(const Tally& other) {
  worlds += other.worlds;
  rounds += other.rounds;
  calls += other.calls;
  moves += other.moves;
  minutes += other.minutes;
  violations += other.violations;
  relieved += other.relieved;
  levelled += other.levelled;
  refused += other.refused;
  stopped += other.stopped;
  both_moved += other.both_moved;
  turned += other.turned;
  waited += other.waited;
  held_off += other.held_off;
  for (std::size_t i = 0; i < eras.size(); ++i) eras[i] += other.eras[i];
  for (std::size_t i = 0; i < happened.size(); ++i) happened[i] += other.happened[i];
  for (std::size_t i = 0; i < move_ends.size(); ++i) move_ends[i] += other.move_ends[i];
  for (std::size_t i = 0; i < ends.size(); ++i) ends[i] += other.ends[i];
}

namespace {

Tally tally_of(Simulation& run, const World& world) {
  Tally tally;
  tally.worlds = 1;
  tally.calls = run.checker().calls();
  tally.moves = run.checker().moves();
  if (const Checker* second = run.second()) {
    tally.both_moved = tally.moves > 0 && second->moves() > 0 ? 1 : 0;
    tally.calls += second->calls();
    tally.moves += second->moves();
  }
  tally.turned = run.turned() > 0 ? 1 : 0;
  tally.held_off = world.holds && tally.moves > 0 ? 1 : 0;
  tally.waited = run.waited_for_a_window() ? 1 : 0;
  tally.stopped = world.stop_at > 0s ? 1 : 0;
  tally.violations = run.violations().empty() ? 0 : 1;
  for (const auto& [what, count] : run.cluster().happened()) {
    tally.happened[static_cast<std::size_t>(what)] = count > 0 ? 1 : 0;
  }
  for (const auto& [end, count] : run.ended()) {
    tally.move_ends[static_cast<std::size_t>(end)] = static_cast<std::uint64_t>(count);
  }
  const auto picture = run.snapshot();
  if (picture == nullptr) return tally;
  tally.minutes = static_cast<std::uint64_t>((picture->at - picture->started) / 1min);
  tally.rounds = run.count("evenkeel_rounds_total");
  const auto ended = [&](const char* outcome) {
    return run.count("evenkeel_decisions_total", {{"outcome", outcome}});
  };
  tally.refused = ended("cannot_fix") + ended("held") > 0 ? 1 : 0;
  const auto moved = [&](const char* urgency) {
    return run.count("evenkeel_moves_total", {{"result", "succeeded"}, {"urgency", urgency}}) > 0;
  };
  tally.relieved = moved("overload") ? 1 : 0;
  tally.levelled = moved("difference") ? 1 : 0;
  for (std::size_t i = 0; i < kEras.size(); ++i) {
    if (world.era == kEras[i]) tally.eras[i] = tally.relieved + tally.levelled > 0 ? 1 : 0;
  }
  if (world.stop_at == 0s) ++tally.ends[static_cast<std::size_t>(run.outcome())];
  return tally;
}

// Advising and acting agents see the same until the first move.
std::string first_plan_of_a_dry_run(const World& world) {
  Simulation dry(world, {.dry_run = true, .first_plan_only = true, .trace = {}});
  dry.pass(kQuietLimit);
  return dry.checker().first_plan();
}

}  // namespace

Result run(const World& world, const std::function<void(const std::string&)>& trace) {
  Simulation acting(world, {.dry_run = false, .first_plan_only = false, .trace = trace});
  acting.finish();
  Result result{acting.violations(), tally_of(acting, world)};
  const std::string& acted = acting.checker().first_plan();
  // Others than the agent move something meanwhile.
  const bool alone =
      !world.second_agent && !world.holds &&
      std::none_of(world.events.begin(), world.events.end(), [](const Event& event) {
        return event.what == Happening::person_moves || event.what == Happening::agent_killed;
      });
  const bool compared = world.seed % 8 == 0 && alone;
  if (result.violations.empty() && compared && !acted.empty()) {
    const std::string advised = first_plan_of_a_dry_run(world);
    if (advised != acted) {
      result.violations.push_back({{}, "a dry run plans otherwise", acted + " | " + advised});
    }
  }
  return result;
}

}  // namespace evenkeel::sim
