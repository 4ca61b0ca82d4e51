#include "agent/demo/course.hpp"

#include <gmock/gmock.h>

#include <memory>

namespace evenkeel::demo::course_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class CourseTest : public testing::Test {
 protected:
  CourseTest() { see(95, 10); }

  // An observation of two nodes in one replica, in percent of their capacity.
  void see(rules::Bytes first, rules::Bytes second) {
    rules::Cluster cluster;
    for (const auto used : {first, second}) {
      rules::Node node;
      node.id = rules::NodeId{static_cast<std::int64_t>(cluster.nodes.size()) + 1};
      node.health = used < 0 ? rules::NodeHealth::unreachable : rules::NodeHealth::up;
      node.used = used;
      node.capacity = 100;
      cluster.nodes.push_back(node);
    }
    cluster.replicas = {
        {rules::ReplicaId{1}, rules::CollectionId{1}, "", {rules::NodeId{1}, rules::NodeId{2}}}};
    snapshot.cluster = std::make_shared<const rules::Cluster>(cluster);
  }

  void decide(loop::Outcome outcome) {
    auto decision = std::make_shared<loop::Decision>();
    decision->id = snapshot.decisions.size() + 1;
    decision->outcome = outcome;
    decision->words = "round " + std::to_string(decision->id);
    snapshot.decisions.insert(snapshot.decisions.begin(), decision);
  }

  void move(loop::MoveResult result) {
    loop::MoveRecord record;
    record.move.bytes = 1 << 20;
    record.result = result;
    course.take(record);
  }

  loop::Snapshot snapshot;
  Course course;
};

TEST_F(CourseTest, CountsMovesThatSucceeded) {
  move(loop::MoveResult::succeeded);
  move(loop::MoveResult::failed);
  move(loop::MoveResult::succeeded);
  EXPECT_EQ(course.moves(), 2U);
  EXPECT_EQ(course.bytes(), 2 << 20);
}

TEST_F(CourseTest, TellsARoundThatMovedNothingWhereItsOutcomeIsNews) {
  decide(loop::Outcome::gathering);
  decide(loop::Outcome::gathering);
  decide(loop::Outcome::held);
  EXPECT_THAT(course.take(snapshot), ElementsAre("gathering: round 1", "held: round 3"));
  EXPECT_THAT(course.take(snapshot), IsEmpty());
  decide(loop::Outcome::held);
  decide(loop::Outcome::moved);
  EXPECT_THAT(course.take(snapshot), IsEmpty());
  decide(loop::Outcome::held);
  EXPECT_THAT(course.take(snapshot), ElementsAre("held: round 6"));
}

TEST_F(CourseTest, IsBalancedOnlyAfterAMoveAndWithNothingUnderWay) {
  decide(loop::Outcome::balanced);
  (void)course.take(snapshot);
  EXPECT_FALSE(course.balanced()) << "nothing was put right";
  move(loop::MoveResult::succeeded);
  decide(loop::Outcome::moved);
  (void)course.take(snapshot);
  EXPECT_FALSE(course.balanced());
  decide(loop::Outcome::balanced);
  snapshot.moves_in_flight = 1;
  (void)course.take(snapshot);
  EXPECT_FALSE(course.balanced());
  snapshot.moves_in_flight = 0;
  (void)course.take(snapshot);
  EXPECT_TRUE(course.balanced());
  decide(loop::Outcome::gathering);
  (void)course.take(snapshot);
  EXPECT_FALSE(course.balanced());
}

TEST_F(CourseTest, RemembersTheSpreadBeforeAndNow) {
  see(-1, 10);
  (void)course.take(snapshot);
  EXPECT_FALSE(course.spread_before()) << "a node has no figure";
  see(95, 10);
  (void)course.take(snapshot);
  see(60, 45);
  (void)course.take(snapshot);
  EXPECT_DOUBLE_EQ(*course.spread_before(), 0.85);
  EXPECT_DOUBLE_EQ(*course.spread_now(), 0.15);
}

TEST_F(CourseTest, SummaryHasEveryFigureAndTheWayOn) {
  (void)course.take(snapshot);
  see(60, 45);
  move(loop::MoveResult::succeeded);
  decide(loop::Outcome::moved);
  decide(loop::Outcome::balanced);
  (void)course.take(snapshot);
  const auto lines = summary(course, 23.44, "http://127.0.0.1:4711");
  EXPECT_THAT(lines,
              ElementsAre(testing::AllOf(StartsWith("Balanced after 23.4 s:"),
                                         HasSubstr("was 85 points, and is 15 points")),
                          "1 move, 1.0 MiB in all.", HasSubstr("http://127.0.0.1:4711/metrics"),
                          HasSubstr("set milvus.address in evenkeel.toml"),
                          HasSubstr("evenkeel run --config.file evenkeel.toml")));
}

TEST_F(CourseTest, SummarySaysSoWhereItDidNotEndWell) {
  const auto lines = summary(course, 55, "http://127.0.0.1:4711");
  EXPECT_THAT(lines.at(0), StartsWith("Not balanced after 55.0 s:"));
  EXPECT_THAT(lines.at(0), HasSubstr("was unknown"));
}

}  // namespace
}  // namespace evenkeel::demo::course_test
