#include "agent/journal/sqlite_journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include "tests/journal/helpers.hpp"

namespace evenkeel::journal::sqlite_journal_test {
namespace {

using test::entry;
using testing::HasSubstr;

struct SqliteJournalTest : testing::Test {
  // What the journal says to these writes, made one after the other.
  std::vector<tl::expected<void, std::string>> write(SqliteJournal& journal,
                                                     std::vector<loop::JournalEntry> entries) {
    std::vector<tl::expected<void, std::string>> answers;
    auto all = [&]() -> Awaitable<void> {
      for (auto& each : entries) answers.push_back(co_await journal.write(std::move(each)));
    };
    io.restart();
    asio::co_spawn(io, all(), asio::detached);
    io.run();
    return answers;
  }

  test::Folder folder;
  asio::io_context io{1};
  StoreOptions options{.path = folder.file("journal.db")};
};

TEST_F(SqliteJournalTest, WritesAndRecalls) {
  {
    SqliteJournal journal(options);
    EXPECT_FALSE(journal.recall().memory);
    for (const auto& answer : write(journal, {entry(1), entry(2)})) EXPECT_TRUE(answer);
    EXPECT_EQ(journal.read({}).value().size(), 2U);
  }
  SqliteJournal journal(options);
  EXPECT_EQ(journal.recall().memory.value().last_decision, 2U);
}

TEST_F(SqliteJournalTest, AFileThatCannotBeOpenedIsTriedAgain) {
  options.path = folder.file("later/journal.db");
  SqliteJournal journal(options);
  EXPECT_THAT(journal.recall().forgotten, HasSubstr("make its folder"));
  EXPECT_THAT(write(journal, {entry(1)}).front().error(), HasSubstr("make its folder"));
  EXPECT_FALSE(journal.read({}));
  std::filesystem::create_directory(folder.file("later"));
  EXPECT_TRUE(write(journal, {entry(1)}).front());
}

// Else a write would wait for all of them, and the agent would take the disk for slow.
TEST_F(SqliteJournalTest, ManyReadersAtATimeAreRefusedAndLaterServed) {
  SqliteJournal journal(options);
  ASSERT_TRUE(write(journal, {entry(1)}).front());
  std::atomic<int> served{0};
  std::vector<std::string> refusals;
  std::mutex mutex;
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 16; ++i) {
      readers.emplace_back([&] {
        for (int j = 0; j < 50; ++j) {
          if (const auto read = journal.read({})) {
            ++served;
          } else {
            const std::scoped_lock lock(mutex);
            refusals.push_back(read.error());
          }
        }
      });
    }
  }
  EXPECT_GT(served, 0);
  EXPECT_EQ(served + static_cast<int>(refusals.size()), 16 * 50);
  EXPECT_THAT(refusals, testing::Each("others read the journal at the moment; ask again"));
  EXPECT_TRUE(journal.read({}));
}

TEST_F(SqliteJournalTest, TwoAgentsDoNotShareAFile) {
  SqliteJournal first(options);
  {
    SqliteJournal second(options);
    EXPECT_THAT(second.recall().forgotten, HasSubstr("another process has it open"));
    EXPECT_FALSE(write(second, {entry(1)}).front());
  }
  EXPECT_TRUE(write(first, {entry(1)}).front());
}

TEST(NoJournal, ForgetsAndSaysWhy) {
  NoJournal journal("no folder");
  EXPECT_FALSE(journal.recall().memory);
  EXPECT_EQ(journal.recall().forgotten, "no folder");
}

}  // namespace
}  // namespace evenkeel::journal::sqlite_journal_test
