#include "agent/journal/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "agent/journal/record.hpp"
#include "tests/journal/helpers.hpp"

namespace evenkeel::journal::store_test {
namespace {

using test::entry;
using test::kNow;
using testing::ElementsAre;
using testing::HasSubstr;

struct StoreTest : testing::Test {
  [[nodiscard]] Store open(const Migrations& steps = migrations()) const {
    auto store = Store::open(options, steps);
    if (!store) throw std::runtime_error(store.error());
    return *std::move(store);
  }
  [[nodiscard]] std::string refusal(const Migrations& steps = migrations()) const {
    const auto store = Store::open(options, steps);
    return store ? "it opens" : store.error();
  }
  void write(const std::string& bytes) const {
    std::ofstream(options.path, std::ios::binary) << bytes;
  }

  test::Folder folder;
  StoreOptions options{.path = folder.file("journal.db")};
};

std::vector<std::uint64_t> numbers(Store& store, const HistoryQuery& query) {
  const auto decisions = store.read(query);
  if (!decisions) throw std::runtime_error(decisions.error());
  std::vector<std::uint64_t> numbers;
  for (const auto& text : *decisions) {
    numbers.push_back(std::stoull(nlohmann::json::parse(text)["id"].get<std::string>()));
  }
  return numbers;
}

TEST_F(StoreTest, ANewFileRemembersNothingAndHasForgottenNothing) {
  const Store store = open();
  EXPECT_FALSE(store.recalled().memory);
  EXPECT_EQ(store.recalled().forgotten, "");
}

TEST_F(StoreTest, GivesBackTheNewestMemory) {
  {
    Store store = open();
    ASSERT_TRUE(store.write(entry(1)));
    ASSERT_TRUE(store.write(entry(2)));
  }
  const Store store = open();
  ASSERT_TRUE(store.recalled().memory);
  EXPECT_EQ(store.recalled().memory->last_decision, 2U);
  EXPECT_EQ(store.recalled().forgotten, "");
}

TEST_F(StoreTest, ReadsDecisionsBySeveralTraits) {
  Store store = open();
  for (std::uint64_t number = 1; number <= 4; ++number) ASSERT_TRUE(store.write(entry(number)));
  EXPECT_THAT(numbers(store, {}), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(numbers(store, {.limit = 2}), ElementsAre(4, 3));
  EXPECT_THAT(numbers(store, {.before = 3}), ElementsAre(2, 1));
  EXPECT_THAT(numbers(store, {.since = kNow + std::chrono::minutes{3}}), ElementsAre(4, 3));
  EXPECT_THAT(numbers(store, {.node = rules::NodeId{2}}), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(numbers(store, {.node = rules::NodeId{3}}), ElementsAre());
  EXPECT_THAT(numbers(store, {.collection = "book"}), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(numbers(store, {.collection = "7"}), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(numbers(store, {.collection = "boo"}), ElementsAre());
  EXPECT_THAT(numbers(store, {.outcome = "moved", .limit = 1}), ElementsAre(4));
  EXPECT_THAT(numbers(store, {.outcome = "balanced"}), ElementsAre());
}

TEST_F(StoreTest, ADecisionHasItsPlanAndWhatItWasDecidedBy) {
  Store store = open();
  ASSERT_TRUE(store.write(entry(1)));
  const auto json = nlohmann::json::parse(store.read({}).value().front());
  EXPECT_EQ(json["moves"][0]["collection_name"], "book");
  EXPECT_TRUE(json.contains("plan"));
  EXPECT_EQ(json["inputs"]["digest"], digest_of(*entry(1).cluster));
  EXPECT_EQ(json["inputs"]["segments"], 0);
}

TEST_F(StoreTest, TheDigestIsOfWhatWasJudgedHoweverTheClusterIsNow) {
  Store store = open();
  auto later = entry(1);
  rules::Cluster changed = *later.cluster;
  changed.nodes.emplace_back().used = 5;
  later.cluster = std::make_shared<const rules::Cluster>(std::move(changed));
  ASSERT_TRUE(store.write(later));
  const auto json = nlohmann::json::parse(store.read({}).value().front());
  EXPECT_EQ(json["inputs"]["digest"], digest_of(*entry(1).cluster));
}

TEST_F(StoreTest, ADecisionThatWaitedForTheDiskHasNoDigestRatherThanAWrongOne) {
  Store store = open();
  auto late = entry(1);
  loop::Decision decision = *late.decision;
  decision.seen.reset();
  late.decision = std::make_shared<const loop::Decision>(std::move(decision));
  ASSERT_TRUE(store.write(late));
  EXPECT_FALSE(nlohmann::json::parse(store.read({}).value().front()).contains("inputs"));
}

TEST(Digest, TellsClustersApart) {
  rules::Cluster cluster;
  cluster.nodes.emplace_back().used = 5;
  const std::string one = digest_of(cluster);
  EXPECT_EQ(digest_of(cluster), one);
  cluster.nodes.front().used = 6;
  EXPECT_NE(digest_of(cluster), one);
  EXPECT_EQ(digest_of({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_F(StoreTest, WhatWasUnderWayAtTheEndIsInterruptedAndMayEndLater) {
  {
    Store store = open();
    auto begun = entry(1);
    auto decision = *begun.decision;
    decision.moves.front().finished = {};
    begun.decision = std::make_shared<const loop::Decision>(decision);
    begun.under_way = true;
    ASSERT_TRUE(store.write(begun));
  }
  {
    Store store = open();
    EXPECT_THAT(numbers(store, {.outcome = "interrupted"}), ElementsAre(1));
    EXPECT_THAT(store.read({}).value().front(), HasSubstr(R"("outcome":"interrupted")"));
    auto later = entry(2);
    const rules::Move move = entry(1).decision->moves.front().move;
    later.ends.push_back({{move.segment, move.replica, move.from, move.to, move.bytes, kNow},
                          loop::MoveResult::succeeded});
    ASSERT_TRUE(store.write(later));
  }
  EXPECT_EQ(Database(options.path).text("SELECT result FROM moves WHERE decision = 1"),
            "succeeded");
}

TEST_F(StoreTest, AFinishedDecisionReplacesItsBeginning) {
  Store store = open();
  auto begun = entry(1);
  begun.under_way = true;
  ASSERT_TRUE(store.write(begun));
  ASSERT_TRUE(store.write(entry(1)));
  EXPECT_THAT(numbers(store, {.outcome = "moved"}), ElementsAre(1));
  EXPECT_THAT(numbers(store, {}), ElementsAre(1));
}

TEST_F(StoreTest, OldDecisionsGo) {
  options.max_age = std::chrono::hours{1};
  Store store = open();
  for (const std::uint64_t number : {1, 50, 100, 150}) ASSERT_TRUE(store.write(entry(number)));
  EXPECT_THAT(numbers(store, {}), ElementsAre(150, 100));
}

TEST_F(StoreTest, TheFileStaysWithinItsSize) {
  options.max_size = 512 << 10;
  Store store = open();
  for (std::uint64_t number = 1; number <= 400; ++number) {
    ASSERT_TRUE(store.write(entry(number, std::string(4000, 'x'))));
    EXPECT_LE(store.size(), options.max_size + (64 << 10));
  }
  const auto kept = numbers(store, {.limit = 1000});
  EXPECT_EQ(kept.front(), 400U);
  EXPECT_GT(kept.size(), 50U);
}

TEST_F(StoreTest, ACorruptFileIsKeptAsideAndSaysSo) {
  {
    Store store = open();
    for (std::uint64_t number = 1; number <= 200; ++number) ASSERT_TRUE(store.write(entry(number)));
  }
  {
    std::fstream file(options.path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(4096 * 3);
    file << std::string(4096 * 4, '\xff');
  }
  Store store = open();
  EXPECT_FALSE(store.recalled().memory);
  EXPECT_THAT(store.recalled().forgotten, HasSubstr("journal.db.corrupt-1"));
  EXPECT_TRUE(std::filesystem::exists(options.path + ".corrupt-1"));
  EXPECT_TRUE(store.write(entry(1)));
}

TEST_F(StoreTest, AFileThatIsNoDatabaseIsKeptAside) {
  write("This is the operator's own file, and no database at all.\n");
  write(std::string(5000, 'x'));
  const Store first = open();
  EXPECT_THAT(first.recalled().forgotten, HasSubstr("kept as"));
  std::ifstream aside(options.path + ".corrupt-1");
  EXPECT_EQ(aside.get(), 'x');
}

TEST_F(StoreTest, AMemoryThatCannotBeReadIsKeptAside) {
  {
    Store store = open();
    ASSERT_TRUE(store.write(entry(1)));
  }
  Database(options.path).execute("UPDATE memory SET text = '{\"at\":\"yesterday\"}'");
  const Store store = open();
  EXPECT_THAT(store.recalled().forgotten, HasSubstr("at: not a whole number"));
}

TEST_F(StoreTest, AnotherProgramsDatabaseIsLeftAlone) {
  Database(options.path).execute("CREATE TABLE bills (id INTEGER)");
  EXPECT_THAT(refusal(), HasSubstr("another program's database"));
  EXPECT_EQ(Database(options.path).integer("SELECT count(*) FROM bills"), 0);
}

TEST_F(StoreTest, ANewerSchemaIsLeftAloneAndAnOlderIsBroughtUp) {
  Migrations newer = migrations();
  newer.push_back("ALTER TABLE decisions ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'");
  {
    Store store = open();
    ASSERT_TRUE(store.write(entry(1)));
  }
  {
    Store store = open(newer);
    EXPECT_EQ(store.recalled().memory->last_decision, 1U);
    EXPECT_THAT(numbers(store, {}), ElementsAre(1));
  }
  EXPECT_EQ(Database(options.path).text("SELECT colour FROM decisions"), "blue");
  EXPECT_THAT(refusal(), HasSubstr("written by a newer Evenkeel (schema 6, this one knows 5)"));
  EXPECT_EQ(Database(options.path).text("SELECT colour FROM decisions"), "blue");
}

TEST_F(StoreTest, ADrainIsRememberedAndAFileFromBeforeDrainsAndForeignMovesIsReadInFull) {
  {
    Store store = open({migrations().front()});
    loop::JournalEntry before = entry(1);
    before.memory.ledger.drains().begin(rules::NodeId{3}, {{}, "ann", "a rollout", {}});
    before.memory.last_move = rules::TimePoint{std::chrono::hours{5}};
    before.memory.suspension = {true, rules::TimePoint{std::chrono::hours{5}}};
    ASSERT_TRUE(store.write(before));
  }
  EXPECT_EQ(
      Database(options.path).text("SELECT text ->> '$.ledger.drains.nodes[0][0]' FROM memory"),
      "3");
  Database(options.path)
      .execute(
          "UPDATE memory SET text = json_remove(text, '$.ledger.drains', '$.ledger.exchanges', "
          "'$.foreign', "
          "'$.last_sent', '$.suspension')");
  const Store store = open();
  ASSERT_TRUE(store.recalled().memory);
  EXPECT_EQ(store.recalled().memory->last_decision, 1U);
  EXPECT_TRUE(store.recalled().memory->ledger.drains().all().empty());
  EXPECT_EQ(store.recalled().memory->last_sent, rules::TimePoint{std::chrono::hours{5}});
  EXPECT_FALSE(store.recalled().memory->suspension.suspended);
  EXPECT_FALSE(store.recalled().memory->ledger.exchanges().rest({}, rules::TimePoint{}));
}

TEST_F(StoreTest, ASuspensionOfMilvussOwnBalancerIsRemembered) {
  {
    Store store = open();
    loop::JournalEntry noted;
    noted.memory.suspension = {true, rules::TimePoint{std::chrono::hours{5}}};
    ASSERT_TRUE(store.write(noted));
  }
  const Store store = open();
  EXPECT_TRUE(store.recalled().memory->suspension.suspended);
  EXPECT_EQ(store.recalled().memory->suspension.changed, rules::TimePoint{std::chrono::hours{5}});
}

TEST_F(StoreTest, AStepThatFailsLeavesTheFileAsItWas) {
  {
    Store store = open();
    ASSERT_TRUE(store.write(entry(1)));
  }
  Migrations wrong = migrations();
  wrong.push_back("CREATE TABLE half (id INTEGER); CREATE TABLE decisions (id INTEGER)");
  EXPECT_THAT(refusal(wrong), HasSubstr("already exists"));
  Store store = open();
  EXPECT_THAT(numbers(store, {}), ElementsAre(1));
}

TEST_F(StoreTest, OneProcessAtATime) {
  const Store store = open();
  EXPECT_THAT(refusal(), HasSubstr("another process has it open"));
}

TEST_F(StoreTest, AMissingFolderIsNamed) {
  options.path = folder.file("missing/journal.db");
  EXPECT_THAT(refusal(), HasSubstr("missing/journal.db cannot be used"));
  EXPECT_THAT(refusal(), HasSubstr("make its folder"));
}

TEST_F(StoreTest, AFullDiskIsAnErrorAndLosesNothing) {
  Migrations small = migrations();
  small.push_back("PRAGMA max_page_count = 24");
  Store store = open(small);
  std::uint64_t number = 1;
  while (auto written = store.write(entry(number, std::string(4000, 'x')))) ++number;
  const auto full = store.write(entry(number, std::string(4000, 'x')));
  ASSERT_FALSE(full);
  EXPECT_THAT(full.error(), HasSubstr("full"));
  EXPECT_THAT(full.error(), HasSubstr("free space"));
  EXPECT_EQ(numbers(store, {.limit = 1000}).size(), number - 1);
}

// Killed at a moment of chance while it writes: all that it said it wrote is there.
TEST_F(StoreTest, AKillLosesNothingThatWasWritten) {
  std::uint64_t known = 0;
  for (int round = 0; round < 20; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      auto store = Store::open(options);
      for (std::uint64_t number = known + 1; store; ++number) {
        if (!store->write(entry(number))) break;
        if (::write(ends[1], &number, sizeof number) != sizeof number) break;
      }
      _exit(1);
    }
    close(ends[1]);
    const std::uint64_t enough = known + 1 + static_cast<std::uint64_t>(round * 7 % 19);
    while (known < enough && ::read(ends[0], &known, sizeof known) == sizeof known) {
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (::read(ends[0], &known, sizeof known) == sizeof known) {
    }
    close(ends[0]);
    Store store = open();
    EXPECT_EQ(store.recalled().forgotten, "");
    EXPECT_GE(store.recalled().memory->last_decision, known);
    EXPECT_GE(numbers(store, {.limit = 1}).front(), known);
    EXPECT_EQ(numbers(store, {.limit = 10'000}).size(), numbers(store, {.limit = 1}).front());
    known = numbers(store, {.limit = 1}).front();
  }
}

}  // namespace
}  // namespace evenkeel::journal::store_test
