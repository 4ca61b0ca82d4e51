#include "agent/journal/codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/loop/journal.hpp"
#include "tests/journal/helpers.hpp"

namespace evenkeel::journal::codec_test {
namespace {

using testing::HasSubstr;

struct Inner {
  int count = 0;
  std::optional<std::string> name;
  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("count", self.count);
    visit("name", self.name);
  }
};
struct Outer {
  std::map<rules::NodeId, std::deque<Inner>> all;
  std::set<int> some;
  double ratio = 0;
  bool good = false;
  rules::TimePoint at{};
  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("all", self.all);
    visit("some", self.some);
    visit("ratio", self.ratio);
    visit("good", self.good);
    visit("at", self.at);
  }
};

TEST(Codec, WritesEveryKindOfValue) {
  Outer value;
  value.all[rules::NodeId{3}] = {{1, "x"}, {2, std::nullopt}};
  value.some = {2, 1};
  value.ratio = 0.1;
  value.good = true;
  value.at = rules::TimePoint{std::chrono::milliseconds{1'700'000'000'123}};
  const std::string text = encode(value);
  EXPECT_EQ(text,
            R"({"all":[[3,[{"count":1,"name":"x"},{"count":2,"name":null}]]],"at":1700000000123,)"
            R"("good":true,"ratio":0.1,"some":[1,2]})");
  const auto read = decode<Outer>(text);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(encode(*read), text);
}

struct BadText {
  const char* name;
  const char* text;
  const char* words;
};
class CodecRefuses : public testing::TestWithParam<BadText> {};

TEST_P(CodecRefuses, WithThePlaceOfTheMistake) {
  const auto read = decode<Inner>(GetParam().text);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error(), HasSubstr(GetParam().words));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, CodecRefuses,
    testing::Values(
        BadText{"Missing", R"({"count":1})", "name: missing"},
        BadText{"AnotherType", R"({"count":"1","name":null})", "count: not a whole number"},
        BadText{"AFraction", R"({"count":1.5,"name":null})", "count: not a whole number"},
        BadText{"TooLarge", R"({"count":4294967296,"name":null})", "count: out of range"},
        BadText{"NoText", R"({"count":1,"name":7})", "name: not a text"},
        BadText{"NoObject", "[]", "not an object"}, BadText{"NoJson", "{", "parse"}),
    [](const auto& of) { return of.param.name; });

TEST(Codec, AMemoryIsReadAsItWasWritten) {
  loop::Memory memory;
  memory.at = test::kNow;
  const rules::Flight flight{.segment = rules::SegmentId{1},
                             .replica = rules::ReplicaId{2},
                             .from = rules::NodeId{3},
                             .to = rules::NodeId{4},
                             .bytes = 5,
                             .started = test::kNow};
  memory.ledger.start(flight);
  memory.ledger.start({rules::SegmentId{9}, flight.replica, flight.to, flight.from, 7, test::kNow});
  memory.ledger.land({rules::SegmentId{9}, flight.replica}, test::kNow);
  memory.undone.land(flight, test::kNow);
  memory.pause = loop::Pause{"why", "ann", test::kNow, std::nullopt};
  memory.alert_decisions = {{{"NodeOverloaded", "6d0a"}, test::kNow}};
  const std::string text = encode(memory);
  const auto read = decode<loop::Memory>(text);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(encode(*read), text);
  EXPECT_EQ(read->ledger.flights().size(), 1U);
  EXPECT_EQ(read->ledger.landed().size(), 1U);
  EXPECT_EQ(read->undone.watched(), 1U);
  EXPECT_EQ(read->pause->by, "ann");
}

}  // namespace
}  // namespace evenkeel::journal::codec_test
