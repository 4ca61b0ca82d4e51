#include "agent/web/sessions.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace evenkeel::web {
namespace {

using namespace std::chrono_literals;
using Phase = Guest::Phase;

constexpr auto* kHere = "192.0.2.1";
constexpr auto* kThere = "192.0.2.2";

class FakeGuest final : public Guest {
 public:
  FakeGuest(Sessions& sessions, Phase its_phase, std::chrono::seconds ago,
            const std::string& from = kHere)
      : Guest(from), sessions_(sessions) {
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
  EXPECT_TRUE(sessions.make_room(kHere));
  const FakeGuest second(sessions, Phase::busy, 1s);
  EXPECT_FALSE(sessions.make_room(kHere));
  EXPECT_FALSE(first.pushed_out || second.pushed_out);
}

TEST(Sessions, PushOutTheLongestIdleFirst) {
  Traffic traffic;
  Sessions sessions({.connections = 4}, traffic);
  const FakeGuest waiting(sessions, Phase::waiting, 9s), idle(sessions, Phase::idle, 1s);
  const FakeGuest longest(sessions, Phase::idle, 2s), busy(sessions, Phase::busy, 20s);
  EXPECT_TRUE(sessions.make_room(kHere));
  EXPECT_TRUE(longest.pushed_out);
  EXPECT_FALSE(idle.pushed_out || waiting.pushed_out || busy.pushed_out);
}

TEST(Sessions, ThenPushOutWhoKeepsTheServerWaitingTheLongest) {
  Traffic traffic;
  Sessions sessions({.connections = 3}, traffic);
  const FakeGuest fresh(sessions, Phase::waiting, 0s), slow(sessions, Phase::waiting, 5s);
  const FakeGuest busy(sessions, Phase::busy, 9s);
  EXPECT_TRUE(sessions.make_room(kHere));
  EXPECT_TRUE(slow.pushed_out);
  EXPECT_FALSE(fresh.pushed_out || busy.pushed_out);
}

TEST(Sessions, WhoIsNewWaitsAsTheOthersDo) {
  class NewGuest final : public Guest {
   public:
    NewGuest() : Guest(kHere) {}
    void push_out() override {}
    void finish() override {}
  };
  EXPECT_EQ(NewGuest().phase, Phase::waiting);
}

TEST(Sessions, PushOutOneOfTheAddressThatHasTheMost) {
  Traffic traffic;
  Sessions sessions({.connections = 6}, traffic);
  const FakeGuest idle(sessions, Phase::idle, 90s, kThere),
      far(sessions, Phase::waiting, 9s, kThere);
  const FakeGuest busy(sessions, Phase::busy, 9s), slow(sessions, Phase::waiting, 2s);
  const FakeGuest fresh(sessions, Phase::waiting, 1s), fresher(sessions, Phase::waiting, 0s);
  EXPECT_TRUE(sessions.make_room(kThere));
  EXPECT_TRUE(slow.pushed_out);
  EXPECT_FALSE(idle.pushed_out || far.pushed_out || busy.pushed_out || fresh.pushed_out);
  const FakeGuest another(sessions, Phase::waiting, 0s, kThere);
  EXPECT_TRUE(sessions.make_room(kHere)) << "three each: the idle one goes";
  EXPECT_TRUE(idle.pushed_out);
}

TEST(Sessions, PushOutNobodyOfAnotherAddressForOneThatHasAllItMayHave) {
  Traffic traffic;
  Sessions sessions({.connections = 8, .connections_of_one = 2}, traffic);
  const FakeGuest idle(sessions, Phase::idle, 90s, kThere);
  const FakeGuest first(sessions, Phase::waiting, 2s), second(sessions, Phase::waiting, 1s);
  EXPECT_TRUE(sessions.make_room(kThere)) << "there is room for it";
  EXPECT_FALSE(first.pushed_out || idle.pushed_out);
  EXPECT_TRUE(sessions.make_room(kHere));
  EXPECT_TRUE(first.pushed_out);
  EXPECT_FALSE(second.pushed_out || idle.pushed_out);
}

TEST(Sessions, RefuseOneMoreOfAnAddressThatIsBusyWithAllItMayHave) {
  Traffic traffic;
  Sessions sessions({.connections = 8, .connections_of_one = 1}, traffic);
  {
    const FakeGuest busy(sessions, Phase::busy, 2s), other(sessions, Phase::idle, 1s, kThere);
    EXPECT_FALSE(sessions.make_room(kHere));
    EXPECT_FALSE(busy.pushed_out || other.pushed_out);
  }
  EXPECT_TRUE(sessions.make_room(kHere)) << "it has left";
}

// Whoever else comes, and however often: as long as it is not of the same address.
TEST(Sessions, KeepOneThatIsFarAwayThroughAnyFlood) {
  Traffic traffic;
  Sessions sessions({.connections = 32}, traffic);
  const FakeGuest far(sessions, Phase::waiting, 60s, kThere);
  std::vector<std::unique_ptr<FakeGuest>> flood;
  for (int i = 0; i < 5000; ++i) {
    ASSERT_TRUE(sessions.make_room(kHere));
    flood.push_back(std::make_unique<FakeGuest>(sessions, Phase::waiting, 0s));
    std::erase_if(flood, [](const auto& guest) { return guest->pushed_out; });
    ASSERT_FALSE(far.pushed_out) << i;
  }
  EXPECT_EQ(sessions.size(), 32U);
}

TEST(Sessions, DoNotCountOrPushOutTheOnesThatAreGone) {
  Traffic traffic;
  Sessions sessions({.connections = 1}, traffic);
  const FakeGuest first(sessions, Phase::idle, 1s);
  EXPECT_TRUE(sessions.make_room(kHere));
  const FakeGuest second(sessions, Phase::idle, 1s);
  EXPECT_TRUE(sessions.make_room(kHere));
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

TEST(Sessions, SayWhereItIsTooMuchWhoeverIsPushedOut) {
  Traffic traffic;
  Sessions sessions({.answers = 100}, traffic);
  FakeGuest only(sessions, Phase::waiting, 5s), busy(sessions, Phase::busy, 9s);
  EXPECT_TRUE(sessions.hold(only, 100));
  EXPECT_FALSE(sessions.hold(only, 1000));
  EXPECT_FALSE(only.pushed_out);
  EXPECT_TRUE(sessions.hold(only, 20));
  EXPECT_TRUE(sessions.hold(busy, 90));
  EXPECT_TRUE(only.pushed_out);
  FakeGuest next(sessions, Phase::waiting, 0s);
  EXPECT_FALSE(sessions.hold(next, 20)) << "what a busy one keeps is in use";
  EXPECT_FALSE(busy.pushed_out);
}

TEST(Sessions, CountATextOnceHoweverManyTakeIt) {
  Traffic traffic;
  Sessions sessions({.answers = 100}, traffic);
  const Text shared(std::string(60, 'x')), own(std::string(60, 'x'));
  std::vector<std::unique_ptr<FakeGuest>> readers;
  for (int i = 0; i < 40; ++i) {
    readers.push_back(std::make_unique<FakeGuest>(sessions, Phase::waiting, 9s));
    ASSERT_TRUE(sessions.hold(*readers.back(), 1, shared)) << i;
  }
  FakeGuest other(sessions, Phase::waiting, 5s);
  ASSERT_TRUE(sessions.hold(other, 1, own)) << "for which all those had to go";
  for (const auto& reader : readers) EXPECT_TRUE(reader->pushed_out);
  EXPECT_FALSE(other.pushed_out);
  Sessions::let_go(other);
  FakeGuest next(sessions, Phase::waiting, 0s);
  EXPECT_TRUE(sessions.hold(next, 30, shared));
  EXPECT_FALSE(other.pushed_out) << "it has taken its own";
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
