#include "agent/turns/essentials.hpp"

#include <gmock/gmock.h>

#include "agent/journal/codec.hpp"

namespace evenkeel::turns::essentials_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::SizeIs;

rules::TimePoint at_minute(int minute) {
  return rules::TimePoint{} + std::chrono::minutes{minute};
}

rules::SegmentKey key_of(int segment) {
  return {rules::SegmentId{segment}, rules::ReplicaId{5}};
}

// So many segments have moved, one a minute, the last flight is under way.
loop::Memory memory_of(int segments) {
  loop::Memory memory;
  memory.at = at_minute(segments);
  memory.last_decision = 17;
  memory.pause = loop::Pause{"the night", "ada", at_minute(3), std::nullopt};
  for (int i = 1; i <= segments; ++i) {
    rules::Flight flight{
        rules::SegmentId{i}, rules::ReplicaId{5}, rules::NodeId{1}, rules::NodeId{2}, 1 << 20,
        at_minute(i)};
    memory.ledger.start(flight);
    if (i < segments) memory.ledger.land(key_of(i), at_minute(i));
  }
  return memory;
}

TEST(Essentials, AreReadAsTheyWereWritten) {
  const auto essentials = essentials_of(memory_of(3));
  const auto written = write_essentials(essentials, 1u << 20);
  ASSERT_TRUE(written) << written.error();
  EXPECT_EQ(written->dropped, "");
  const auto read = read_essentials(written->text);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(journal::encode(*read), journal::encode(essentials));
  EXPECT_THAT(read->ledger.flights(), SizeIs(1));
  EXPECT_NE(read->ledger.history(key_of(2)), nullptr);
  EXPECT_EQ(read->pause->by, "ada");
  EXPECT_EQ(read->last_decision, 17U);
}

TEST(Essentials, LeaveOutWhatEachAgentSeesByItself) {
  loop::Memory memory;
  rules::Cluster cluster;
  rules::Node node;
  node.id = rules::NodeId{1};
  node.health = rules::NodeHealth::up;
  node.capacity = 1'000;
  node.used = 100;
  node.sampled_at = at_minute(1);
  cluster.nodes.push_back(node);
  cluster.observed_at = at_minute(1);
  memory.ledger.observe(cluster, {});
  ASSERT_FALSE(memory.ledger.samples(rules::NodeId{1}).empty());
  EXPECT_TRUE(essentials_of(memory).ledger.samples(rules::NodeId{1}).empty());
}

TEST(Essentials, LoseTheOldestCooldownsWhereTheyAreTooLarge) {
  const auto memory = essentials_of(memory_of(400));
  const auto all = write_essentials(memory, 1u << 20).value().text.size();
  const auto written = write_essentials(memory, all * 9 / 10);
  ASSERT_TRUE(written) << written.error();
  EXPECT_LE(written->text.size(), all * 9 / 10);
  EXPECT_THAT(written->dropped, HasSubstr("the cool-downs of 200 segments, the oldest"));
  const auto read = read_essentials(written->text).value();
  EXPECT_THAT(read.ledger.flights(), SizeIs(1)) << "what is under way stays";
  EXPECT_EQ(read.ledger.history(key_of(1)), nullptr);
  EXPECT_NE(read.ledger.history(key_of(399)), nullptr);
}

TEST(Essentials, FailWhereWhatIsUnderWayDoesNotFit) {
  const auto written = write_essentials(essentials_of(memory_of(1)), 100);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error(), HasSubstr("what is under way takes"));
}

TEST(Essentials, OfAnotherVersionAreNotRead) {
  const auto read = read_essentials(R"({"at":1})");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error(), HasSubstr("ledger: missing"));
}

}  // namespace
}  // namespace evenkeel::turns::essentials_test
