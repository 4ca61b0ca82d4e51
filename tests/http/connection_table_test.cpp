#include "agent/http/connection_table.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace evenkeel::http::connection_table_test {
namespace {

using namespace std::chrono_literals;
using Entry = ConnectionTable::Entry;
using Phase = Entry::Phase;

constexpr auto* kHere = "192.0.2.1";
constexpr auto* kThere = "192.0.2.2";

class FakeEntry final : public Entry {
 public:
  FakeEntry(ConnectionTable& table, Phase its_phase, std::chrono::seconds ago,
            const std::string& from = kHere)
      : Entry(from), table_(table) {
    phase = its_phase;
    since = ConnectionTable::Clock::time_point() + 1h - ago;
    table_.add(*this);
  }
  ~FakeEntry() override { table_.remove(*this); }
  void evict() override { evicted = true; }
  void drain() override { drained = true; }

  bool evicted = false, drained = false;

 private:
  ConnectionTable& table_;
};

TEST(ConnectionTable, HasRoomUpToTheBound) {
  ConnectionTable table(Limits{.connections = 2});
  const FakeEntry first(table, Phase::busy, 1s);
  EXPECT_TRUE(table.make_room(kHere));
  const FakeEntry second(table, Phase::busy, 1s);
  EXPECT_FALSE(table.make_room(kHere));
  EXPECT_FALSE(first.evicted || second.evicted);
}

TEST(ConnectionTable, EvictsTheLongestIdleFirst) {
  ConnectionTable table(Limits{.connections = 4});
  const FakeEntry waiting(table, Phase::waiting, 9s), idle(table, Phase::idle, 1s);
  const FakeEntry longest(table, Phase::idle, 2s), busy(table, Phase::busy, 20s);
  EXPECT_TRUE(table.make_room(kHere));
  EXPECT_TRUE(longest.evicted);
  EXPECT_FALSE(idle.evicted || waiting.evicted || busy.evicted);
}

TEST(ConnectionTable, ThenEvictsWhoKeepsTheServerWaitingTheLongest) {
  ConnectionTable table(Limits{.connections = 3});
  const FakeEntry fresh(table, Phase::waiting, 0s), slow(table, Phase::waiting, 5s);
  const FakeEntry busy(table, Phase::busy, 9s);
  EXPECT_TRUE(table.make_room(kHere));
  EXPECT_TRUE(slow.evicted);
  EXPECT_FALSE(fresh.evicted || busy.evicted);
}

TEST(ConnectionTable, WhoIsNewWaitsAsTheOthersDo) {
  class NewEntry final : public Entry {
   public:
    NewEntry() : Entry(kHere) {}
    void evict() override {}
    void drain() override {}
  };
  EXPECT_EQ(NewEntry().phase, Phase::waiting);
}

TEST(ConnectionTable, EvictsOneOfTheAddressThatHasTheMost) {
  ConnectionTable table(Limits{.connections = 6});
  const FakeEntry idle(table, Phase::idle, 90s, kThere), far(table, Phase::waiting, 9s, kThere);
  const FakeEntry busy(table, Phase::busy, 9s), slow(table, Phase::waiting, 2s);
  const FakeEntry fresh(table, Phase::waiting, 1s), fresher(table, Phase::waiting, 0s);
  EXPECT_TRUE(table.make_room(kThere));
  EXPECT_TRUE(slow.evicted);
  EXPECT_FALSE(idle.evicted || far.evicted || busy.evicted || fresh.evicted);
  const FakeEntry another(table, Phase::waiting, 0s, kThere);
  EXPECT_TRUE(table.make_room(kHere)) << "three each: the idle one goes";
  EXPECT_TRUE(idle.evicted);
}

TEST(ConnectionTable, EvictsNobodyOfAnotherAddressForOneThatHasAllItMayHave) {
  ConnectionTable table(Limits{.connections = 8, .connections_per_address = 2});
  const FakeEntry idle(table, Phase::idle, 90s, kThere);
  const FakeEntry first(table, Phase::waiting, 2s), second(table, Phase::waiting, 1s);
  EXPECT_TRUE(table.make_room(kThere)) << "there is room for it";
  EXPECT_FALSE(first.evicted || idle.evicted);
  EXPECT_TRUE(table.make_room(kHere));
  EXPECT_TRUE(first.evicted);
  EXPECT_FALSE(second.evicted || idle.evicted);
}

TEST(ConnectionTable, RefusesOneMoreOfAnAddressThatIsBusyWithAllItMayHave) {
  ConnectionTable table(Limits{.connections = 8, .connections_per_address = 1});
  {
    const FakeEntry busy(table, Phase::busy, 2s), other(table, Phase::idle, 1s, kThere);
    EXPECT_FALSE(table.make_room(kHere));
    EXPECT_FALSE(busy.evicted || other.evicted);
  }
  EXPECT_TRUE(table.make_room(kHere)) << "it has left";
}

// Whoever else comes, and however often: as long as it is not of the same address.
TEST(ConnectionTable, KeepsOneThatIsFarAwayThroughAnyFlood) {
  ConnectionTable table(Limits{.connections = 32});
  const FakeEntry far(table, Phase::waiting, 60s, kThere);
  std::vector<std::unique_ptr<FakeEntry>> flood;
  for (int i = 0; i < 5000; ++i) {
    ASSERT_TRUE(table.make_room(kHere));
    flood.push_back(std::make_unique<FakeEntry>(table, Phase::waiting, 0s));
    std::erase_if(flood, [](const auto& entry) { return entry->evicted; });
    ASSERT_FALSE(far.evicted) << i;
  }
  EXPECT_EQ(table.size(), 32U);
}

TEST(ConnectionTable, NeitherCountsNorEvictsTheOnesThatAreGone) {
  ConnectionTable table(Limits{.connections = 1});
  const FakeEntry first(table, Phase::idle, 1s);
  EXPECT_TRUE(table.make_room(kHere));
  const FakeEntry second(table, Phase::idle, 1s);
  EXPECT_TRUE(table.make_room(kHere));
  EXPECT_TRUE(second.evicted);
}

TEST(ConnectionTable, EvictsTheOnesThatDoNotTakeTheirResponsesWhenThoseBecomeTooMuch) {
  ConnectionTable table(Limits{.buffered = 100});
  FakeEntry slow(table, Phase::waiting, 5s), slower(table, Phase::waiting, 9s);
  FakeEntry fresh(table, Phase::waiting, 0s);
  EXPECT_TRUE(table.hold(slow, 40));
  EXPECT_TRUE(table.hold(slower, 40));
  EXPECT_TRUE(table.hold(fresh, 20));
  EXPECT_FALSE(slow.evicted || slower.evicted || fresh.evicted);
  EXPECT_TRUE(table.hold(fresh, 60));
  EXPECT_TRUE(slower.evicted);
  EXPECT_FALSE(slow.evicted || fresh.evicted);
}

TEST(ConnectionTable, SaysWhereItIsTooMuchWhoeverIsEvicted) {
  ConnectionTable table(Limits{.buffered = 100});
  FakeEntry only(table, Phase::waiting, 5s), busy(table, Phase::busy, 9s);
  EXPECT_TRUE(table.hold(only, 100));
  EXPECT_FALSE(table.hold(only, 1000));
  EXPECT_FALSE(only.evicted);
  EXPECT_TRUE(table.hold(only, 20));
  EXPECT_TRUE(table.hold(busy, 90));
  EXPECT_TRUE(only.evicted);
  FakeEntry next(table, Phase::waiting, 0s);
  EXPECT_FALSE(table.hold(next, 20)) << "what a busy one keeps is in use";
  EXPECT_FALSE(busy.evicted);
}

TEST(ConnectionTable, CountsATextOnceHoweverManyTakeIt) {
  ConnectionTable table(Limits{.buffered = 100});
  const SharedText shared(std::string(60, 'x')), own(std::string(60, 'x'));
  std::vector<std::unique_ptr<FakeEntry>> readers;
  for (int i = 0; i < 40; ++i) {
    readers.push_back(std::make_unique<FakeEntry>(table, Phase::waiting, 9s));
    ASSERT_TRUE(table.hold(*readers.back(), 1, shared)) << i;
  }
  FakeEntry other(table, Phase::waiting, 5s);
  ASSERT_TRUE(table.hold(other, 1, own)) << "for which all those had to go";
  for (const auto& reader : readers) EXPECT_TRUE(reader->evicted);
  EXPECT_FALSE(other.evicted);
  ConnectionTable::release(other);
  FakeEntry next(table, Phase::waiting, 0s);
  EXPECT_TRUE(table.hold(next, 30, shared));
  EXPECT_FALSE(other.evicted) << "it has taken its own";
}

TEST(ConnectionTable, DrainsAndEvictsAllThatAreThere) {
  ConnectionTable table(Limits{});
  const FakeEntry first(table, Phase::idle, 1s), second(table, Phase::busy, 1s);
  table.drain_all();
  EXPECT_TRUE(first.drained && second.drained);
  EXPECT_EQ(table.size(), 2U);
  table.evict_all();
  EXPECT_TRUE(first.evicted && second.evicted);
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace evenkeel::http::connection_table_test
