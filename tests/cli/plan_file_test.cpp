// A plan in a file: what is written is read, and nothing else is.

#include "agent/cli/plan_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/folder.hpp"

namespace evenkeel::cli::plan_file_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

PlanFile example() {
  PlanFile plan;
  plan.made_at = rules::TimePoint{std::chrono::hours{500'000}};
  plan.made = "2027-01-15 08:00:00 UTC";
  plan.milvus = "http://127.0.0.1:9091";
  plan.version = "2.3.5";
  plan.digest = "abc";
  PlanFile::Entry entry;
  entry.move.segment = rules::SegmentId{470641382500597818};
  entry.move.collection = rules::CollectionId{100};
  entry.move.replica = rules::ReplicaId{5};
  entry.move.from = rules::NodeId{3};
  entry.move.to = rules::NodeId{4};
  entry.move.rows = 1000;
  entry.move.bytes = 1 << 20;
  entry.collection_name = "böok \"1\"";
  entry.words = "segment …";
  plan.entries = {entry};
  return plan;
}

std::string refusal(const std::string& text) {
  const auto plan = parse_plan(text);
  return plan ? "" : plan.error();
}

TEST(PlanFile, WhatIsWrittenIsRead) {
  const auto plan = parse_plan(text_of(example()));
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_EQ(plan->made_at, example().made_at);
  EXPECT_EQ(plan->milvus, "http://127.0.0.1:9091");
  ASSERT_EQ(plan->entries.size(), 1U);
  EXPECT_EQ(plan->entries[0].move.segment, rules::SegmentId{470641382500597818});
  EXPECT_EQ(plan->entries[0].move.to, rules::NodeId{4});
  EXPECT_EQ(plan->entries[0].collection_name, "böok \"1\"");
  EXPECT_EQ(plan->moves()[0].urgency, rules::Urgency::asked);
}

TEST(PlanFile, AnEditIsFound) {
  auto file = json::parse(text_of(example()));
  file["plan"]["moves"][0]["to"] = 9;
  EXPECT_THAT(refusal(file.dump()), HasSubstr("changed after it was written"));
  file = json::parse(text_of(example()));
  file["plan"]["remark"] = "harmless";
  EXPECT_THAT(refusal(file.dump()), HasSubstr("changed after it was written"));
  file = json::parse(text_of(example()));
  file.erase("checksum");
  EXPECT_THAT(refusal(file.dump()), HasSubstr("changed after it was written"));
}

TEST(PlanFile, AnotherLayoutOfTheSameIsNoEdit) {
  EXPECT_EQ(refusal(json::parse(text_of(example())).dump()), "");
}

TEST(PlanFile, WhatIsNoPlanIsRefused) {
  EXPECT_THAT(refusal(""), HasSubstr("no JSON"));
  EXPECT_THAT(refusal("nonsense"), HasSubstr("no JSON"));
  EXPECT_THAT(refusal(std::string(10'000, '[')), HasSubstr("no JSON"));
  EXPECT_THAT(refusal("[]"), HasSubstr("no plan of `evenkeel plan --save`"));
  EXPECT_THAT(refusal("{}"), HasSubstr("no plan of `evenkeel plan --save`"));
  auto newer = json::parse(text_of(example()));
  newer["format"] = "evenkeel plan 2";
  EXPECT_THAT(refusal(newer.dump()), HasSubstr("its format is \"evenkeel plan 2\""));
}

TEST(PlanFile, MovesOfNothingAreRefused) {
  PlanFile plan = example();
  plan.entries[0].move.bytes = -1;
  EXPECT_THAT(refusal(text_of(plan)), HasSubstr("no moves, or moves of nothing"));
  plan.entries.clear();
  EXPECT_THAT(refusal(text_of(plan)), HasSubstr("no moves, or moves of nothing"));
}

TEST(PlanFile, AFileIsWrittenAsAWhole) {
  const tests::Folder folder;
  const std::string path = folder.file("plan.json");
  ASSERT_TRUE(write_plan(path, example()));
  ASSERT_TRUE(write_plan(path, example()));
  EXPECT_TRUE(read_plan(path));
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  EXPECT_THAT(write_plan(folder.file("no/plan.json"), example()).error(),
              HasSubstr("No such file or directory"));
}

TEST(PlanFile, WhatIsMissingOrTooLongIsNamed) {
  const tests::Folder folder;
  EXPECT_THAT(read_plan(folder.file("none.json")).error(), HasSubstr("none.json: No such file"));
  const std::string path = folder.file("long.json");
  std::ofstream(path) << std::string(kMaxPlanFile + 1, ' ');
  EXPECT_THAT(read_plan(path).error(), HasSubstr("longer than any plan"));
}

}  // namespace
}  // namespace evenkeel::cli::plan_file_test
