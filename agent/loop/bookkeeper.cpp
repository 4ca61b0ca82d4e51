#include "agent/loop/bookkeeper.hpp"

#include <utility>

#include "agent/loop/turns.hpp"
#include "agent/util/log.hpp"

namespace evenkeel::loop {
namespace {

// Finished decisions that wait for a journal that can be written; the oldest are dropped.
constexpr std::size_t kMostUnwritten = 100;

}  // namespace

Bookkeeper::Bookkeeper(const asio::any_io_executor& executor, Context& context, Picture& picture,
                       Pauses& pauses, Chronicle& chronicle)
    : context_(context),
      picture_(picture),
      pauses_(pauses),
      chronicle_(chronicle),
      changed_(executor),
      finished_(executor) {}

void Bookkeeper::recall() {
  if (context_.parts.journal == nullptr) return;
  Recalled recalled = context_.parts.journal->recall();
  if (recalled.memory) {
    Memory& memory = *recalled.memory;
    log::info("remembers the last run",
              {{"decisions", memory.last_decision},
               {"moves_under_way", memory.ledger.flights().size()},
               {"seconds_ago", std::chrono::duration<double>(context_.now() - memory.at).count()}});
    chronicle_.recall(memory);
    suspension_ = memory.suspension;
    if (memory.pause) pauses_.recall(*memory.pause);
    if (context_.now() < memory.at) {
      recalled.forgotten = "the clock has been set back since the last run";
    } else {
      picture_.recall(std::move(memory));
    }
  }
  if (recalled.forgotten.empty()) return;
  log::warn("may have forgotten moves, cool-downs and failures, so nothing is moved at first",
            {{"why", recalled.forgotten},
             {"seconds", std::chrono::duration<double>(picture_.policy().settle).count()}});
  picture_.rest("what an earlier run moved may not be known: " + recalled.forgotten);
}

// This agent's own memory is newer where it acted without the others after that was left. What it
// has sent says so; ends do not, as it may have learnt of them long after.
void Bookkeeper::take_over(tl::expected<Memory, std::string> left) {
  if (!left) {
    log::warn("does not know what another agent moved, so nothing is moved at first",
              {{"why", left.error()},
               {"seconds", std::chrono::duration<double>(picture_.policy().settle).count()}});
    picture_.rest("what another agent moved is not known: " + left.error());
    return;
  }
  if (left->suspension.changed > suspension_.changed) suspension_ = left->suspension;
  const bool ours_is_newer = picture_.last_sent() > left->last_sent;
  log::info(
      "takes over from the agent that acted last",
      {{"moves_under_way", left->ledger.flights().size()}, {"own_memory_is_newer", ours_is_newer}});
  if (ours_is_newer) return;
  chronicle_.take_over(*left);
  pauses_.take_over(left->pause);
  picture_.take_over(*std::move(left));
  context_.publish();
}

bool Bookkeeper::keeps() const {
  return context_.parts.journal != nullptr || context_.parts.turns != nullptr;
}

JournalEntry Bookkeeper::entry() const {
  JournalEntry entry;
  entry.memory = picture_.memory();
  for (const rules::Flight& flight : ahead_) {
    entry.memory.ledger.start(flight);
    entry.memory.undone.start({flight.segment, flight.replica});
    entry.memory.last_sent = flight.started;
  }
  entry.memory.at = context_.now();
  entry.memory.pause = pauses_.in_force();
  entry.memory.suspension = suspension_;
  chronicle_.remember(entry.memory);
  entry.cluster = picture_.cluster();
  entry.policy = picture_.policy();
  return entry;
}

Awaitable<void> Bookkeeper::keep() {
  while (keeps() && !context_.stopping.is_set()) {
    co_await race(changed_.wait(), context_.stopping.wait());
    changed_.reset();
    co_await write_all();
  }
  if (changed_.is_set()) co_await write_all();  // the agent was told to stop during a write
  finished_.set();
}

// The memory, and the decisions that could not be written when they were made.
Awaitable<void> Bookkeeper::write_all() {
  while (!unwritten_.empty()) {
    const DecisionPtr decision = unwritten_.front();
    JournalEntry next = entry();
    next.decision = decision;
    if (!co_await write(std::move(next))) co_return;
    if (!unwritten_.empty() && unwritten_.front() == decision) unwritten_.pop_front();
  }
  JournalEntry next = entry();
  next.ends = picture_.ends();
  const auto told = next.ends.size();
  if (co_await write(std::move(next))) picture_.forget_ends(told);
}

Awaitable<std::optional<std::string>> Bookkeeper::write_ahead(Decision decision,
                                                              std::vector<rules::Move> moves) {
  if (!keeps()) co_return std::nullopt;
  ahead_.clear();
  const rules::TimePoint now = context_.now();
  for (const rules::Move& move : moves) {
    ahead_.push_back({move.segment, move.replica, move.from, move.to, move.bytes, now});
    MoveRecord record;
    record.move = move;
    record.started = now;
    decision.moves.push_back(std::move(record));
  }
  JournalEntry ahead = entry();
  ahead.under_way = true;
  ahead.decision = std::make_shared<const Decision>(std::move(decision));
  const bool written = co_await write(std::move(ahead));
  if (!written) co_return context_.journal_trouble;
  // A turn that has ended lets everything be written, and leaves nothing to the next agent.
  if (!context_.may_act()) co_return context_.parts.turns->state().words;
  picture_.set_last_sent(now);
  co_return std::nullopt;
}

std::string Bookkeeper::forgets() const {
  if (context_.parts.journal == nullptr || !context_.parts.journal->keeps()) {
    return "there is no journal ([journal] path)";
  }
  return context_.journal_trouble;
}

Awaitable<std::optional<std::string>> Bookkeeper::note_suspension(bool suspended) {
  const SuspensionNote before = std::exchange(suspension_, {suspended, context_.now()});
  if (co_await write(entry())) co_return std::nullopt;
  if (suspended) suspension_ = before;
  changed();
  co_return context_.journal_trouble;
}

Awaitable<void> Bookkeeper::record(Decision decision) {
  if (!keeps()) co_return;
  call_settled();
  decision.judgement.reset();  // the journal does not keep it
  JournalEntry next = entry();
  next.decision = std::make_shared<const Decision>(decision);
  if (co_await write(std::move(next))) co_return;
  decision.seen.reset();  // too large to wait for the journal
  unwritten_.push_back(std::make_shared<const Decision>(std::move(decision)));
  if (unwritten_.size() > kMostUnwritten) unwritten_.pop_front();
}

Awaitable<bool> Bookkeeper::write(JournalEntry entry) {
  std::optional<Memory> to_hand_over;
  if (context_.parts.turns != nullptr) to_hand_over = entry.memory;
  tl::expected<void, std::string> written;
  if (context_.parts.journal != nullptr) {
    written = co_await context_.parts.journal->write(std::move(entry));
  }
  if (written && to_hand_over) written = co_await hand_over(*std::move(to_hand_over));
  note(written);
  co_return written.has_value();
}

// An agent that has resigned has nothing to leave any more, and waits for no answer.
Awaitable<tl::expected<void, std::string>> Bookkeeper::hand_over(Memory memory) {
  auto left =
      co_await race(context_.parts.turns->hand_over(std::move(memory)), context_.resigned.wait());
  if (left.index() == 0) co_return std::get<0>(std::move(left));
  co_return tl::expected<void, std::string>{};
}

void Bookkeeper::note(const tl::expected<void, std::string>& written) {
  const std::string before =
      std::exchange(context_.journal_trouble, written ? std::string() : written.error());
  if (before == context_.journal_trouble) return;
  if (!written) {
    log::error("nothing is moved while the journal cannot be written",
               {{"error", written.error()}});
  } else {
    log::info("the journal can be written again");
  }
}

}  // namespace evenkeel::loop
