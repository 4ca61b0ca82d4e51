#pragma once
// Turns by a key in etcd: who could create it acts, as long as a lease keeps it. See TURNS.md for
// what this promises, and what it cannot.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/etcd/client.hpp"
#include "agent/loop/clock.hpp"
#include "agent/loop/turns.hpp"
#include "agent/util/async_mutex.hpp"

namespace evenkeel::turns {

// The keys, the times and the name of one agent.
struct TurnOptions {
  std::string prefix = "evenkeel/by-dev";  // of both keys, the same for all agents of a cluster
  std::chrono::seconds lease{15};          // without a renewal a turn ends after this
  std::string host = "localhost";          // the others say who acts by this name
  std::int64_t process = 0;
  rules::Duration look =
      std::chrono::seconds{1};          // how often a watcher looks whether the key stands
  std::size_t most_bytes = 512u << 10;  // of what is left to the next agent

  // A call is sent only if so much of the lease is left, and a new turn begins with as long a wait:
  // what the last agent sent at the end of its turn has arrived by then.
  [[nodiscard]] rules::Duration margin() const { return rules::Duration(lease) / 3; }
  // The last look at the key before a call may take so long.
  [[nodiscard]] rules::Duration patience() const { return rules::Duration(lease) / 5; }
};

class EtcdTurns final : public loop::Turns {
 public:
  // Both must outlive this.
  EtcdTurns(const asio::any_io_executor& executor, etcd::Client& client, loop::Clock& clock,
            TurnOptions options);

  [[nodiscard]] Awaitable<rules::Duration> tend() override;
  [[nodiscard]] Awaitable<std::optional<std::string>> check() override;
  [[nodiscard]] bool in_time() const override;
  [[nodiscard]] Awaitable<void> resign() override;
  [[nodiscard]] Awaitable<tl::expected<loop::Memory, std::string>> handed_over() override;
  void took_over() override;
  [[nodiscard]] Awaitable<tl::expected<void, std::string>> hand_over(loop::Memory memory) override;
  [[nodiscard]] const loop::Turn& state() const override { return state_; }

  [[nodiscard]] const std::string& leader_key() const { return leader_key_; }
  [[nodiscard]] const std::string& handover_key() const { return handover_key_; }

 private:
  using Outcome = tl::expected<void, std::string>;
  [[nodiscard]] Awaitable<rules::Duration> seek();
  [[nodiscard]] Awaitable<rules::Duration> claim();
  [[nodiscard]] Awaitable<Outcome> ensure_lease();
  [[nodiscard]] Awaitable<rules::Duration> renew();
  [[nodiscard]] Awaitable<Outcome> put_handover(loop::Memory essentials);
  [[nodiscard]] Awaitable<Outcome> put_once(std::string text, bool again);
  void begin_turn(etcd::Revision term);
  void act_when_due();
  // The turn is another's, or nobody's if `found` is empty.
  void end_turn(const std::optional<etcd::KeyValue>& found, std::string_view why);
  void watch(std::string actor, std::string words);
  void become(loop::Standing standing, std::string actor, std::string words);
  [[nodiscard]] bool is_ours(const std::optional<etcd::KeyValue>& found) const;
  [[nodiscard]] std::optional<std::string> too_late() const;
  [[nodiscard]] std::string own_value() const;

  etcd::Client& client_;
  loop::Clock& clock_;
  TurnOptions options_;
  std::string leader_key_;
  std::string handover_key_;
  loop::Turn state_;
  std::optional<etcd::Lease> lease_;  // that keeps the key, or is to keep it
  rules::TimePoint lasts_until_{};    // the lease, at the least
  rules::TimePoint acts_from_{};
  bool knows_ = false;  // what was left at the beginning of this turn
  // The handover of this turn: memories come in order, and are put one after the other.
  AsyncMutex mutex_;                  // of who puts one
  std::uint64_t asked_ = 0;           // so many have come …
  std::uint64_t put_ = 0;             // … and this one of them was put last
  etcd::Revision left_revision_ = 0;  // of the key, as far as is known
  std::string left_;                  // what was put last, without its time
  std::string dropped_;               // what was left out of it, to log it once
};

}  // namespace evenkeel::turns
