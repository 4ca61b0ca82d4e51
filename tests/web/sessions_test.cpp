#include "agent/web/sessions.hpp"

#include <gtest/gtest.h>

namespace evenkeel::web {
namespace {

using namespace std::chrono_literals;
using Phase = Guest::Phase;

class FakeGuest final : public Guest {
 public:
  FakeGuest(Sessions& sessions, Phase its_phase, std::chrono::seconds ago) : sessions_(sessions) {
    phase = its_phase;
    since = Clock::time_point() + 1h - ago;
    sessions_.enter(*this);
  }
  ~FakeGuest() override { sessions_.leave(*this); }
  void push_out() override { pushed_out = true; }
  void finish() override { finished = true; }

  bool pushed_out = false, finished = false;

 private:
  Sessions& sessions_;
};

TEST(Sessions, HaveRoomUpToTheBound) {
  Traffic traffic;
  Sessions sessions({.connections = 2}, traffic);
  const FakeGuest first(sessions, Phase::busy, 1s);
  EXPECT_TRUE(sessions.make_room());
  const FakeGuest second(sessions, Phase::busy, 1s);
  EXPECT_FALSE(sessions.make_room());
  EXPECT_FALSE(first.pushed_out || second.pushed_out);
}

TEST(Sessions, PushOutTheLongestIdleFirst) {
  Traffic traffic;
  Sessions sessions({.connections = 4}, traffic);
  const FakeGuest waiting(sessions, Phase::waiting, 9s), idle(sessions, Phase::idle, 1s);
  const FakeGuest longest(sessions, Phase::idle, 2s), busy(sessions, Phase::busy, 20s);
  EXPECT_TRUE(sessions.make_room());
  EXPECT_TRUE(longest.pushed_out);
  EXPECT_FALSE(idle.pushed_out || waiting.pushed_out || busy.pushed_out);
}

TEST(Sessions, ThenPushOutWhoKeepsTheServerWaitingTheLongest) {
  Traffic traffic;
  Sessions sessions({.connections = 3}, traffic);
  const FakeGuest fresh(sessions, Phase::waiting, 0s), slow(sessions, Phase::waiting, 5s);
  const FakeGuest busy(sessions, Phase::busy, 9s);
  EXPECT_TRUE(sessions.make_room());
  EXPECT_TRUE(slow.pushed_out);
  EXPECT_FALSE(fresh.pushed_out || busy.pushed_out);
}

TEST(Sessions, DoNotCountOrPushOutTheOnesThatAreGone) {
  Traffic traffic;
  Sessions sessions({.connections = 1}, traffic);
  const FakeGuest first(sessions, Phase::idle, 1s);
  EXPECT_TRUE(sessions.make_room());
  const FakeGuest second(sessions, Phase::idle, 1s);
  EXPECT_TRUE(sessions.make_room());
  EXPECT_TRUE(second.pushed_out);
}

TEST(Sessions, PushOutTheOnesThatDoNotTakeTheirAnswersWhenThoseBecomeTooMuch) {
  Traffic traffic;
  Sessions sessions({.answers = 100}, traffic);
  FakeGuest slow(sessions, Phase::waiting, 5s), slower(sessions, Phase::waiting, 9s);
  FakeGuest fresh(sessions, Phase::waiting, 0s);
  sessions.hold(slow, 40);
  sessions.hold(slower, 40);
  sessions.hold(fresh, 20);
  EXPECT_FALSE(slow.pushed_out || slower.pushed_out || fresh.pushed_out);
  sessions.hold(fresh, 60);
  EXPECT_TRUE(slower.pushed_out);
  EXPECT_FALSE(slow.pushed_out || fresh.pushed_out);
}

TEST(Sessions, AllowOneAnswerBeyondTheBound) {
  Traffic traffic;
  Sessions sessions({.answers = 100}, traffic);
  FakeGuest only(sessions, Phase::waiting, 5s);
  sessions.hold(only, 1000);
  EXPECT_FALSE(only.pushed_out);
}

TEST(Sessions, TellWhenTheLastOneLeaves) {
  Traffic traffic;
  Sessions sessions({}, traffic);
  int told = 0;
  sessions.on_empty([&] { ++told; });
  {
    const FakeGuest first(sessions, Phase::idle, 1s), second(sessions, Phase::busy, 1s);
    sessions.finish_all();
    EXPECT_TRUE(first.finished && second.finished);
    sessions.push_out_all();
    EXPECT_TRUE(first.pushed_out && second.pushed_out);
    EXPECT_EQ(told, 0);
  }
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace evenkeel::web
