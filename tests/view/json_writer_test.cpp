#include "agent/view/json_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/telemetry/example_snapshot.hpp"

namespace evenkeel::view::json_writer_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::set<std::string> keys(const Json& json) {
  std::set<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.insert(key);
  return keys;
}

// The members of `full` that `api` has not, in order; those that both have must be equal.
std::vector<std::string> further(const Json& full, const Json& api) {
  for (const auto& [key, value] : api.items()) {
    EXPECT_EQ(full.value(key, Json()), value) << key;
  }
  std::vector<std::string> names;
  for (const auto& key : keys(full)) {
    if (!api.contains(key)) names.push_back(key);
  }
  return names;
}

struct JsonWriterTest : testing::Test {
  loop::Snapshot snapshot = loop::example_snapshot();
  const rules::Judgement* judgement = snapshot.judgement.get();
  JsonWriter api{*snapshot.cluster, snapshot.policy};
  JsonWriter full{*snapshot.cluster, snapshot.policy, Detail::full};
};

TEST_F(JsonWriterTest, NodesHaveTheSameNamesForEveryReader) {
  const auto nodes = full.nodes(judgement);
  const auto brief = api.nodes(judgement);
  ASSERT_EQ(nodes.size(), 3U);
  EXPECT_EQ(nodes[0]["id"], "3");
  EXPECT_EQ(nodes[0]["expected"], 960 * loop::kMiB);
  EXPECT_THAT(further(nodes[0], brief[0]), ElementsAre("capacity_source", "samples"));
  EXPECT_EQ(nodes[2]["reason"], "node_unreachable");
  EXPECT_FALSE(nodes[2].contains("used")) << "its last figure is no longer its memory";
}

TEST_F(JsonWriterTest, NodesWithoutAJudgementCannotBeJudged) {
  const auto nodes = full.nodes(nullptr);
  EXPECT_EQ(nodes[0]["state"], "cannot_judge");
  EXPECT_EQ(nodes[0]["ratio"], 0.95);
  EXPECT_FALSE(nodes[0].contains("words"));
}

TEST_F(JsonWriterTest, ReplicasHaveTheSameNamesForEveryReader) {
  const auto replicas = full.replicas(judgement);
  ASSERT_EQ(replicas.size(), 1U) << "a verdict of a replica that is gone is not written";
  EXPECT_EQ(replicas[0]["highest"]["node"], "3");
  EXPECT_EQ(replicas[0]["lowest"]["ratio"], 0.4);
  EXPECT_THAT(further(replicas[0], api.replicas(judgement)[0]), ElementsAre("limit"));
}

TEST_F(JsonWriterTest, SegmentsHaveTheSameNamesForEveryReader) {
  const auto& segment = snapshot.cluster->segments.front();
  EXPECT_EQ(api.segment(segment)["collection"], "100");
  EXPECT_EQ(api.segment(segment)["collection_name"], "book");
  EXPECT_THAT(further(full.segment(segment), api.segment(segment)),
              ElementsAre("size_source", "state"));
}

TEST_F(JsonWriterTest, APlanHasTheSameNamesForEveryReader) {
  loop::Decision decision = *snapshot.decisions.front();
  decision.plan.moves = {decision.moves.front().move};
  decision.plan.moves[0].makes_room_for = rules::SegmentId{3};
  decision.plan.rejected = {{.segment = rules::SegmentId{2},
                             .replica = rules::ReplicaId{1},
                             .from = rules::NodeId{3},
                             .to = rules::NodeId{4},
                             .to_after = 0.95}};
  decision.plan.waits_for_node = rules::NodeId{12};
  auto brief = api.plan(decision);
  auto plan = full.plan(decision);
  EXPECT_THAT(further(plan["moves"][0], brief["moves"][0]),
              ElementsAre("from_ratio_after", "from_ratio_before", "makes_room_for", "size_source",
                          "to_ratio_after", "to_ratio_before"));
  EXPECT_EQ(plan["moves"][0]["size_source"], "learned");
  EXPECT_THAT(further(plan["rejected"][0], brief["rejected"][0]), ElementsAre("to_ratio_after"));
  EXPECT_THAT(further(plan["unfixable"][0], brief["unfixable"][0]),
              ElementsAre("further_nodes", "mark", "smallest_segment_bytes"));
  for (const char* list : {"moves", "rejected", "unfixable"}) {
    plan.erase(list);
    brief.erase(list);
  }
  EXPECT_THAT(further(plan, brief),
              ElementsAre("bytes", "waits_for_node", "why_nothing_words", "worst_ratio_after",
                          "worst_ratio_before", "worst_spread_after", "worst_spread_before"));
}

TEST_F(JsonWriterTest, WhatIsSetAsideSaysOfWhichNode) {
  rules::Judgement judged;
  judged.set_aside = {{.replica = {}, .node = rules::NodeId{3}, .count = 2}};
  const auto list = JsonWriter::set_aside(judged);
  EXPECT_THAT(keys(list[0]), ElementsAre("contradicts", "count", "node", "why", "words"));
  judged.set_aside[0].replica = rules::ReplicaId{7};
  EXPECT_EQ(JsonWriter::set_aside(judged)[0]["replica"], "7");
  EXPECT_THAT(JsonWriter::set_aside({}), IsEmpty());
}

}  // namespace
}  // namespace evenkeel::view::json_writer_test
