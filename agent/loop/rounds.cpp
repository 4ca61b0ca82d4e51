#include "agent/loop/rounds.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "agent/loop/assemble.hpp"
#include "agent/loop/decision.hpp"
#include "agent/loop/instruments.hpp"
#include "agent/loop/maintenance.hpp"
#include "agent/util/asio.hpp"
#include "agent/util/format.hpp"
#include "agent/util/log.hpp"
#include "rules/arithmetic.hpp"
#include "rules/explain.hpp"
#include "rules/focus.hpp"
#include "rules/transfer.hpp"

namespace evenkeel::loop {
namespace {

// For the log: "NodeOverloaded/6d0a…, …"
std::string text_of(const std::vector<Alert>& alerts) {
  std::string text;
  for (const auto& alert : alerts) {
    text += (text.empty() ? "" : ", ") + alert.name + '/' + alert.fingerprint;
  }
  return text;
}

double seconds_since(rules::TimePoint begun, rules::TimePoint now) {
  return std::chrono::duration<double>(now - begun).count();
}

// Of some exchange, moves were made or may yet be, and not all have succeeded.
bool left_half_done(const Decision& decision) {
  struct Parts {
    int asked = 0, moved = 0, succeeded = 0;
  };
  std::map<std::uint32_t, Parts> exchanges;
  for (const rules::Call& call : decision.admission.calls) {
    for (const rules::Move& move : call.moves) ++exchanges[move.exchange].asked;
  }
  for (const MoveRecord& record : decision.moves) {
    Parts& parts = exchanges[record.move.exchange];
    const bool succeeded = record.result == MoveResult::succeeded;
    parts.succeeded += succeeded ? 1 : 0;
    parts.moved += succeeded || record.result == MoveResult::unknown ? 1 : 0;
  }
  exchanges.erase(0);  // moves that help by themselves
  return std::any_of(exchanges.begin(), exchanges.end(), [](const auto& each) {
    return each.second.moved > 0 && each.second.succeeded < each.second.asked;
  });
}

}  // namespace

Rounds::Rounds(RoundParts parts, milvus::Coordinator& coordinator)
    : parts_(parts),
      guard_(parts.context.parts.scraper, parts.observations.observer(), parts.context.parts.clock,
             parts.picture.ledger(),
             [&picture = parts.picture] {
               return Guard::Picture{picture.cluster(), picture.judgement(), picture.policy()};
             }),
      executor_(coordinator, parts.context.parts.clock, parts.context.stopping,
                parts.picture.ledger()) {}

rules::Conditions Rounds::conditions() const {
  const Context& context = parts_.context;
  rules::Conditions conditions{
      .auto_balance = context.settings.balance.auto_balance,
      .dry_run = context.dry_run,
      .paused = parts_.pauses.paused(),
      .shutting_down = false,
      .not_its_turn = parts_.turning.not_ours(),
      .journal_trouble = context.journal_trouble,
      .untested = not_acted_on(*parts_.picture.cluster(), context.settings.milvus)};
  set_windows(conditions, maintenance_at(context.settings, context.now()));
  return conditions;
}

Awaitable<rules::Conditions> Rounds::hold_for(const rules::Plan& plan,
                                              rules::Conditions conditions) const {
  conditions.unheld = parts_.holding.disquiet();
  const bool may_move = conditions.auto_balance && !conditions.dry_run && !conditions.paused &&
                        conditions.not_its_turn.empty() && conditions.journal_trouble.empty() &&
                        conditions.untested.empty() && !parts_.picture.resting();
  const bool in_a_window = std::any_of(
      plan.moves.begin(), plan.moves.end(),
      [&](const rules::Move& move) { return rules::held_by_window(move, conditions).empty(); });
  if (may_move && (in_a_window || parts_.holding.drains()) && conditions.unheld.empty()) {
    conditions.unheld = co_await parts_.holding.take();
  }
  co_return conditions;
}

Decision Rounds::begin(Trigger trigger, rules::TimePoint at) {
  Decision decision;
  decision.id = parts_.chronicle.next_decision();
  decision.trigger = trigger;
  decision.at = at;
  decision.seen = parts_.picture.cluster();
  decision.judge_by(parts_.picture.judge());
  return decision;
}

Awaitable<void> Rounds::round(Trigger trigger, AskedRound asked) {
  const rules::TimePoint begun = parts_.context.now();
  co_await parts_.observations.refresh();
  Picture& picture = parts_.picture;
  const auto seen = picture.cluster();
  if (parts_.context.stopping.is_set() || seen == nullptr) co_return;
  Decision decision = begin(trigger, begun);
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
  rules::Plan whole = picture.plan(*decision.judgement);
  picture.ledger().remember(
      rules::still_levelled(picture.ledger().levelling(), *decision.judgement, whole));
  auto focused = rules::cut(std::move(whole), asked.focus, *seen, *decision.judgement);
  decision.plan = std::move(focused.plan);
  const MovesEnd moves_end(parts_.holding);
  const auto under = co_await hold_for(decision.plan, conditions());
  decision.admission = picture.admit(*seen, decision, picture.policy(), under);
  co_await finish(std::move(decision), std::move(focused.words));
}

// plan_transfer() has kept the budgets of a round, or was told to exceed them: the gates have none.
Awaitable<void> Rounds::transfer(AskedTransfer asked) {
  const rules::TimePoint begun = parts_.context.now();
  co_await parts_.observations.refresh();
  Picture& picture = parts_.picture;
  const auto seen = picture.cluster();
  if (parts_.context.stopping.is_set() || seen == nullptr) co_return;
  Decision decision = begin(Trigger::manual, begun);
  decision.requests = {asked.number};
  decision.requested_by = std::move(asked.request.by);
  auto planned =
      rules::plan_transfer(*seen, *decision.judgement, picture.ledger(), asked.request.transfer,
                           picture.policy(), parts_.context.now());
  if (const auto* refusal = std::get_if<rules::Refusal>(&planned)) {
    decision.outcome = Outcome::held;
    decision.words = "load_balance refused: " + refusal->why;
    co_await record(std::move(decision));
    co_return;
  }
  decision.plan.moves = std::get<std::vector<rules::Move>>(std::move(planned));
  rules::Policy unbounded = picture.policy();
  unbounded.max_moves_per_round = std::numeric_limits<int>::max();
  unbounded.max_bytes_per_round = std::numeric_limits<rules::Bytes>::max();
  rules::Conditions by_hand = conditions();
  by_hand.auto_balance = true;
  const MovesEnd moves_end(parts_.holding);
  by_hand = co_await hold_for(decision.plan, by_hand);
  decision.admission = picture.admit(*seen, decision, unbounded, by_hand);
  co_await finish(std::move(decision), "as load_balance asked");
}

// Acts on the decision and records it. `remark` follows its words.
Awaitable<void> Rounds::finish(Decision decision, std::string remark) {
  const auto seen = parts_.picture.cluster();
  for (const auto& move : decision.plan.moves) {
    parts_.context.instruments->move_planned(move);
  }
  if (planned_) planned_(*seen, parts_.picture.ledger(), decision);
  std::string refusal;
  if (!decision.admission.calls.empty()) {
    if (const auto rest = parts_.picture.resting()) {
      refusal = *rest;
    } else {
      co_await act(decision, refusal);
    }
  }
  assert(decision.moves.size() <= decision.plan.moves.size());
  conclude(decision, *seen, parts_.picture.policy(), refusal);
  if (!remark.empty()) decision.words += "; " + remark;
  co_await record(std::move(decision));
}

// Others see a decision once it will outlive the agent.
Awaitable<void> Rounds::record(Decision decision) {
  decision.seconds = seconds_since(decision.at, parts_.context.now());
  co_await parts_.bookkeeper.record(decision);
  parts_.chronicle.record(std::move(decision));
}

Awaitable<void> Rounds::act(Decision& decision, std::string& refusal) {
  Context& context = parts_.context;
  const StageTimer timer(*context.instruments, Stage::act);
  ExecutorInput input;
  input.calls = decision.admission.calls;
  input.collection = [names = parts_.picture.cluster()](rules::CollectionId id) {
    return collection_info(*names, id);
  };
  Decision so_far = decision;
  input.guard = [this, &so_far](rules::Call call) { return look(so_far, std::move(call)); };
  input.why_not_now = [this] { return why_not_now(); };
  input.on_refused = [&](const rules::Call& call, const std::string& reason) {
    refusal = reason;
    log::warn("call not sent", {{"from", call.from}, {"to", call.to}, {"reason", reason}});
  };
  input.on_start = [this](const rules::Call& call) { call_starts(call); };
  input.on_end = [this, &so_far](const MoveRecord& record) {
    so_far.moves.push_back(record);
    move_ends(record);
  };
  ExecutorOptions options;
  options.verify_timeout = context.settings.milvus.verify_timeout;
  options.refused_timeout = std::min(options.refused_timeout, options.verify_timeout);
  assert(!parts_.picture.moving() && "one round at a time");
  parts_.picture.set_moving(true);
  context.progress = Progress{.since = context.now()};
  for (const rules::Call& call : input.calls) {
    context.progress->moves += call.moves.size();
    context.progress->bytes = rules::saturating_add(context.progress->bytes, call.bytes());
  }
  try {
    decision.moves = co_await executor_.run(std::move(input), options, parts_.picture.policy());
  } catch (...) {
    refusal = words_of_current_exception();
  }
  parts_.picture.set_moving(false);
  context.progress.reset();
  if (!left_half_done(decision)) co_return;
  log::warn("an exchange of segments was left half done, so none is planned for a while");
  parts_.picture.ledger().exchanges().left_half_done(parts_.picture.policy(), context.now());
}

// A pause or the end of a drain may come, and a window close, while a round makes its moves.
std::optional<std::string> Rounds::held_by_now(const rules::Call& call) const {
  if (parts_.pauses.paused()) return "balancing is paused";
  const rules::Conditions now = conditions();
  for (const auto& move : call.moves) {
    if (std::string held = rules::held_by_window(move, now); !held.empty()) return held;
    const auto& drains = parts_.picture.ledger().drains();
    if (move.urgency == rules::Urgency::drain && !drains.contains(move.from)) {
      return "node " + to_string(move.from) + " is no longer drained";
    }
  }
  return std::nullopt;
}

// It may have taken a while to connect.
std::string Rounds::why_not_now() const {
  if (!parts_.turning.in_time()) return "the agent's turn to act may have ended";
  if (parts_.context.stopping.is_set()) return "the agent is stopping";
  if (parts_.pauses.paused()) return "balancing is paused";
  return {};
}

// Notes that the call is about to be sent, and takes the last look before it.
Awaitable<std::optional<std::string>> Rounds::look(const Decision& so_far, rules::Call call) const {
  auto reason = co_await parts_.bookkeeper.write_ahead(so_far, call.moves);
  if (!reason) reason = co_await guard_.look(call);
  if (!reason) reason = held_by_now(call);
  if (!reason) reason = parts_.holding.against(call);
  if (!reason) reason = co_await parts_.turning.check();
  if (reason) parts_.bookkeeper.call_settled();
  co_return reason;
}

void Rounds::call_starts(const rules::Call& call) {
  parts_.bookkeeper.call_settled();
  for (const auto& move : call.moves) {
    parts_.context.instruments->move_started(move);
    parts_.picture.move_started(move);
    log::info("move started", {{"segment", move.segment},
                               {"collection", move.collection},
                               {"from", move.from},
                               {"to", move.to},
                               {"bytes", move.bytes},
                               {"why", rules::name(move.urgency)}});
  }
  parts_.context.publish();
}

void Rounds::move_ends(const MoveRecord& record) {
  if (moved_) moved_(record);
  const rules::Move& move = record.move;
  parts_.context.instruments->move_ended(record);
  parts_.picture.move_ended(record);
  if (auto& progress = parts_.context.progress) {
    ++progress->moves_ended;
    progress->bytes_ended = rules::saturating_add(progress->bytes_ended, move.bytes);
  }
  const auto level = record.result == MoveResult::succeeded ? log::Level::info : log::Level::warn;
  log::write(level, "move ended",
             {{"segment", move.segment},
              {"collection", move.collection},
              {"from", move.from},
              {"to", move.to},
              {"bytes", move.bytes},
              {"result", name(record.result)},
              {"seconds", seconds_since(record.started, record.finished)},
              {"detail", record.detail}});
  parts_.context.publish();
}

}  // namespace evenkeel::loop
