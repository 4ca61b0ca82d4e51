#pragma once
// How two simulated agents take turns, by the rules of agent/turns/TURNS.md: a key with a lease on
// the world's clock stands for etcd, whose own behaviour is tested elsewhere.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "agent/loop/clock.hpp"
#include "agent/loop/turns.hpp"
#include "tests/sim/world.hpp"

namespace evenkeel::sim {

// The clock of one agent's process. While that is stopped, nothing in it wakes.
class ProcessClock final : public loop::Clock {
 public:
  explicit ProcessClock(loop::Clock& clock) : clock_(clock) {}

  void stop_until(TimePoint time) { stopped_until_ = time; }
  [[nodiscard]] TimePoint stopped_until() const { return stopped_until_; }

  [[nodiscard]] TimePoint now() const override { return clock_.now(); }
  [[nodiscard]] Awaitable<void> sleep(Duration duration) override;

 private:
  loop::Clock& clock_;
  TimePoint stopped_until_{};
};

class Turntaker;

// What the agents share: whose turn it is, and what the last one has left.
class TurnKeeper {
 public:
  explicit TurnKeeper(Duration lease) : lease_(lease) {}

  [[nodiscard]] Duration lease() const { return lease_; }
  // Who has the turn then; null: nobody.
  [[nodiscard]] const Turntaker* actor(TimePoint now) const;
  // The actor's; 0: nobody's.
  [[nodiscard]] std::int64_t term(TimePoint now) const;
  // Gives the turn to one who asks while nobody has it; returns its term, or 0.
  std::int64_t claim(const Turntaker& who, TimePoint now);
  // Each does nothing and returns false unless that term stands.
  bool renew(std::int64_t term, TimePoint now);
  bool leave(std::int64_t term, loop::Memory memory, TimePoint now);
  void give_up(std::int64_t term, TimePoint now);

  [[nodiscard]] const std::optional<loop::Memory>& left() const { return left_; }

 private:
  Duration lease_;
  const Turntaker* actor_ = nullptr;
  std::int64_t term_ = 0;
  TimePoint until_{};
  std::optional<loop::Memory> left_;
};

// One agent's way to the keeper.
class Turntaker final : public loop::Turns {
 public:
  // Both must outlive it. Each question of the keeper takes `answer`.
  Turntaker(TurnKeeper& keeper, loop::Clock& clock, Duration answer);

  // The keeper cannot be reached before then.
  void cut_off_until(TimePoint time) { cut_off_until_ = time; }
  [[nodiscard]] TimePoint cut_off_until() const { return cut_off_until_; }
  // Runs when this agent has taken up what another left.
  std::function<void()> on_taken_over;

  [[nodiscard]] Awaitable<Duration> tend() override;
  [[nodiscard]] Awaitable<std::optional<std::string>> check() override;
  [[nodiscard]] bool in_time() const override;
  [[nodiscard]] Awaitable<void> resign() override;
  [[nodiscard]] Awaitable<tl::expected<loop::Memory, std::string>> handed_over() override;
  void took_over() override;
  [[nodiscard]] Awaitable<tl::expected<void, std::string>> hand_over(loop::Memory memory) override;
  [[nodiscard]] const loop::Turn& state() const override { return state_; }

 private:
  [[nodiscard]] Awaitable<bool> reach();
  [[nodiscard]] Awaitable<Duration> seek();
  [[nodiscard]] Awaitable<Duration> renew();
  void become(loop::Standing standing, std::string words);
  void end_turn();
  [[nodiscard]] std::optional<std::string> too_late() const;
  [[nodiscard]] Duration margin() const { return keeper_.lease() / 3; }

  TurnKeeper& keeper_;
  loop::Clock& clock_;
  Duration answer_;
  TimePoint cut_off_until_{};
  loop::Turn state_;
  TimePoint lasts_until_{};
  TimePoint acts_from_{};
  bool knows_ = false;
};

}  // namespace evenkeel::sim
