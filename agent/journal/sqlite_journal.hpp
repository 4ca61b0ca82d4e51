#pragma once
// The loop's journal in an SQLite file, on a thread of its own: a slow disk keeps nothing waiting
// but what must be written first.

#include <chrono>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "agent/journal/store.hpp"
#include "agent/loop/journal.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::journal {

class SqliteJournal final : public loop::Journal {
 public:
  // How long a write or a reading waits for the disk.
  static constexpr std::chrono::seconds kPatience{3};

  // Opens the file at once. Must go before the io_context of those who write.
  explicit SqliteJournal(StoreOptions options);
  // Waits for the writing under way.
  ~SqliteJournal() override;
  SqliteJournal(const SqliteJournal&) = delete;
  SqliteJournal& operator=(const SqliteJournal&) = delete;

  [[nodiscard]] loop::Recalled recall() override;
  // After kPatience it fails; what it was to write may be written later then. A file that could not
  // be opened or written is opened anew.
  [[nodiscard]] Awaitable<tl::expected<void, std::string>> write(loop::JournalEntry entry) override;

  // The decisions as JSON, newest first. Any thread but the loop's may call it.
  [[nodiscard]] tl::expected<std::vector<std::string>, std::string> read(const HistoryQuery& query);

 private:
  class Desk;
  std::unique_ptr<Desk> desk_;
};

// The journal of an agent that keeps none. It forgets everything, and says so.
class NoJournal final : public loop::Journal {
 public:
  // `why`: in words, why there is none.
  explicit NoJournal(std::string why) : why_(std::move(why)) {}
  [[nodiscard]] bool keeps() const override { return false; }
  [[nodiscard]] loop::Recalled recall() override { return {std::nullopt, why_}; }
  [[nodiscard]] Awaitable<tl::expected<void, std::string>> write(
      loop::JournalEntry /*entry*/) override {
    co_return tl::expected<void, std::string>{};
  }

 private:
  std::string why_;
};

}  // namespace evenkeel::journal
