#pragma once
// SQLite's database and statements as values. Their errors are exceptions of type SqliteError,
// which only agent/journal sees: its store turns them into words.

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace evenkeel::journal {

class SqliteError : public std::runtime_error {
 public:
  // `code`: SQLite's extended result code.
  SqliteError(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
  // Its primary result code: SQLITE_FULL, SQLITE_CORRUPT, …
  [[nodiscard]] int code() const { return code_ & 0xff; }

 private:
  int code_;
};

// One prepared statement. Its parameters are numbered from 1, its columns from 0.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, std::string_view value);

  // Goes to the next row; false: there is none.
  bool step();
  // Steps to the end, and makes the statement ready for other values.
  void run();
  // Makes the statement ready for other values.
  void reset();

  [[nodiscard]] std::int64_t integer(int column) const;
  // Valid until the next step() or reset().
  [[nodiscard]] std::string_view text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  void check(int code) const;

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// One connection.
class Database {
 public:
  // Opens the file, and makes it where there is none.
  explicit Database(const std::string& path);

  void execute(const char* sql);
  [[nodiscard]] Statement prepare(std::string_view sql) { return {database_.get(), sql}; }
  // The first column of the statement's first row.
  [[nodiscard]] std::int64_t integer(std::string_view sql);
  [[nodiscard]] std::string text(std::string_view sql);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::unique_ptr<sqlite3, Close> database_;
};

// Rolled back at its end, unless it was committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace evenkeel::journal
