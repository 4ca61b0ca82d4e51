#include "agent/loop/picture.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "agent/loop/assemble.hpp"
#include "agent/loop/instruments.hpp"
#include "agent/loop/reconcile.hpp"
#include "agent/loop/turns.hpp"
#include "agent/milvus/version.hpp"
#include "agent/util/log.hpp"
#include "rules/planner/planner.hpp"

namespace evenkeel::loop {
namespace {

constexpr std::size_t kMostEnds = 10'000;  // that wait for a journal

}  // namespace

Picture::Picture(Context& context) : context_(context), policy_(context.settings.balance.policy) {}

rules::Weights Picture::known_weights() const {
  return context_.settings.capacity.correct_row_bytes ? weights_ : rules::Weights{};
}

// Milvus's memory figures come with the list of nodes, less often than scrapes: a sample must not
// be stale before the next one can come.
void Picture::adapt_policy() {
  constexpr rules::Duration kLeastAge = std::chrono::seconds{20};
  policy_ = context_.settings.balance.policy;
  const bool by_milvus = cluster_ != nullptr && cluster_->memory_source == "milvus";
  if (by_milvus) policy_.max_sample_age = std::max(policy_.max_sample_age, kLeastAge);
}

void Picture::take(Observation observation) {
  const auto before = std::exchange(cluster_, std::move(observation.cluster));
  adapt_policy();
  log_version();
  targets_ = std::move(observation.targets);
  ledger_.observe(*cluster_, policy_);
  adopt_transits();
  if (!moving_) end_unknown_moves();
  look_for_foreign_moves(before.get());
  weigh();
  ledger_.expire(*cluster_, context_.now(), policy_);
  follow();
  context_.publish();
}

// Learns nothing from the distribution, which is old and may be wrong by now.
void Picture::take_nodes(Observation observation) {
  assert(cluster_ != nullptr && observation.cluster->observed_at == cluster_->observed_at);
  cluster_ = std::move(observation.cluster);
  targets_ = std::move(observation.targets);
  follow();
  context_.publish();
}

void Picture::follow() {
  if (inventory_) {
    inventory_->follow(cluster_);
  } else {
    inventory_ = std::make_unique<rules::Inventory>(cluster_);
  }
  judge_anew();
  log_problems();
}

void Picture::judge_anew() {
  judgement_ = std::make_shared<const rules::Judgement>(judge());
}

std::string Picture::drain(const DrainRequest& asked) {
  if (cluster_ == nullptr) return "the cluster has not been observed yet";
  std::string why = rules::why_not_drained(*cluster_, ledger_.drains(), asked.node);
  if (!why.empty()) return why;
  const rules::TimePoint now = context_.now();
  ledger_.drains().begin(asked.node,
                         {.since = now, .by = asked.by, .reason = asked.reason, .seen = now});
  judge_anew();
  return why;
}

bool Picture::undrain(rules::NodeId node) {
  if (!ledger_.drains().end(node)) return false;
  if (cluster_ != nullptr) judge_anew();
  return true;
}

rules::Judgement Picture::judge() {
  assert(inventory_ != nullptr && &inventory_->cluster() == cluster_.get());
  const StageTimer timer(*context_.instruments, Stage::judge);
  return rules::judge(*inventory_, policy_, ledger_, context_.now());
}

rules::Plan Picture::plan(const rules::Judgement& judged) {
  const StageTimer timer(*context_.instruments, Stage::plan);
  return rules::plan(*inventory_, judged, policy_, ledger_, context_.now());
}

rules::Admission Picture::admit(const rules::Cluster& seen, const Decision& decision,
                                const rules::Policy& within, const rules::Conditions& under) {
  const StageTimer timer(*context_.instruments, Stage::admit);
  return rules::admit(seen, *decision.judgement, decision.plan, within, ledger_, under,
                      context_.now());
}

// A segment in transit at the start may be an earlier move of this agent's or of another's. It
// counts as ours, and nothing is moved until memory has settled on both nodes.
void Picture::adopt_transits() {
  const bool at_the_start = context_.now() < context_.started + policy_.settle;
  if (seen_whole_ || (at_the_start && !rules::everything_read(*cluster_))) return;
  seen_whole_ = true;
  if (!at_the_start) return;
  auto transits = transits_in(*cluster_);
  std::erase_if(transits, [&](const auto& transit) {
    return ledger_.sent({transit.segment, transit.replica}, rules::begun(*cluster_));
  });
  if (transits.empty()) return;
  for (const rules::Flight& flight : transits) ledger_.start(flight);
  rest("segments were on their way when the agent started: what they bring and free must settle");
  log::warn("segments are on their way at the start, so nothing is moved before they have settled",
            {{"segments", transits.size()},
             {"seconds", std::chrono::duration<double>(policy_.settle).count()}});
}

std::optional<std::string> Picture::resting() const {
  if (context_.now() >= resting_until_) return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::seconds>(resting_until_ - context_.now());
  return resting_why_ + ", which takes another " + std::to_string(left.count()) + " s";
}

void Picture::rest(std::string why) {
  resting_until_ = context_.now() + policy_.settle;
  resting_why_ = std::move(why);
}

Memory Picture::memory() const {
  Memory memory;
  memory.ledger = ledger_;
  memory.undone = undone_;
  memory.foreign = foreign_;
  memory.weights = weights_;
  memory.last_move = last_move_;
  memory.last_sent = last_sent_;
  memory.resting_until = resting_until_;
  memory.resting_why = resting_why_;
  return memory;
}

void Picture::recall(Memory memory) {
  assert(cluster_ == nullptr && "before the first observation");
  ledger_ = std::move(memory.ledger);
  unheard_before_ = context_.now();
  // Samples that are far apart say nothing of what was in between.
  if (context_.now() > memory.at + policy_.settle) ledger_.forget_samples();
  undone_ = std::move(memory.undone);
  foreign_ = std::move(memory.foreign);
  weights_ = std::move(memory.weights);
  last_move_ = memory.last_move;
  last_sent_ = memory.last_sent;
  resting_until_ = memory.resting_until;
  resting_why_ = std::move(memory.resting_why);
}

void Picture::take_over(Memory memory) {
  assert(!moving_ && "a round under way uses the ledger");
  ledger_.take_over(std::move(memory.ledger));
  unheard_before_ = context_.now();
  undone_ = std::move(memory.undone);
  foreign_ = std::move(memory.foreign);
  weights_ = std::move(memory.weights);
  last_move_ = std::max(last_move_, memory.last_move);
  last_sent_ = std::max(last_sent_, memory.last_sent);
  resting_until_ = memory.resting_until;
  resting_why_ = std::move(memory.resting_why);
}

void Picture::forget_ends(std::size_t count) {
  ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(count));
}

void Picture::look_for_foreign_moves(const rules::Cluster* before) {
  if (cluster_->coordinator_complete) {
    std::set<rules::NodeId> nodes;
    for (const auto& node : cluster_->nodes) nodes.insert(node.id);
    context_.instruments->keep_nodes(nodes);
  }
  const Turns* const turns = context_.parts.turns;
  if (turns != nullptr && turns->state().standing == Standing::watching) {
    // Whoever acts looks for them, and knows its own moves from those of others.
    undone_ = {};
    foreign_ = {};
    return;
  }
  const auto reversals = look_for_reversals();
  for (const auto& move : foreign_.observe(before, *cluster_, ledger_, reversals)) {
    context_.instruments->moved_by_others(move);
    if (move.reverses) continue;  // look_for_reversals() has told it
    log::info("a segment was moved by somebody else", {{"segment", move.segment},
                                                       {"collection", move.collection},
                                                       {"from", move.from},
                                                       {"to", move.to},
                                                       {"bytes", move.bytes}});
  }
}

std::vector<rules::Reversal> Picture::look_for_reversals() {
  auto reversals = undone_.observe(*cluster_);
  for (const auto& reversal : reversals) {
    context_.instruments->move_undone(reversal.move.bytes);
    ledger_.taken_back({reversal.move.segment, reversal.move.replica}, context_.now());
    log::warn("a move was undone by somebody else", {{"segment", reversal.move.segment},
                                                     {"from", reversal.move.from},
                                                     {"to", reversal.move.to},
                                                     {"taken", reversal.taken}});
  }
  return reversals;
}

// The result corrects the sizes of the next observation.
void Picture::weigh() {
  const rules::Weights before = weights_;
  weights_.observe(*cluster_, ledger_, policy_);
  if (!context_.settings.capacity.correct_row_bytes) return;
  for (const auto& collection : cluster_->collections) {
    const rules::Weight weight = weights_.weight(collection.id);
    if (weight.factor == before.of(collection.id)) continue;
    log::info("the sizes of a collection's segments are corrected from now on",
              {{"collection", collection.id},
               {"name", collection.name},
               {"factor", weight.factor},
               {"observations", weight.observations},
               {"deviation", weight.deviation}});
  }
}

// Logs the version of Milvus when it is first known, and whenever it changes.
void Picture::log_version() {
  if (!cluster_->coordinator_complete) return;
  Release release{cluster_->version, cluster_->untested, cluster_->memory_source};
  if (logged_ == release) return;
  logged_ = std::move(release);
  const std::string known(milvus::name(milvus::knowledge_of(cluster_->version)));
  log::info("Milvus", {{"version", cluster_->version},
                       {"known_by", known},
                       {"memory_source", cluster_->memory_source},
                       {"because", cluster_->memory_why}});
  const std::string why = not_acted_on(*cluster_, context_.settings.milvus);
  if (!why.empty()) log::warn("this Milvus is not acted on", {{"why", why}});
}

// Logs each failure once while it lasts.
void Picture::log_problems() {
  constexpr std::size_t kMostLines = 20;
  std::set<std::string> current;
  std::size_t lines = 0;
  for (const auto& [problem, failure] : cluster_->problems) {
    const std::string& told = failure.empty() ? problem : failure;
    if (!current.insert(told).second || failures_.contains(told)) continue;
    if (lines++ < kMostLines) log::warn("cannot observe everything", {{"problem", problem}});
  }
  if (lines > kMostLines) {
    log::warn("cannot observe even more, see the status", {{"problems", lines - kMostLines}});
  }
  if (current.empty() && !failures_.empty()) log::info("everything can be observed again");
  failures_ = std::move(current);
}

void Picture::end_unknown_moves() {
  const auto& timeouts = context_.settings.milvus;
  const Patience patience{timeouts.verify_timeout, timeouts.move_timeout + timeouts.verify_timeout,
                          unheard_before_};
  for (const auto& end : reconcile(ledger_, *cluster_, patience, context_.now(), policy_)) {
    log::info("a move whose end was unknown has ended", {{"segment", end.flight.segment},
                                                         {"from", end.flight.from},
                                                         {"to", end.flight.to},
                                                         {"result", name(end.result)}});
    last_move_ = std::max(last_move_, context_.now());
    ends_.push_back(end);
    if (ends_.size() > kMostEnds) forget_ends(1);
    if (end.result == MoveResult::succeeded) undone_.land(end.flight, context_.now());
  }
}

void Picture::move_started(const rules::Move& move) {
  undone_.start({move.segment, move.replica});
}

void Picture::move_ended(const MoveRecord& record) {
  const rules::Move& move = record.move;
  last_move_ = std::max(last_move_, record.finished);
  if (record.result != MoveResult::succeeded) return;
  undone_.land({move.segment, move.replica, move.from, move.to, move.bytes, record.started},
               record.finished);
}

}  // namespace evenkeel::loop
