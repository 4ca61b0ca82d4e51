#include "agent/turns/etcd_turns.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "agent/turns/essentials.hpp"
#include "agent/util/log.hpp"
#include "agent/util/race.hpp"
#include "agent/util/time.hpp"

namespace evenkeel::turns {
namespace {

using loop::Standing;

constexpr rules::Duration kAfterFailure = std::chrono::seconds{1};
// From the last moment at which a call may be written to the end of the turn.
constexpr rules::Duration kOnTheWay = std::chrono::seconds{1};
constexpr std::size_t kLongestName = 100;

// The host in a value of the key; "somebody" if it is not this program's.
std::string host_in(const std::string& value) {
  const auto json = nlohmann::json::parse(value, nullptr, false);
  const auto host = json.is_object() ? json.find("host") : json.end();
  if (!json.is_object() || host == json.end() || !host->is_string()) return "somebody";
  return host->get<std::string>().substr(0, kLongestName);
}

std::string acts(const std::string& host) {
  return "another agent, " + host + ", acts";
}

}  // namespace

EtcdTurns::EtcdTurns(const asio::any_io_executor& executor, etcd::Client& client,
                     loop::Clock& clock, TurnOptions options)
    : client_(client),
      clock_(clock),
      options_(std::move(options)),
      leader_key_(options_.prefix + "/leader"),
      handover_key_(options_.prefix + "/handover"),
      state_{Standing::watching, {}, "it is not known yet whose turn it is", 0, clock_.now()},
      mutex_(executor) {}

std::string EtcdTurns::own_value() const {
  return nlohmann::json{{"host", options_.host},
                        {"pid", options_.process},
                        {"since", rfc3339(wall_time(clock_.now()))}}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool EtcdTurns::is_ours(const std::optional<etcd::KeyValue>& found) const {
  return found && lease_ && found->lease == lease_->id;
}

void EtcdTurns::become(Standing standing, std::string actor, std::string words) {
  const bool same = state_.standing == standing;
  if (!same || state_.actor != actor) {
    log::info("turn", {{"standing", loop::name(standing)}, {"actor", actor}, {"words", words}});
  }
  state_ = {standing, std::move(actor), std::move(words), state_.term,
            same ? state_.since : clock_.now()};
}

void EtcdTurns::watch(std::string actor, std::string words) {
  state_.term = 0;
  knows_ = false;
  become(Standing::watching, std::move(actor), std::move(words));
}

void EtcdTurns::end_turn(const std::optional<etcd::KeyValue>& found, std::string_view why) {
  log::warn("this agent's turn has ended", {{"why", why}});
  if (found && !is_ours(found)) {
    const auto host = host_in(found->value);
    return watch(host, acts(host));
  }
  watch({}, "this agent's turn has ended: " + std::string(why));
}

Awaitable<rules::Duration> EtcdTurns::tend() {
  if (state_.term == 0) co_return co_await seek();
  co_return co_await renew();
}

Awaitable<rules::Duration> EtcdTurns::seek() {
  const auto found = co_await client_.get(leader_key_);
  if (!found) {
    watch({}, "it cannot be known whose turn it is: " + found.error().message);
    co_return kAfterFailure;
  }
  if (*found && !is_ours(*found)) {
    const auto host = host_in((*found)->value);
    watch(host, acts(host));
    co_return options_.look;
  }
  co_return co_await claim();
}

// Where the answer to an earlier attempt was lost, the key may be ours already.
Awaitable<rules::Duration> EtcdTurns::claim() {
  const auto refused = [this](const std::string& why) {
    watch({}, "nobody acts, and this agent cannot take its turn: " + why);
    return kAfterFailure;
  };
  if (const auto leased = co_await ensure_lease(); !leased) co_return refused(leased.error());
  const auto change = co_await client_.put_if(leader_key_, 0, own_value(), lease_->id);
  if (!change) {
    if (change.error().kind == etcd::FailureKind::lease_not_found) lease_.reset();
    co_return refused(change.error().message);
  }
  if (change->done || is_ours(change->found)) {
    begin_turn(change->done ? change->revision : change->found->created);
    co_return rules::Duration::zero();  // the lease may be half over
  }
  if (change->found) {
    const auto host = host_in(change->found->value);
    watch(host, acts(host));
  }
  co_return options_.look;
}

Awaitable<EtcdTurns::Outcome> EtcdTurns::ensure_lease() {
  if (lease_ && clock_.now() + options_.margin() < lasts_until_) co_return Outcome{};
  lease_.reset();
  const auto asked = clock_.now();
  auto granted = co_await client_.grant(options_.lease);
  if (!granted) co_return tl::unexpected(std::move(granted.error().message));
  lease_ = *granted;
  lasts_until_ = asked + granted->time;
  co_return Outcome{};
}

void EtcdTurns::begin_turn(etcd::Revision term) {
  acts_from_ = clock_.now() + options_.margin();
  knows_ = false;
  left_.clear();
  state_.term = term;
  become(Standing::taking_over, options_.host,
         "it is this agent's turn, but what the last one sent may still be on its way");
}

void EtcdTurns::took_over() {
  knows_ = state_.term != 0;
}

void EtcdTurns::act_when_due() {
  if (state_.standing != Standing::taking_over || !knows_ || clock_.now() < acts_from_) return;
  become(Standing::acting, options_.host, {});
}

Awaitable<rules::Duration> EtcdTurns::renew() {
  const auto asked = clock_.now();
  const auto renewed = co_await client_.keep_alive(lease_->id);
  if (renewed) lasts_until_ = asked + renewed->time;
  if (!renewed && renewed.error().kind == etcd::FailureKind::lease_not_found) {
    end_turn(std::nullopt, "its lease has ended");
    lease_.reset();
    co_return rules::Duration::zero();
  }
  if (!renewed && clock_.now() >= lasts_until_) {
    end_turn(std::nullopt, renewed.error().message);
  }
  if (!renewed) co_return kAfterFailure;
  const auto found = co_await client_.get(leader_key_);
  if (!found) co_return kAfterFailure;
  if (!is_ours(*found) || (*found)->created != state_.term) {
    end_turn(*found, leader_key_ + " in etcd was changed by somebody else");
    co_return options_.look;
  }
  act_when_due();
  if (state_.standing == Standing::acting) co_return rules::Duration(lease_->time) / 3;
  co_return std::clamp<rules::Duration>(acts_from_ - clock_.now(), std::chrono::milliseconds{100},
                                        options_.look);
}

// The agent may have been stopped for long, and does not notice by itself.
std::optional<std::string> EtcdTurns::too_late() const {
  if (!state_.ours()) return state_.words;
  if (clock_.now() + options_.margin() < lasts_until_) return std::nullopt;
  return "too little is left of this agent's turn: etcd has not renewed it for too long";
}

Awaitable<std::optional<std::string>> EtcdTurns::check() {
  if (auto late = too_late()) co_return late;
  const auto asked = co_await race(client_.get(leader_key_), clock_.sleep(options_.patience()));
  const auto* found = std::get_if<0>(&asked);
  if (found == nullptr) co_return "etcd does not say in time whose turn it is";
  if (!*found) co_return "it cannot be known whose turn it is: " + found->error().message;
  const auto& key = **found;
  if (state_.ours() && (!key || key->created != state_.term)) {
    end_turn(key, leader_key_ + " in etcd is gone, or is another agent's");
  }
  co_return too_late();
}

bool EtcdTurns::in_time() const {
  return state_.ours() && clock_.now() + kOnTheWay < lasts_until_;
}

Awaitable<tl::expected<loop::Memory, std::string>> EtcdTurns::handed_over() {
  const auto found = co_await client_.get(handover_key_);
  if (!found) co_return tl::unexpected(found.error().message);
  left_revision_ = *found ? (*found)->modified : 0;
  if (!*found) co_return tl::unexpected("nothing was left as " + handover_key_ + " in etcd");
  auto memory = read_essentials((*found)->value);
  if (memory) co_return *std::move(memory);
  co_return tl::unexpected(handover_key_ + " in etcd cannot be read: " + memory.error());
}

// A memory that comes while a newer one was put has nothing to add.
Awaitable<EtcdTurns::Outcome> EtcdTurns::hand_over(loop::Memory memory) {
  if (!knows_) co_return Outcome{};
  const auto number = ++asked_;
  const auto lock = co_await mutex_.lock();
  if (!knows_ || number < put_) co_return Outcome{};
  auto outcome = co_await put_handover(essentials_of(std::move(memory)));
  if (outcome) put_ = number;
  co_return outcome;
}

// What has not changed is not put again: etcd keeps every version until it is compacted.
Awaitable<EtcdTurns::Outcome> EtcdTurns::put_handover(loop::Memory essentials) {
  const auto at = std::exchange(essentials.at, rules::TimePoint{});
  auto timeless = write_essentials(essentials, options_.most_bytes);
  if (timeless && timeless->text == left_) co_return Outcome{};
  essentials.at = at;
  auto written = write_essentials(std::move(essentials), options_.most_bytes);
  if (!timeless || !written) {
    co_return tl::unexpected("too much for " + handover_key_ +
                             " in etcd: " + (timeless ? written.error() : timeless.error()));
  }
  if (std::exchange(dropped_, written->dropped) != written->dropped && !written->dropped.empty()) {
    log::warn("what is left to the next agent is too large, so some of it is not",
              {{"left_out", written->dropped}, {"most_bytes", options_.most_bytes}});
  }
  auto outcome = co_await put_once(std::move(written->text), true);
  if (outcome) left_ = std::move(timeless->text);
  co_return outcome;
}

// The condition on the key keeps an earlier attempt, whose answer was lost, from coming in later.
Awaitable<EtcdTurns::Outcome> EtcdTurns::put_once(std::string text, bool again) {
  const auto failed = [](const etcd::Failure& failure) {
    return tl::unexpected("what the next agent must know cannot be put into etcd: " +
                          failure.message);
  };
  const auto term = state_.term;
  const auto put =
      co_await client_.put_while(handover_key_, left_revision_, text, leader_key_, term);
  if (!put) co_return failed(put.error());
  if (put->done) left_revision_ = put->revision;
  if (put->done) co_return Outcome{};
  if (!put->found || put->found->created != term) {
    if (state_.term == term) end_turn(put->found, leader_key_ + " in etcd is another agent's");
    co_return tl::unexpected(std::string("this agent's turn has ended"));
  }
  const auto found = co_await client_.get(handover_key_);
  if (!found) co_return failed(found.error());
  left_revision_ = *found ? (*found)->modified : 0;
  if (again) co_return co_await put_once(std::move(text), false);
  co_return tl::unexpected(handover_key_ + " in etcd is changed by somebody else");
}

// Where etcd does not answer, the turn ends by itself.
Awaitable<void> EtcdTurns::resign() {
  watch({}, "the agent is stopping");
  if (!lease_) co_return;
  const auto lease = std::exchange(lease_, std::nullopt);
  const auto revoked = co_await client_.revoke(lease->id);
  if (revoked || revoked.error().kind == etcd::FailureKind::lease_not_found) co_return;
  log::warn("the turn could not be given up, and ends by itself",
            {{"seconds", lease->time.count()}, {"why", revoked.error().message}});
}

}  // namespace evenkeel::turns
