#include "agent/loop/agent.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "agent/loop/executor.hpp"
#include "agent/loop/guard.hpp"
#include "agent/loop/inbox.hpp"
#include "agent/loop/observer.hpp"
#include "agent/loop/outcome.hpp"
#include "agent/loop/pulse.hpp"
#include "agent/loop/reconcile.hpp"
#include "agent/loop/stage_timer.hpp"
#include "agent/milvus/counted_coordinator.hpp"
#include "agent/milvus/version.hpp"
#include "agent/util/event.hpp"
#include "agent/util/exception_words.hpp"
#include "agent/util/format.hpp"
#include "agent/util/log.hpp"
#include "agent/util/race.hpp"
#include "rules/explain.hpp"
#include "rules/focus.hpp"
#include "rules/inventory.hpp"
#include "rules/undone.hpp"

namespace evenkeel::loop {

using namespace asio::experimental::awaitable_operators;

namespace {

constexpr std::size_t kMaxDecisions = 100;
constexpr std::size_t kMaxAlertDecisions = 20;
// A schedule that was ended by an exception goes on after this long.
constexpr std::chrono::milliseconds kAfterAnException{100};
// What the schedules may be late by before the agent counts as stuck.
constexpr rules::Duration kSlack = std::chrono::seconds{30};

// "NodeOverloaded/6d0a…, …"
std::string text_of(const std::vector<Alert>& alerts) {
  std::string text;
  for (const auto& alert : alerts) {
    text += (text.empty() ? "" : ", ") + alert.name + '/' + alert.fingerprint;
  }
  return text;
}

}  // namespace

struct Agent::Impl {
  Impl(const asio::any_io_executor& executor, Parts the_parts, settings::Settings the_settings,
       bool is_dry_run)
      : parts(the_parts),
        settings(std::move(the_settings)),
        effective(settings.balance.policy),
        dry_run(is_dry_run),
        stopping(executor),
        observed(executor),
        inbox(executor),
        coordinator(parts.coordinator, [this](const auto* failure) { count(failure); }),
        observer(
            coordinator, parts.scraper, [this] { return parts.clock.now(); }, totals),
        guard(parts.scraper, observer, parts.clock, ledger,
              [this] {
                return Guard::Picture{cluster, judgement, policy()};
              }),
        mover(coordinator, parts.clock, stopping, ledger),
        started(parts.clock.now()),
        last_reload(started) {
    for (const auto kind : milvus::kFailureKinds) {
      totals.coordinator_failures[std::string(milvus::name(kind))] = 0;
    }
    allow_silence();
  }

  Parts parts;
  settings::Settings settings;
  rules::Policy effective;  // the settings' own, as the source of the memory figures allows it
  bool dry_run;
  Event stopping;
  Event observed;  // an observation under way has ended
  bool observing = false;
  Inbox inbox;
  std::optional<Pause> pausing;
  rules::TimePoint alert_round_at{};           // when the last began that an alert asked for
  std::vector<AlertDecision> alert_decisions;  // newest first
  Totals totals;
  rules::Ledger ledger;
  rules::Undone undone;
  rules::Weights weights;
  milvus::CountedCoordinator coordinator;
  Observer observer;
  Guard guard;
  Executor mover;
  bool executing = false;
  bool seen_whole = false;           // the cluster, once since the start
  rules::TimePoint resting_until{};  // nothing is moved before then
  Pulse pulse;
  rules::TimePoint started;
  rules::TimePoint observed_from{};  // when the newest observation was begun
  std::shared_ptr<const rules::Cluster> cluster;
  std::unique_ptr<rules::Inventory> inventory;  // of `cluster`
  std::shared_ptr<const rules::Judgement> judgement;
  std::vector<TargetState> targets;
  std::vector<std::shared_ptr<const Decision>> decisions;
  std::uint64_t next_decision = 1;
  std::uint64_t published_version = 0;
  std::optional<rules::TimePoint> next_round;  // none while a round is under way
  std::set<std::string> problems;              // of the newest observation, to log each once
  rules::TimePoint last_reload;                // a start loads, too
  bool last_reload_ok = true;
  rules::TimePoint last_move{};
  std::function<void(const SnapshotPtr&)> published;
  Planned planned;
  std::function<void(const MoveRecord&)> moved;
  mutable std::mutex mutex;  // guards `latest`, which other threads read
  SnapshotPtr latest;

  [[nodiscard]] const rules::Policy& policy() const { return effective; }
  [[nodiscard]] rules::TimePoint now() const { return parts.clock.now(); }

  // Runs one of the three schedules until the agent stops, whatever is thrown in it.
  [[nodiscard]] Awaitable<void> persist(const char* what, Awaitable<void> (Impl::*schedule)());
  [[nodiscard]] Awaitable<void> scrape_on_schedule();
  [[nodiscard]] Awaitable<void> balance_on_schedule();
  [[nodiscard]] Awaitable<void> heed_pauses();
  [[nodiscard]] Awaitable<void> pause(rules::Duration duration);
  [[nodiscard]] Awaitable<void> await_request(rules::Duration duration);
  [[nodiscard]] Awaitable<void> observe();
  [[nodiscard]] Awaitable<void> scrape_meanwhile();
  [[nodiscard]] Awaitable<void> refresh();
  [[nodiscard]] std::optional<Trigger> wanted(rules::TimePoint due) const;
  [[nodiscard]] Awaitable<void> round(Trigger trigger, AskedRound asked);
  [[nodiscard]] Awaitable<void> transfer(AskedTransfer asked);
  [[nodiscard]] Awaitable<void> finish(Decision decision, std::string remark);
  [[nodiscard]] Decision begin(Trigger trigger);
  [[nodiscard]] rules::Conditions conditions() const;
  [[nodiscard]] bool paused() const;
  void take_up(const std::variant<PauseRequest, ResumeRequest>& request);
  void remember_alerts(const Decision& decision);
  [[nodiscard]] Awaitable<void> act(Decision& decision, std::string& refusal);
  [[nodiscard]] Awaitable<std::optional<std::string>> look(rules::Call call);
  void take(Observation observation);
  void take_nodes(Observation observation);
  void follow();
  void allow_silence();
  void adopt_transits();
  [[nodiscard]] std::optional<std::string> resting() const;
  void adapt_policy();
  void log_version(const rules::Cluster* before) const;
  void weigh();
  void log_problems();
  void look_for_reversals();
  [[nodiscard]] rules::Judgement judge_now();
  [[nodiscard]] rules::Plan plan_now(const rules::Judgement& judged);
  [[nodiscard]] rules::Admission admit_now(const rules::Cluster& picture, const Decision& decision,
                                           const rules::Policy& within,
                                           const rules::Conditions& under);
  void record(Decision decision);
  void count(const MoveRecord& move);
  void count(const milvus::Failure* failure);
  void publish();
};

Agent::Agent(const asio::any_io_executor& executor, Parts parts, settings::Settings settings,
             bool dry_run)
    : impl_(std::make_unique<Impl>(executor, parts, std::move(settings), dry_run)) {}

Agent::~Agent() = default;

Awaitable<void> Agent::run() {
  impl_->pulse.start(impl_->started);
  co_await (impl_->persist("observations", &Impl::scrape_on_schedule) &&
            impl_->persist("rounds", &Impl::balance_on_schedule) &&
            impl_->persist("pauses", &Impl::heed_pauses));
}

void Agent::stop() {
  impl_->inbox.close();
  impl_->stopping.set();
}

void Agent::reload(settings::Settings settings) {
  impl_->settings = std::move(settings);
  impl_->adapt_policy();
  impl_->allow_silence();
  ++impl_->totals.reloads;
  impl_->last_reload = impl_->now();
  impl_->last_reload_ok = true;
  impl_->publish();
}

void Agent::reload_failed() {
  ++impl_->totals.reloads;
  ++impl_->totals.failed_reloads;
  impl_->last_reload_ok = false;
  impl_->publish();
}

std::string Agent::unwell() const {
  return impl_->pulse.trouble(impl_->now());
}

SnapshotPtr Agent::snapshot() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->latest;
}

Control::Answer Agent::ask(RoundRequest request) {
  return impl_->inbox.put(std::move(request));
}

Control::Answer Agent::ask(TransferRequest request) {
  return impl_->inbox.put(std::move(request));
}

Control::Answer Agent::ask(PauseRequest request) {
  return impl_->inbox.put(std::move(request));
}

Control::Answer Agent::ask(ResumeRequest request) {
  return impl_->inbox.put(std::move(request));
}

void Agent::count(AlertResult result, std::uint64_t times) {
  impl_->inbox.count(result, times);
}

void Agent::on_publish(std::function<void(const SnapshotPtr&)> callback) {
  impl_->published = std::move(callback);
}

void Agent::on_plan(Planned callback) {
  impl_->planned = std::move(callback);
}

void Agent::on_move(std::function<void(const MoveRecord&)> callback) {
  impl_->moved = std::move(callback);
}

Awaitable<void> Agent::Impl::persist(const char* what, Awaitable<void> (Impl::*schedule)()) {
  while (!stopping.is_set()) {
    try {
      co_await (this->*schedule)();
      co_return;
    } catch (...) {
      log::error("a schedule ended by an exception, it goes on",
                 {{"of", what}, {"error", words_of_current_exception()}});
    }
    // By a timer of its own: the clock may be what threw.
    asio::steady_timer timer(co_await asio::this_coro::executor, kAfterAnException);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

// A look beats when it begins and while the nodes are read meanwhile; the rounds' schedule turns
// every second, but for a look and for one call.
void Agent::Impl::allow_silence() {
  const rules::Duration scrape = settings.scrape.interval + settings.scrape.timeout;
  pulse.allow(Pulse::Part::observation, scrape + settings.scrape.interval + kSlack);
  const rules::Duration call = settings.milvus.move_timeout;
  pulse.allow(Pulse::Part::round, std::max(Observer::longest_look(settings), call) + kSlack);
}

Awaitable<void> Agent::Impl::pause(rules::Duration duration) {
  co_await race(parts.clock.sleep(duration), stopping.wait());
}

// Keeps the picture fresh between rounds, and while a round's moves take their time.
Awaitable<void> Agent::Impl::scrape_on_schedule() {
  while (!stopping.is_set()) {
    const rules::TimePoint due = observed_from + settings.scrape.interval;
    if (now() >= due) {
      co_await observe();
    } else {
      co_await pause(due - now());
    }
  }
}

Awaitable<void> Agent::Impl::await_request(rules::Duration duration) {
  co_await race(parts.clock.sleep(duration), race(inbox.arrived().wait(), stopping.wait()));
}

// Why a round is to be made now; none: it is not.
std::optional<Trigger> Agent::Impl::wanted(rules::TimePoint due) const {
  if (inbox.wants_round()) return Trigger::manual;
  if (inbox.alerts() && now() >= alert_round_at + settings.alerts.min_interval) {
    return Trigger::alert;
  }
  return now() >= due ? std::optional(Trigger::interval) : std::nullopt;
}

Awaitable<void> Agent::Impl::balance_on_schedule() {
  rules::TimePoint due = now() + settings.balance.interval;
  while (!stopping.is_set()) {
    // A reload may have shortened the interval.
    due = std::min<rules::TimePoint>(due, now() + settings.balance.interval);
    next_round = due;
    pulse.beat(Pulse::Part::round, now());
    try {
      if (auto asked = inbox.take_transfer()) {
        co_await transfer(*std::move(asked));
        continue;
      }
      const auto trigger = wanted(due);
      if (!trigger) {
        co_await await_request(std::min<rules::Duration>(due - now(), std::chrono::seconds{1}));
        continue;
      }
      AskedRound asked;
      if (trigger != Trigger::interval) asked = inbox.take_round().value_or(AskedRound{});
      // What is asked for must not keep the whole cluster waiting.
      if (now() >= due) asked.focus = {};
      const bool whole = asked.focus.everything();
      next_round.reset();
      co_await round(*trigger, std::move(asked));
      if (whole) due = now() + settings.balance.interval;
    } catch (...) {
      log::error("round ended by an exception", {{"error", words_of_current_exception()}});
      due = now() + settings.balance.interval;
    }
  }
}

Awaitable<void> Agent::Impl::heed_pauses() {
  while (!stopping.is_set()) {
    if (pausing && pausing->until) {
      const rules::Duration left = std::max(*pausing->until - now(), rules::Duration::zero());
      co_await await_request(left);
    } else {
      co_await race(inbox.arrived().wait(), stopping.wait());
    }
    inbox.arrived().reset();
    auto all_asked = inbox.take_pauses();
    for (const auto& asked : all_asked) take_up(asked.request);
    const bool over = pausing && !paused();
    if (over) {
      log::info("the pause is over", {{"reason", pausing->reason}});
      pausing.reset();
    }
    if (all_asked.empty() && !over) continue;
    publish();
    for (auto& asked : all_asked) asked.taken_up.set_value(latest);
  }
}

void Agent::Impl::take_up(const std::variant<PauseRequest, ResumeRequest>& request) {
  if (const auto* resume = std::get_if<ResumeRequest>(&request)) {
    if (pausing) log::warn("resumed", {{"by", resume->by}});
    pausing.reset();
    return;
  }
  const auto& asked = std::get<PauseRequest>(request);
  pausing.emplace();
  pausing->reason = asked.reason;
  pausing->by = asked.by;
  pausing->since = now();
  if (asked.length) pausing->until = now() + *asked.length;
  log::warn("paused", {{"by", asked.by},
                       {"reason", asked.reason},
                       {"seconds", asked.length ? asked.length->count() : 0}});
}

bool Agent::Impl::paused() const {
  return pausing && (!pausing->until || now() < *pausing->until);
}

// One observation at a time: who comes while one is under way waits for it.
Awaitable<void> Agent::Impl::observe() {
  if (observing) {
    co_await race(observed.wait(), stopping.wait());
    co_return;
  }
  observing = true;
  observed.reset();
  try {
    const StageTimer timer(totals, Stage::observe);
    observed_from = now();
    pulse.beat(Pulse::Part::observation, observed_from);
    rules::Weights known;
    if (settings.capacity.correct_row_bytes) known = weights;
    auto outcome = co_await race(observer.observe(settings, std::move(known)),
                                 race(scrape_meanwhile(), stopping.wait()));
    if (outcome.index() == 0) take(std::get<0>(std::move(outcome)));
  } catch (...) {
    log::error("observation ended by an exception", {{"error", words_of_current_exception()}});
  }
  observing = false;
  observed.set();
}

// A coordinator that takes its time, or hangs, keeps nobody from reading the nodes.
Awaitable<void> Agent::Impl::scrape_meanwhile() {
  rules::Duration wait = settings.scrape.timeout;
  for (;;) {
    co_await parts.clock.sleep(wait);
    wait = settings.scrape.interval;
    pulse.beat(Pulse::Part::observation, now());
    if (cluster == nullptr) continue;
    std::string error;
    try {
      take_nodes(co_await observer.scrape_again(settings, cluster));
    } catch (...) {
      error = words_of_current_exception();
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return;  // the look has ended
    if (!error.empty()) log::error("reading the nodes ended by an exception", {{"error", error}});
  }
}

// The list of nodes, and with it what Milvus says of their memory, is asked for less often than the
// nodes themselves: a sample is then not stale any sooner than the next can come.
void Agent::Impl::adapt_policy() {
  constexpr rules::Duration kLeastAge = std::chrono::seconds{20};
  effective = settings.balance.policy;
  const bool by_milvus = cluster != nullptr && cluster->memory_source == "milvus";
  if (by_milvus) effective.max_sample_age = std::max(effective.max_sample_age, kLeastAge);
}

// The first line that tells which Milvus it is, and again when that changes.
void Agent::Impl::log_version(const rules::Cluster* before) const {
  if (!cluster->coordinator_complete) return;
  const bool same = before != nullptr && before->version == cluster->version &&
                    before->untested == cluster->untested &&
                    before->memory_source == cluster->memory_source;
  if (same) return;
  const std::string known(milvus::name(milvus::knowledge_of(cluster->version)));
  log::info("Milvus", {{"version", cluster->version},
                       {"known_by", known},
                       {"memory_source", cluster->memory_source},
                       {"because", cluster->memory_why}});
  const std::string why = not_acted_on(*cluster, settings.milvus);
  if (!why.empty()) log::warn("this Milvus is not acted on", {{"why", why}});
}

void Agent::Impl::take(Observation observation) {
  const auto before = std::exchange(cluster, std::move(observation.cluster));
  adapt_policy();
  log_version(before != nullptr && before->coordinator_complete ? before.get() : nullptr);
  targets = std::move(observation.targets);
  ledger.observe(*cluster, policy());
  adopt_transits();
  if (!executing) {
    for (const auto& end :
         reconcile(ledger, *cluster, settings.milvus.verify_timeout, now(), policy())) {
      log::info("a move whose end was unknown has ended", {{"segment", end.flight.segment},
                                                           {"from", end.flight.from},
                                                           {"to", end.flight.to},
                                                           {"result", name(end.result)}});
      last_move = std::max(last_move, now());
      if (end.result == MoveResult::succeeded) undone.land(end.flight, now());
    }
  }
  look_for_reversals();
  weigh();
  ledger.expire(*cluster, now(), policy());
  follow();
  if (cluster->coordinator_complete) inbox.open();
  publish();
}

// What is on its way when the agent starts may be its own move of before, or another agent's: it
// counts as one of ours, and nothing is moved until what it brings and frees has settled.
void Agent::Impl::adopt_transits() {
  const bool at_the_start = now() < started + policy().settle;
  if (seen_whole || (at_the_start && !rules::everything_read(*cluster))) return;
  seen_whole = true;
  if (!at_the_start) return;
  auto transits = transits_in(*cluster);
  std::erase_if(transits, [&](const auto& transit) {
    return ledger.sent({transit.segment, transit.replica});
  });
  if (transits.empty()) return;
  for (const rules::Flight& flight : transits) ledger.start(flight);
  resting_until = now() + policy().settle;
  log::warn("segments are on their way at the start, so nothing is moved before they have settled",
            {{"segments", transits.size()},
             {"seconds", std::chrono::duration<double>(policy().settle).count()}});
}

std::optional<std::string> Agent::Impl::resting() const {
  if (now() >= resting_until) return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::seconds>(resting_until - now());
  return "segments were on their way when the agent started: what they bring and free must settle, "
         "which takes another " +
         std::to_string(left.count()) + " s";
}

// Newer samples of the nodes on the distribution of before: nothing is learned from it, since it
// may no longer be so.
void Agent::Impl::take_nodes(Observation observation) {
  cluster = std::move(observation.cluster);
  targets = std::move(observation.targets);
  follow();
  publish();
}

void Agent::Impl::follow() {
  if (inventory) {
    inventory->follow(cluster);
  } else {
    inventory = std::make_unique<rules::Inventory>(cluster);
  }
  judgement = std::make_shared<const rules::Judgement>(judge_now());
  log_problems();
}

rules::Judgement Agent::Impl::judge_now() {
  const StageTimer timer(totals, Stage::judge);
  return rules::judge(*inventory, policy(), ledger, now());
}

rules::Plan Agent::Impl::plan_now(const rules::Judgement& judged) {
  const StageTimer timer(totals, Stage::plan);
  return rules::plan(*inventory, judged, policy(), ledger, now());
}

rules::Admission Agent::Impl::admit_now(const rules::Cluster& picture, const Decision& decision,
                                        const rules::Policy& within,
                                        const rules::Conditions& under) {
  const StageTimer timer(totals, Stage::admit);
  return rules::admit(picture, decision.judgement, decision.plan, within, ledger, under, now());
}

void Agent::Impl::look_for_reversals() {
  for (const auto& reversal : undone.observe(*cluster)) {
    totals.undone.add(reversal.move.bytes);
    ledger.taken_back({reversal.move.segment, reversal.move.replica}, now());
    log::warn("a move was undone by somebody else", {{"segment", reversal.move.segment},
                                                     {"from", reversal.move.from},
                                                     {"to", reversal.move.to},
                                                     {"taken", reversal.taken}});
  }
}

// What is learned here corrects the sizes of the next observation.
void Agent::Impl::weigh() {
  const rules::Weights before = weights;
  weights.observe(*cluster, ledger, policy());
  if (!settings.capacity.correct_row_bytes) return;
  for (const auto& collection : cluster->collections) {
    const rules::Weight weight = weights.weight(collection.id);
    if (weight.factor == before.of(collection.id)) continue;
    log::info("the sizes of a collection's segments are corrected from now on",
              {{"collection", collection.id},
               {"name", collection.name},
               {"factor", weight.factor},
               {"observations", weight.observations},
               {"deviation", weight.deviation}});
  }
}

void Agent::Impl::log_problems() {
  std::set<std::string> current(cluster->problems.begin(), cluster->problems.end());
  for (const auto& problem : current) {
    if (!problems.contains(problem)) log::warn("cannot observe everything", {{"problem", problem}});
  }
  if (current.empty() && !problems.empty()) log::info("everything can be observed again");
  problems = std::move(current);
}

// Before a round: a picture that is not old.
Awaitable<void> Agent::Impl::refresh() {
  if (observing || now() - observed_from > settings.scrape.interval / 2) co_await observe();
}

rules::Conditions Agent::Impl::conditions() const {
  return {.auto_balance = settings.balance.auto_balance,
          .dry_run = dry_run,
          .paused = paused(),
          .shutting_down = false,
          .untested = cluster == nullptr ? std::string() : not_acted_on(*cluster, settings.milvus)};
}

Decision Agent::Impl::begin(Trigger trigger) {
  Decision decision;
  decision.id = next_decision++;
  decision.trigger = trigger;
  decision.judgement = judge_now();
  return decision;
}

Awaitable<void> Agent::Impl::round(Trigger trigger, AskedRound asked) {
  const rules::TimePoint begun = now();
  if (trigger == Trigger::alert) alert_round_at = begun;
  co_await refresh();
  if (stopping.is_set() || cluster == nullptr) co_return;
  const auto picture = cluster;
  Decision decision = begin(trigger);
  decision.at = begun;
  decision.alerts = std::move(asked.alerts);
  decision.requests = std::move(asked.numbers);
  decision.requested_by = std::move(asked.by);
  decision.focus = rules::words(asked.focus);
  if (trigger != Trigger::interval) {
    log::info("round asked for", {{"decision", decision.id},
                                  {"trigger", name(trigger)},
                                  {"by", decision.requested_by},
                                  {"alerts", text_of(decision.alerts)},
                                  {"focus", decision.focus}});
  }
  rules::Plan whole = plan_now(decision.judgement);
  ledger.remember(decision.judgement, whole);
  auto focused = rules::cut(std::move(whole), asked.focus, *picture, decision.judgement);
  decision.plan = std::move(focused.plan);
  decision.admission = admit_now(*picture, decision, policy(), conditions());
  co_await finish(std::move(decision), std::move(focused.words));
}

// What a person asked for was held against the budgets of a round, or is to be done beyond them.
Awaitable<void> Agent::Impl::transfer(AskedTransfer asked) {
  const rules::TimePoint begun = now();
  co_await refresh();
  if (stopping.is_set() || cluster == nullptr) co_return;
  const auto picture = cluster;
  Decision decision = begin(Trigger::manual);
  decision.at = begun;
  decision.requests = {asked.number};
  decision.requested_by = std::move(asked.request.by);
  auto moves = rules::plan_transfer(*picture, decision.judgement, ledger, asked.request.transfer,
                                    policy(), now());
  if (const auto* declined = std::get_if<rules::Declined>(&moves)) {
    decision.outcome = Outcome::held;
    decision.words = "load_balance refused: " + declined->why;
    decision.seconds = std::chrono::duration<double>(now() - begun).count();
    record(std::move(decision));
    co_return;
  }
  decision.plan.moves = std::get<std::vector<rules::Move>>(std::move(moves));
  rules::Policy unbounded = policy();
  unbounded.max_moves_per_round = std::numeric_limits<int>::max();
  unbounded.max_bytes_per_round = std::numeric_limits<rules::Bytes>::max();
  rules::Conditions by_hand = conditions();
  by_hand.auto_balance = true;
  decision.admission = admit_now(*picture, decision, unbounded, by_hand);
  co_await finish(std::move(decision), "as load_balance asked");
}

// Acts on the decision and records it. `remark` follows its words.
Awaitable<void> Agent::Impl::finish(Decision decision, std::string remark) {
  const auto picture = cluster;
  for (const auto& move : decision.plan.moves) totals.planned[move.urgency].add(move.bytes);
  if (planned) planned(*picture, ledger, decision);
  std::string refusal;
  if (const auto rest = resting(); rest && !decision.admission.calls.empty()) {
    refusal = *rest;
  } else if (!decision.admission.calls.empty()) {
    co_await act(decision, refusal);
  }
  decision.outcome = outcome_of(decision, policy());
  decision.words = words_of(decision, *picture, policy(), refusal);
  if (!remark.empty()) decision.words += "; " + remark;
  decision.seconds = std::chrono::duration<double>(now() - decision.at).count();
  record(std::move(decision));
}

Awaitable<void> Agent::Impl::act(Decision& decision, std::string& refusal) {
  const StageTimer timer(totals, Stage::act);
  ExecutorInput input;
  input.calls = decision.admission.calls;
  input.collection = [names = cluster](rules::CollectionId id) {
    return collection_info(*names, id);
  };
  input.guard = [this](rules::Call call) { return look(std::move(call)); };
  input.on_refused = [&](const rules::Call& call, const std::string& reason) {
    refusal = reason;
    log::warn("call not sent", {{"from", call.from}, {"to", call.to}, {"reason", reason}});
  };
  input.on_start = [this](const rules::Call& call) {
    for (const auto& move : call.moves) {
      totals.started[move.urgency].add(move.bytes);
      undone.start({move.segment, move.replica});
      log::info("move started", {{"segment", move.segment},
                                 {"collection", move.collection},
                                 {"from", move.from},
                                 {"to", move.to},
                                 {"bytes", move.bytes},
                                 {"why", rules::name(move.urgency)}});
    }
    publish();
  };
  input.on_end = [this](const MoveRecord& move) { count(move); };
  ExecutorOptions options;
  options.verify_timeout = settings.milvus.verify_timeout;
  options.refused_timeout = std::min(options.refused_timeout, options.verify_timeout);
  executing = true;
  try {
    decision.moves = co_await mover.run(std::move(input), options, policy());
  } catch (...) {
    refusal = words_of_current_exception();
  }
  executing = false;
}

Awaitable<std::optional<std::string>> Agent::Impl::look(rules::Call call) {
  auto reason = co_await guard.look(std::move(call));
  co_return paused() ? "balancing is paused" : reason;
}

void Agent::Impl::count(const MoveRecord& move) {
  if (moved) moved(move);
  totals.moves[{move.move.urgency, move.result}].add(move.move.bytes);
  last_move = std::max(last_move, move.finished);
  if (move.result == MoveResult::succeeded) {
    undone.land({move.move.segment, move.move.replica, move.move.from, move.move.to,
                 move.move.bytes, move.started},
                move.finished);
  }
  const double seconds = std::chrono::duration<double>(move.finished - move.started).count();
  const auto level = move.result == MoveResult::succeeded ? log::Level::info : log::Level::warn;
  log::write(level, "move ended",
             {{"segment", move.move.segment},
              {"collection", move.move.collection},
              {"from", move.move.from},
              {"to", move.move.to},
              {"bytes", move.move.bytes},
              {"result", name(move.result)},
              {"seconds", seconds},
              {"detail", move.detail}});
  publish();
}

void Agent::Impl::count(const milvus::Failure* failure) {
  ++totals.coordinator_calls;
  if (executing) pulse.beat(Pulse::Part::round, now());
  if (failure != nullptr) ++totals.coordinator_failures[std::string(milvus::name(failure->kind))];
}

void Agent::Impl::record(Decision decision) {
  ++totals.rounds[{decision.outcome, decision.trigger}];
  totals.round_seconds += decision.seconds;
  const bool good = decision.outcome == Outcome::balanced || decision.outcome == Outcome::moved ||
                    decision.outcome == Outcome::gathering;
  log::write(good ? log::Level::info : log::Level::warn, "round ended",
             {{"decision", decision.id},
              {"trigger", name(decision.trigger)},
              {"outcome", name(decision.outcome)},
              {"planned", decision.plan.moves.size()},
              {"moved", decision.moves.size()},
              {"spread", decision.judgement.worst_spread()},
              {"seconds", decision.seconds},
              {"why", decision.words}});
  remember_alerts(decision);
  decisions.insert(decisions.begin(), std::make_shared<const Decision>(std::move(decision)));
  if (decisions.size() > kMaxDecisions) decisions.resize(kMaxDecisions);
  next_round = now() + settings.balance.interval;
  publish();
}

void Agent::Impl::remember_alerts(const Decision& decision) {
  for (const auto& alert : decision.alerts) {
    std::erase_if(alert_decisions, [&](const auto& known) { return known.alert == alert; });
    alert_decisions.insert(alert_decisions.begin(), {alert, decision.at});
  }
  if (alert_decisions.size() > kMaxAlertDecisions) alert_decisions.resize(kMaxAlertDecisions);
}

void Agent::Impl::publish() {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->version = ++published_version;
  snapshot->at = now();
  snapshot->started = started;
  snapshot->policy = policy();
  snapshot->auto_balance = settings.balance.auto_balance;
  snapshot->dry_run = dry_run;
  snapshot->balance_interval_seconds =
      std::chrono::duration<double>(settings.balance.interval).count();
  if (settings.telemetry.per_segment) {
    snapshot->per_segment = static_cast<std::size_t>(settings.telemetry.max_segments);
  }
  snapshot->cluster = cluster;
  snapshot->judgement = judgement;
  snapshot->targets = targets;
  snapshot->decisions = decisions;
  snapshot->totals = totals;
  auto asked = inbox.totals();
  snapshot->totals.requests = std::move(asked.requests);
  snapshot->totals.alerts = std::move(asked.alerts);
  if (paused()) snapshot->pause = pausing;
  snapshot->alert_decisions = alert_decisions;
  snapshot->untested = conditions().untested;
  snapshot->ledger = std::make_shared<const rules::Ledger>(ledger);
  snapshot->moves_in_flight = ledger.flights().size();
  snapshot->last_move = last_move;
  snapshot->next_round = next_round;
  snapshot->last_reload = last_reload;
  snapshot->last_reload_ok = last_reload_ok;
  snapshot->coordinator_up = cluster != nullptr && cluster->coordinator_complete;
  SnapshotPtr next = std::move(snapshot);
  {
    const std::scoped_lock lock(mutex);
    latest = next;
  }
  if (published) published(next);
}

}  // namespace evenkeel::loop
