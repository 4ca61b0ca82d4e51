#include "agent/demo/view.hpp"

#include <gmock/gmock.h>

#include <memory>

namespace evenkeel::demo::view_test {
namespace {

using rules::Bytes;
using rules::CollectionId;
using rules::NodeId;
using testing::Each;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr Bytes kGiB = Bytes{1} << 30;

// Columns, for text in which every code point takes one.
std::size_t columns(const std::string& text) {
  std::size_t count = 0;
  for (const unsigned char c : text) count += (c & 0xc0U) != 0x80;
  return count;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) {
    ++found;
  }
  return found;
}

rules::Cluster cluster() {
  rules::Cluster made;
  const auto add_node = [&](int id, Bytes used, Bytes capacity) {
    rules::Node node;
    node.id = NodeId{id};
    node.used = used;
    node.capacity = capacity;
    node.health = rules::NodeHealth::up;
    made.nodes.push_back(node);
  };
  const auto add_segment = [&](int id, int collection, int node, Bytes bytes) {
    rules::Segment segment;
    segment.id = rules::SegmentId{id};
    segment.collection = CollectionId{collection};
    segment.node = NodeId{node};
    segment.bytes = bytes;
    made.segments.push_back(segment);
  };
  add_node(2, kGiB, 4 * kGiB);
  add_node(1, 19 * kGiB / 10, 2 * kGiB);
  made.collections = {{CollectionId{100}, "book", true, ""}, {CollectionId{200}, "film", true, ""}};
  made.replicas = {{rules::ReplicaId{1}, CollectionId{100}, "", {NodeId{1}, NodeId{2}}}};
  add_segment(11, 100, 1, kGiB);
  add_segment(12, 200, 1, kGiB / 2);
  add_segment(13, 100, 2, kGiB / 2);
  return made;
}

loop::Snapshot snapshot(rules::Cluster of = cluster()) {
  loop::Snapshot made;
  made.cluster = std::make_shared<const rules::Cluster>(std::move(of));
  return made;
}

loop::MoveRecord record() {
  loop::MoveRecord made;
  made.move = {rules::SegmentId{470641044885740721},
               CollectionId{200},
               rules::ReplicaId{1},
               NodeId{3},
               NodeId{5},
               100,
               Bytes{1'288'490'189},  // 1.2 GiB
               rules::Urgency::overload,
               /*ahead=*/false,
               0.91,
               0.78,
               0.12,
               0.26};
  made.result = loop::MoveResult::succeeded;
  return made;
}

TEST(Frame, LinesAreExactlyAsWideAsAsked) {
  auto odd = cluster();
  odd.collections[0].name = "b\x1b[2Jook";
  odd.nodes[0].health = rules::NodeHealth::unreachable;
  odd.nodes[0].problem = "GET http://127.0.0.1:9101/metrics: connection refused, and more words";
  for (const auto& each : {cluster(), odd}) {
    for (const std::size_t width : {1U, 20U, 40U, 63U, 64U, 80U, 100U, 200U}) {
      for (const auto& line : frame(snapshot(each), width, false)) {
        EXPECT_EQ(columns(line), width) << line;
      }
    }
  }
}

TEST(Frame, HasALineForEachNodeInTheOrderOfTheirIds) {
  const auto lines = frame(snapshot(), 100, false);
  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_THAT(lines[1], StartsWith(" node 1"));
  EXPECT_THAT(lines[1], HasSubstr("2.0 GiB"));
  EXPECT_THAT(lines[1], HasSubstr("95.0 %"));
  EXPECT_THAT(lines[1], HasSubstr("1.9 GiB"));
  EXPECT_THAT(lines[1], EndsWith(" 2 segments"));
  EXPECT_THAT(lines[2], StartsWith(" node 2"));
  EXPECT_THAT(lines[2], EndsWith(" 1 segment"));
}

TEST(Frame, BarsAreOfTheNodesOwnCapacityAndShowCollectionsAndTheMark) {
  // Beside the bar: 8 + 10 + 9 + 11 + 14 columns; 40 are left for it.
  const auto lines = frame(snapshot(), 92, false);
  const auto& full = lines.at(1);
  EXPECT_EQ(count(full, "█"), 20U) << "book: 1 of 2 GiB";
  EXPECT_EQ(count(full, "▓"), 10U) << "film: 0.5 of 2 GiB";
  EXPECT_EQ(count(full, "░"), 7U) << "the process: 0.4 of 2 GiB, one column of it under the mark";
  EXPECT_EQ(count(full, "│"), 1U);
  const auto& quarter = lines.at(2);
  EXPECT_EQ(count(quarter, "█"), 5U) << "book: 0.5 of 4 GiB";
  EXPECT_EQ(count(quarter, "░"), 5U);
  EXPECT_EQ(columns(quarter.substr(0, quarter.find("│"))), 8 + 10 + 36U) << "90 % of 40 columns";
}

TEST(Frame, SegmentsThatDoNotShowInMemoryYetDoNotLengthenTheBar) {
  auto loading = cluster();
  loading.nodes[0].used = kGiB / 4;  // holds a segment of kGiB / 2
  const auto lines = frame(snapshot(loading), 92, false);
  EXPECT_EQ(count(lines.at(2), "█"), 3U);
  EXPECT_EQ(count(lines.at(2), "░"), 0U);
}

TEST(Frame, HasNoEscapeSequencesWithoutColourAndTheSameTextWithIt) {
  const auto plain = frame(snapshot(), 90, false);
  EXPECT_THAT(plain, Each(Not(HasSubstr("\x1b"))));
  const auto coloured = frame(snapshot(), 90, true);
  ASSERT_EQ(coloured.size(), plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    std::string stripped = coloured[i];
    for (auto at = stripped.find('\x1b'); at != std::string::npos; at = stripped.find('\x1b')) {
      stripped.erase(at, stripped.find('m', at) - at + 1);
    }
    EXPECT_EQ(stripped, plain[i]);
  }
  EXPECT_THAT(coloured.at(1), HasSubstr("\x1b[0;36m█")) << "book in its colour";
  EXPECT_THAT(coloured.at(1), HasSubstr("\x1b[0;31;1m   95.0 %")) << "over the mark, alarming";
}

TEST(Frame, NamesFromTheClusterCannotSteerTheTerminal) {
  auto hostile = cluster();
  hostile.collections[0].name = "b\x1b[2J\n\xc2\x9bk";
  for (const auto& line : frame(snapshot(hostile), 90, false)) {
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
    EXPECT_THAT(line, Not(HasSubstr("\n")));
    EXPECT_THAT(line, Not(HasSubstr("\xc2\x9b")));
  }
}

TEST(Frame, SaysWhyANodeHasNoBar) {
  auto ill = cluster();
  ill.nodes[1].health = rules::NodeHealth::unreachable;
  ill.nodes[1].problem = "connection refused";
  const auto lines = frame(snapshot(ill), 90, false);
  EXPECT_THAT(lines.at(1), HasSubstr("unreachable: connection refused"));
}

TEST(Frame, CountsNodesThatHaveNoRoom) {
  rules::Cluster large;
  for (int id = 1; id <= 1'000; ++id) {
    rules::Node node;
    node.id = NodeId{id};
    large.nodes.push_back(node);
  }
  const auto lines = frame(snapshot(large), 90, false);
  EXPECT_THAT(lines, SizeIs(1 + 24 + 1 + 2));
  EXPECT_THAT(lines.at(25), StartsWith(" and 976 more nodes"));
}

TEST(Frame, SaysWhatIsGoingOn) {
  EXPECT_THAT(frame(loop::Snapshot{}, 80, false).back(), HasSubstr("waiting for the first look"));
  auto now = snapshot();
  EXPECT_THAT(frame(now, 80, false).back(), HasSubstr("waiting for the first round"));
  auto decision = std::make_shared<loop::Decision>();
  decision->outcome = loop::Outcome::gathering;
  decision->words = "node 1 is over";
  now.decisions = {decision};
  EXPECT_THAT(frame(now, 80, false).back(), StartsWith(" gathering: node 1 is over"));
  now.moves_in_flight = 2;
  EXPECT_THAT(frame(now, 80, false).back(), StartsWith(" moving 2 segments "));
}

TEST(Spread, IsTheWidestWithinAReplicaInRatiosOfOwnCapacity) {
  EXPECT_NEAR(spread(cluster()), 0.95 - 0.25, 1e-8);
  auto blind = cluster();
  blind.nodes[0].health = rules::NodeHealth::unreachable;
  EXPECT_DOUBLE_EQ(spread(blind), 0);
  auto apart = cluster();
  apart.replicas[0].nodes = {NodeId{1}};
  EXPECT_DOUBLE_EQ(spread(apart), 0) << "nodes that share no replica are not compared";
  EXPECT_DOUBLE_EQ(spread({}), 0);
}

TEST(MoveLine, SaysWhatFromWhereToWhereAndWhy) {
  EXPECT_EQ(line(record(), snapshot()),
            "moved segment 470641044885740721 of film (1.2 GiB) from node 3 (91.0 % → 78.0 %) to "
            "node 5 (12.0 % → 26.0 %): node 3 is overloaded");
  auto levelling = record();
  levelling.move.urgency = rules::Urgency::difference;
  EXPECT_THAT(line(levelling, snapshot()), EndsWith(": node 3 is fuller than node 5"));
}

TEST(MoveLine, SaysWhatWentWrong) {
  auto other = record();
  other.detail = "it is still\nthere";
  const char* what = "segment 470641044885740721 of film (1.2 GiB)";
  other.result = loop::MoveResult::failed;
  EXPECT_EQ(line(other, snapshot()),
            std::string("could not move ") + what + " from node 3 to node 5: it is still?there");
  other.result = loop::MoveResult::unknown;
  EXPECT_EQ(line(other, snapshot()), std::string("sent ") + what +
                                         " from node 3 to node 5, and its end is unknown: "
                                         "it is still?there");
  other.result = loop::MoveResult::gone;
  other.detail = "";
  EXPECT_EQ(line(other, snapshot()), std::string(what) + " was gone before it could leave node 3");
}

TEST(MoveLine, NamesACollectionThatIsNoLongerThereByItsId) {
  auto of_gone = record();
  of_gone.move.collection = CollectionId{300};
  EXPECT_THAT(line(of_gone, snapshot()), HasSubstr(" of collection 300 ("));
}

TEST(DecisionLine, IsItsOutcomeAndWords) {
  loop::Decision decision;
  decision.outcome = loop::Outcome::cannot_fix;
  decision.words = "node 7 is over by 3.1 GiB";
  EXPECT_EQ(line(decision), "cannot_fix: node 7 is over by 3.1 GiB");
}

}  // namespace
}  // namespace evenkeel::demo::view_test
