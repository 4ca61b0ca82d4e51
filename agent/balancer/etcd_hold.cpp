#include "agent/balancer/etcd_hold.hpp"

#include <algorithm>
#include <utility>

#include "agent/util/format.hpp"
#include "agent/util/log.hpp"

namespace evenkeel::balancer {
namespace {

constexpr rules::Duration kAfterFailure = std::chrono::seconds{1};
constexpr rules::Duration kNextAttempt = std::chrono::seconds{10};

// Milvus takes the names of its settings in any case, and with or without these.
std::string plain(std::string_view name) {
  auto text = lower(name);
  std::erase_if(text, [](char c) { return c == '/' || c == '.' || c == '_'; });
  return text;
}

bool is_false(std::string_view value) {
  const auto text = lower(value);
  return text == "false" || text == "f" || text == "0";
}

// Returns the first value that leaves the balancer on, or null.
const etcd::KeyValue* first_on(const std::vector<etcd::KeyValue>& settings) {
  const auto on = std::find_if(settings.begin(), settings.end(),
                               [](const auto& each) { return !is_false(each.value); });
  return on == settings.end() ? nullptr : &*on;
}

std::string words_of(const etcd::KeyValue& setting) {
  return setting.key + " = " + setting.value.substr(0, 40);
}

}  // namespace

EtcdHold::EtcdHold(const asio::any_io_executor& executor, etcd::Client& client, loop::Clock& clock,
                   HoldOptions options)
    : client_(client),
      clock_(clock),
      options_(std::move(options)),
      key_(options_.root_path + "/config/queryCoord/autoBalance"),
      mutex_(executor),
      state_{.since = clock_.now()} {
  state_.hold = loop::Hold::released;
}

bool EtcdHold::wanted() const {
  return options_.always || clock_.now() < wanted_until_;
}

void EtcdHold::become(loop::Hold hold, std::string words) {
  state_ = loop::state_after(state_, hold, std::move(words), loop::HeldBy::etcd, clock_.now());
}

bool EtcdHold::out_of_reach() const {
  return state_.hold == loop::Hold::failed && out_of_reach_;
}

tl::unexpected<std::string> EtcdHold::failed(etcd::Failure failure) {
  out_of_reach_ = true;
  return tl::unexpected(std::move(failure.message));
}

Awaitable<tl::expected<void, std::string>> EtcdHold::take() {
  wanted_until_ = rules::TimePoint::max();
  Outcome outcome;
  {
    const auto lock = co_await mutex_.lock();
    outcome = co_await hold();
  }
  if (!outcome) {
    become(loop::Hold::failed, outcome.error());
    co_return outcome;
  }
  if (const auto left = read_at_ - clock_.now(); left > rules::Duration::zero()) {
    co_await clock_.sleep(left);
  }
  co_return outcome;
}

void EtcdHold::keep_until(rules::TimePoint moment) {
  wanted_until_ = moment;
}

std::optional<std::string> EtcdHold::lost() const {
  if (state_.hold == loop::Hold::by_operator) return std::nullopt;
  if (state_.hold == loop::Hold::held && clock_.now() < lasts_until_) return std::nullopt;
  return "the built-in balancer is no longer held off" +
         (state_.words.empty() ? "" : ": " + state_.words);
}

Awaitable<tl::expected<EtcdHold::Setting, std::string>> EtcdHold::look() {
  const auto root = options_.root_path + "/config/";
  auto listed = co_await client_.list(root, options_.most_keys);
  if (!listed) co_return failed(std::move(listed.error()));
  out_of_reach_ = false;
  if (!listed->all) {
    co_return tl::unexpected(root + " in etcd has more than " + std::to_string(options_.most_keys) +
                             " keys: is [etcd] root_path right?");
  }
  Setting setting;
  for (auto& each : listed->keys) {
    if (plain(std::string_view(each.key).substr(root.size())) != "querycoordautobalance") continue;
    const bool leased = each.lease != etcd::LeaseId{};
    if (leased && each.key == key_) {
      setting.leased = std::move(each);
    } else {
      setting.operators.push_back(std::move(each));
    }
  }
  co_return setting;
}

// Leaves the balancer as others have set it.
EtcdHold::Outcome EtcdHold::leave_to(const std::vector<etcd::KeyValue>& operators) {
  const auto* on = first_on(operators);
  if (on == nullptr) {
    become(loop::Hold::by_operator, "somebody has set " + words_of(operators.front()) + " in etcd");
    return {};
  }
  return tl::unexpected("somebody has set " + words_of(*on) +
                        " in etcd, which is never overwritten: delete that key, set it to false, "
                        "or set [builtin_balancer] mode = \"ignore\"");
}

Awaitable<EtcdHold::Outcome> EtcdHold::hold() {
  auto setting = co_await look();
  if (!setting) co_return tl::unexpected(std::move(setting.error()));
  if (!setting->operators.empty()) {
    co_await release();
    co_return leave_to(setting->operators);
  }
  const auto& leased = setting->leased;
  if (leased && lease_ && leased->lease == lease_->id && clock_.now() < lasts_until_) {
    become(loop::Hold::held, "by " + key_ + " in etcd");
    co_return Outcome{};
  }
  if (!acting_) {
    co_await release();
    become(loop::Hold::released, {});
    co_return Outcome{};
  }
  // A leased value is that of an agent that died, or whose turn has ended.
  co_return co_await put(leased ? leased->modified : 0);
}

Awaitable<EtcdHold::Outcome> EtcdHold::ensure_lease() {
  if (lease_ && clock_.now() < lasts_until_) co_return Outcome{};
  lease_.reset();
  const auto asked = clock_.now();
  auto granted = co_await client_.grant(options_.lease);
  if (!granted) co_return failed(std::move(granted.error()));
  lease_ = *granted;
  lasts_until_ = asked + granted->time;
  co_return Outcome{};
}

Awaitable<EtcdHold::Outcome> EtcdHold::put(etcd::Revision expected) {
  if (auto leased = co_await ensure_lease(); !leased) co_return leased;
  auto change = co_await client_.put_if(key_, expected, "false", lease_->id);
  if (!change) {
    const bool gone = change.error().kind == etcd::FailureKind::lease_not_found;
    if (!gone) co_return failed(std::move(change.error()));
    lease_.reset();
    co_return tl::unexpected(std::move(change.error().message));
  }
  const bool ours = change->done || (change->found && change->found->lease == lease_->id);
  if (!ours) {
    co_return tl::unexpected(key_ + " was changed in etcd at the same moment by somebody else");
  }
  read_at_ = clock_.now() + options_.read_within;
  become(loop::Hold::held, "by " + key_ + " in etcd");
  co_return Outcome{};
}

rules::Duration EtcdHold::pause() const {
  const rules::Duration third = (lease_ ? lease_->time : options_.lease) / 3;
  if (!lease_ || options_.always) return third;
  return std::clamp(rules::Duration(wanted_until_ - clock_.now()), rules::Duration::zero(), third);
}

Awaitable<rules::Duration> EtcdHold::tend() {
  const auto lock = co_await mutex_.lock();
  if (!wanted()) co_return co_await rest();
  if (lease_) co_return co_await renew();
  co_return co_await hold_again({});
}

// What failed stays failed until nothing stands in the way of a hold any more.
Awaitable<rules::Duration> EtcdHold::rest() {
  co_await release();
  if (state_.hold == loop::Hold::failed) {
    const auto setting = co_await look();
    if (!setting || first_on(setting->operators) != nullptr) co_return kNextAttempt;
  }
  if (state_.hold != loop::Hold::released) become(loop::Hold::released, {});
  co_return pause();
}

Awaitable<rules::Duration> EtcdHold::renew() {
  const auto asked = clock_.now();
  const auto renewed = co_await client_.keep_alive(lease_->id);
  if (renewed) lasts_until_ = asked + renewed->time;
  if (!renewed && renewed.error().kind != etcd::FailureKind::lease_not_found) {
    if (clock_.now() < lasts_until_) co_return kAfterFailure;
    out_of_reach_ = true;
    become(loop::Hold::failed, renewed.error().message);
    co_return kAfterFailure;
  }
  if (!renewed) {
    lease_.reset();
    co_return co_await hold_again("its lease has ended");
  }
  const auto found = co_await client_.get(key_);
  if (!found) co_return kAfterFailure;
  if (*found && (*found)->lease == lease_->id) co_return pause();
  std::string why;  // not within the call: GCC 12 would free its text twice
  if (acting_) why = key_ + " was changed in etcd by somebody else";
  co_return co_await hold_again(std::move(why));
}

Awaitable<rules::Duration> EtcdHold::hold_again(std::string why) {
  if (!why.empty()) become(loop::Hold::failed, std::move(why));
  auto outcome = co_await hold();
  if (outcome) co_return pause();
  become(loop::Hold::failed, std::move(outcome.error()));
  co_return kNextAttempt;
}

// The key goes with its lease, unless somebody has overwritten it. Where etcd does not answer, the
// lease ends by itself.
Awaitable<void> EtcdHold::release() {
  if (!lease_) co_return;
  const auto lease = std::exchange(lease_, std::nullopt);
  const auto revoked = co_await client_.revoke(lease->id);
  if (revoked || revoked.error().kind == etcd::FailureKind::lease_not_found) co_return;
  log::warn("the hold of the built-in balancer could not be ended, and ends by itself",
            {{"seconds", lease->time.count()}, {"why", revoked.error().message}});
}

Awaitable<void> EtcdHold::let_go() {
  const auto lock = co_await mutex_.lock();
  wanted_until_ = {};
  co_await release();
  become(loop::Hold::released, {});
}

}  // namespace evenkeel::balancer
