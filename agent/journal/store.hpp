#pragma once
// The journal's file: an SQLite database of the agent's memory and its decisions. Synchronous; one
// thread at a time. One process has the file open at a time.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/journal/sqlite.hpp"
#include "agent/loop/history_query.hpp"
#include "agent/loop/journal.hpp"

namespace evenkeel::journal {

// The statements that bring a database from each version of the schema to the next: the first makes
// version 1 of an empty file.
using Migrations = std::vector<const char*>;
[[nodiscard]] const Migrations& migrations();

struct StoreOptions {
  std::string path;
  rules::Duration max_age = std::chrono::hours{24 * 30};  // of a decision
  rules::Bytes max_size = rules::Bytes{256} << 20;        // of the file; the oldest decisions go
};

using loop::HistoryQuery;

class Store {
 public:
  // Opens the file, or makes it. A file that is no sound database is renamed to PATH.corrupt-N and
  // a new one made; recalled() then says so. An error says what is wrong, where, and what to do.
  [[nodiscard]] static tl::expected<Store, std::string> open(
      const StoreOptions& options, const Migrations& steps = migrations());

  // What was in the file when it was opened.
  [[nodiscard]] const loop::Recalled& recalled() const { return recalled_; }

  // Writes the entry in one transaction, which survives a power cut. After an error the store must
  // be opened anew.
  [[nodiscard]] tl::expected<void, std::string> write(const loop::JournalEntry& entry);

  // The decisions as JSON, newest first.
  [[nodiscard]] tl::expected<std::vector<std::string>, std::string> read(const HistoryQuery& query);

  // Bytes of the file that are in use.
  [[nodiscard]] rules::Bytes size();

 private:
  Store(StoreOptions options, Database database)
      : options_(std::move(options)), database_(std::move(database)) {}

  [[nodiscard]] static Store open_once(const StoreOptions& options, const Migrations& steps);
  void recall();
  void write_memory(const loop::Memory& memory);
  void write_decision(const loop::JournalEntry& entry);
  void write_moves(const loop::JournalEntry& entry);
  void write_ends(const std::vector<loop::FlightEnd>& ends);
  void prune(rules::TimePoint now);

  StoreOptions options_;
  Database database_;
  loop::Recalled recalled_;
};

}  // namespace evenkeel::journal
