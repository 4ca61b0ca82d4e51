#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "agent/loop/turns.hpp"

namespace evenkeel::test {

// Turns that are as the test says, and note what is asked of them.
class FakeTurns final : public loop::Turns {
 public:
  loop::Turn turn{loop::Standing::watching, "keel-1", "another agent, keel-1, acts", 0, {}};
  tl::expected<loop::Memory, std::string> left = tl::unexpected(std::string("nothing was left"));
  std::optional<loop::Memory> handed;  // what was left last
  std::string hand_over_fails;         // empty: it does not
  std::optional<std::string> against;  // what check() says
  std::function<void()> before_resignation;
  std::function<Awaitable<void>()> before_hand_over;
  std::function<bool()> still = [] { return true; };
  int checks = 0, resigned = 0, taken = 0;

  void give(std::int64_t term = 1) {
    turn = {loop::Standing::taking_over, "keel-0", "it is this agent's turn, but wait", term, {}};
  }
  void take_away() {
    turn = {loop::Standing::watching, "keel-1", "another agent, keel-1, acts", 0, {}};
  }

  Awaitable<rules::Duration> tend() override { co_return rules::Duration{std::chrono::seconds{1}}; }
  Awaitable<std::optional<std::string>> check() override {
    ++checks;
    co_return against;
  }
  [[nodiscard]] bool in_time() const override { return still(); }
  Awaitable<void> resign() override {
    if (before_resignation) before_resignation();
    ++resigned;
    take_away();
    co_return;
  }
  Awaitable<tl::expected<loop::Memory, std::string>> handed_over() override { co_return left; }
  void took_over() override {
    ++taken;
    turn.standing = loop::Standing::acting;
    turn.words.clear();
  }
  Awaitable<tl::expected<void, std::string>> hand_over(loop::Memory memory) override {
    if (before_hand_over) co_await before_hand_over();
    if (turn.standing != loop::Standing::acting) co_return tl::expected<void, std::string>{};
    if (!hand_over_fails.empty()) co_return tl::unexpected(hand_over_fails);
    handed = std::move(memory);
    co_return tl::expected<void, std::string>{};
  }
  [[nodiscard]] const loop::Turn& state() const override { return turn; }
};

}  // namespace evenkeel::test
