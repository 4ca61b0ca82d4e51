#include "agent/journal/store.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "agent/journal/codec.hpp"
#include "agent/journal/record.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::journal {
namespace {

constexpr std::int64_t kApplication = 0x45564b4c;  // "EVKL"
// A full file loses this part of its decisions at once, the oldest.
constexpr std::int64_t kPartToDrop = 16;
constexpr std::size_t kMostRead = 10'000;

// A file that is sound and yet not this program's to write.
class NotOurs : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::string advice(int code) {
  switch (code) {
    case SQLITE_FULL:
      return "free space on that disk";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "let the agent's user write the file and its folder";
    case SQLITE_CANTOPEN:
      return "make its folder, and let the agent's user write there";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process has it open: give each agent a journal of its own";
    default:
      return "look at the disk";
  }
}

// What the system says of the folder, since SQLite does not say why it cannot open a file: " (…)".
std::string of_the_folder(const std::string& path) {
  const auto folder = std::filesystem::absolute(path).parent_path();
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return {};
  return " (" + folder.string() + ": " + std::generic_category().message(errno) + ')';
}

std::string words(const std::string& path, const SqliteError& error) {
  return "the journal " + path + " cannot be used: " + error.what() +
         (error.code() == SQLITE_CANTOPEN ? of_the_folder(path) : "") + "; " + advice(error.code());
}

bool is_corrupt(const SqliteError& error) {
  return error.code() == SQLITE_CORRUPT || error.code() == SQLITE_NOTADB;
}

void configure(Database& database) {
  database.execute(
      "PRAGMA locking_mode = EXCLUSIVE;"
      "PRAGMA auto_vacuum = INCREMENTAL;"
      "PRAGMA journal_mode = WAL;"
      "PRAGMA synchronous = FULL;"
      "PRAGMA journal_size_limit = 4194304;");
  const std::string found = database.text("PRAGMA quick_check(1)");
  if (found != "ok") throw SqliteError(SQLITE_CORRUPT, found);
}

// Brings the schema to the newest version, in one transaction.
void migrate(Database& database, const Migrations& steps) {
  Transaction transaction(database);
  const auto newest = static_cast<std::int64_t>(steps.size());
  const std::int64_t version = database.integer("PRAGMA user_version");
  const std::int64_t application = database.integer("PRAGMA application_id");
  const bool empty = database.integer("SELECT count(*) FROM sqlite_schema") == 0;
  if (!empty && application != kApplication) {
    throw NotOurs("is another program's database; name another file in [journal] path");
  }
  if (version > newest) {
    throw NotOurs("was written by a newer Evenkeel (schema " + std::to_string(version) +
                  ", this one knows " + std::to_string(newest) +
                  "); run that one, or move the file away");
  }
  for (std::int64_t at = version; at < newest; ++at) {
    database.execute(steps[static_cast<std::size_t>(at)]);
  }
  database.execute(("PRAGMA application_id = " + std::to_string(kApplication)).c_str());
  database.execute(("PRAGMA user_version = " + std::to_string(newest)).c_str());
  transaction.commit();
}

// Renames the file, and what SQLite keeps beside it. Returns the new name.
std::string set_aside(const std::string& path) {
  std::error_code error;
  std::string aside;
  for (int number = 1;; ++number) {
    aside = path + ".corrupt-" + std::to_string(number);
    if (!std::filesystem::exists(aside, error)) break;
  }
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::rename(path + suffix, aside + suffix, error);
    if (error && *suffix == '\0') {
      throw SqliteError(SQLITE_PERM, "is corrupt, and cannot be renamed: " + error.message());
    }
  }
  return aside;
}

// With the conditions alone that are set: so SQLite finds the decisions by its indexes.
std::string selection_of(const HistoryQuery& query) {
  std::string conditions;
  const auto add = [&conditions](bool set, const char* condition) {
    if (set) conditions += (conditions.empty() ? " WHERE " : " AND ") + std::string(condition);
  };
  add(query.since.has_value(), "at >= ?1");
  add(query.outcome.has_value(), "outcome = ?2");
  add(query.before.has_value(), "id < ?3");
  add(query.node.has_value(),
      "id IN (SELECT decision FROM moves WHERE source = ?4"
      " UNION SELECT decision FROM moves WHERE destination = ?4)");
  const bool may_be_id = query.collection && all_digits(*query.collection);
  add(query.collection && !may_be_id,
      "id IN (SELECT decision FROM moves WHERE collection_name = ?5)");
  add(may_be_id,
      "id IN (SELECT decision FROM moves WHERE collection_name = ?5 OR collection = ?5)");
  return "SELECT json FROM decisions" + conditions + " ORDER BY id DESC LIMIT ?6";
}

}  // namespace

const Migrations& migrations() {
  static const Migrations steps{
      "CREATE TABLE memory (id INTEGER PRIMARY KEY CHECK (id = 1), text TEXT NOT NULL);"
      "CREATE TABLE decisions ("
      "  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, outcome TEXT NOT NULL, json TEXT NOT NULL);"
      "CREATE INDEX decisions_at ON decisions (at);"
      "CREATE TABLE moves ("
      "  decision INTEGER NOT NULL REFERENCES decisions (id), segment INTEGER NOT NULL,"
      "  replica INTEGER NOT NULL, collection INTEGER NOT NULL, collection_name TEXT NOT NULL,"
      "  source INTEGER NOT NULL, destination INTEGER NOT NULL, bytes INTEGER NOT NULL,"
      "  started INTEGER NOT NULL, result TEXT NOT NULL,"
      "  PRIMARY KEY (decision, segment, replica)) WITHOUT ROWID;"
      "CREATE INDEX moves_source ON moves (source, decision);"
      "CREATE INDEX moves_destination ON moves (destination, decision);"
      "CREATE INDEX moves_open ON moves (segment, replica) WHERE result = 'unknown';",
      // Drained nodes, and moves of others, are remembered, and moves are found by collection.
      "UPDATE memory SET text = json_set(text, '$.ledger.drains', json('{\"nodes\":[]}'),"
      "  '$.foreign', json('{\"recent\":[]}'));"
      "CREATE INDEX moves_collection ON moves (collection_name, decision);",
      // When a move was last sent is remembered.
      "UPDATE memory SET text = json_set(text, '$.last_sent', text -> '$.last_move');",
      // That Milvus's own balancer is suspended by an agent is remembered.
      "UPDATE memory SET text = json_set(text, '$.suspension',"
      "  json('{\"suspended\":false,\"changed\":0}'));",
      // That an exchange was left half done is remembered.
      "UPDATE memory SET text = json_set(text, '$.ledger.exchanges',"
      "  json('{\"last\":0,\"in_a_row\":0}'));"};
  return steps;
}

Store Store::open_once(const StoreOptions& options, const Migrations& steps) {
  Store store(options, Database(options.path));
  configure(store.database_);
  migrate(store.database_, steps);
  store.recall();
  return store;
}

tl::expected<Store, std::string> Store::open(const StoreOptions& options, const Migrations& steps) {
  try {
    try {
      return open_once(options, steps);
    } catch (const SqliteError& error) {
      if (!is_corrupt(error)) throw;
      const std::string aside = set_aside(options.path);
      Store store = open_once(options, steps);
      store.recalled_.forgotten =
          "the journal was corrupt (" + std::string(error.what()) + ") and was kept as " + aside;
      return store;
    }
  } catch (const SqliteError& error) {
    return tl::unexpected(words(options.path, error));
  } catch (const NotOurs& error) {
    return tl::unexpected("the journal " + options.path + " cannot be used: it " + error.what());
  }
}

// Reads the memory. What was under way when the last run ended abruptly is marked as interrupted.
void Store::recall() {
  Statement memory = database_.prepare("SELECT text FROM memory");
  if (memory.step()) {
    auto decoded = decode<loop::Memory>(std::string(memory.text(0)));
    if (!decoded) throw SqliteError(SQLITE_CORRUPT, "its memory: " + decoded.error());
    recalled_.memory = *std::move(decoded);
  }
  Transaction transaction(database_);
  database_.execute(
      "UPDATE decisions SET outcome = 'interrupted', json = json_set(json, '$.outcome', "
      "'interrupted',"
      " '$.words', 'the agent ended before the round did') WHERE outcome = 'under_way';"
      "UPDATE moves SET result = 'unknown' WHERE result = 'under_way';");
  transaction.commit();
}

tl::expected<void, std::string> Store::write(const loop::JournalEntry& entry) {
  try {
    Transaction transaction(database_);
    write_memory(entry.memory);
    if (entry.decision != nullptr) {
      write_decision(entry);
      write_moves(entry);
    }
    write_ends(entry.ends);
    transaction.commit();
    if (entry.decision != nullptr && !entry.under_way) prune(entry.memory.at);
    return {};
  } catch (const SqliteError& error) {
    return tl::unexpected(words(options_.path, error));
  }
}

void Store::write_memory(const loop::Memory& memory) {
  database_.prepare("INSERT OR REPLACE INTO memory (id, text) VALUES (1, ?1)")
      .bind(1, encode(memory))
      .run();
}

void Store::write_decision(const loop::JournalEntry& entry) {
  const loop::Decision& decision = *entry.decision;
  database_
      .prepare("INSERT OR REPLACE INTO decisions (id, at, outcome, json) VALUES (?1, ?2, ?3, ?4)")
      .bind(1, static_cast<std::int64_t>(decision.id))
      .bind(2, decision.at.time_since_epoch().count())
      .bind(3, entry.under_way ? "under_way" : loop::name(decision.outcome))
      .bind(4, record_of(decision, *entry.cluster, entry.policy))
      .run();
}

// What was noted ahead and never sent goes.
void Store::write_moves(const loop::JournalEntry& entry) {
  database_.prepare("DELETE FROM moves WHERE decision = ?1")
      .bind(1, static_cast<std::int64_t>(entry.decision->id))
      .run();
  Statement insert = database_.prepare(
      "INSERT INTO moves (decision, segment, replica, collection, collection_name, source,"
      " destination, bytes, started, result) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
  for (const loop::MoveRecord& record : entry.decision->moves) {
    const rules::Move& move = record.move;
    const auto* collection = rules::find_by_id(entry.cluster->collections, move.collection);
    insert.bind(1, static_cast<std::int64_t>(entry.decision->id))
        .bind(2, static_cast<std::int64_t>(move.segment))
        .bind(3, static_cast<std::int64_t>(move.replica))
        .bind(4, static_cast<std::int64_t>(move.collection))
        .bind(5, collection == nullptr ? std::string_view() : collection->name)
        .bind(6, static_cast<std::int64_t>(move.from))
        .bind(7, static_cast<std::int64_t>(move.to))
        .bind(8, move.bytes)
        .bind(9, record.started.time_since_epoch().count())
        .bind(10, record.finished == rules::TimePoint{} ? "under_way" : loop::name(record.result))
        .run();
  }
}

void Store::write_ends(const std::vector<loop::FlightEnd>& ends) {
  if (ends.empty()) return;
  Statement update = database_.prepare(
      "UPDATE moves SET result = ?3 WHERE segment = ?1 AND replica = ?2 AND result = 'unknown'");
  for (const auto& end : ends) {
    update.bind(1, static_cast<std::int64_t>(end.flight.segment))
        .bind(2, static_cast<std::int64_t>(end.flight.replica))
        .bind(3, loop::name(end.result))
        .run();
  }
}

rules::Bytes Store::size() {
  const std::int64_t used =
      database_.integer("PRAGMA page_count") - database_.integer("PRAGMA freelist_count");
  return used * database_.integer("PRAGMA page_size");
}

// Drops the decisions that are too old, and the oldest of too many.
void Store::prune(rules::TimePoint now) {
  std::int64_t first_kept = 0;
  Statement old = database_.prepare("SELECT max(id) + 1 FROM decisions WHERE at < ?1");
  old.bind(1, (now - options_.max_age).time_since_epoch().count());
  if (old.step()) first_kept = old.integer(0);
  old.reset();
  if (size() > options_.max_size) {
    const std::int64_t least = database_.integer("SELECT min(id) FROM decisions");
    const std::int64_t most = database_.integer("SELECT max(id) FROM decisions");
    first_kept = std::max(first_kept, std::min(most, least + 1 + (most - least) / kPartToDrop));
  }
  if (first_kept == 0) return;
  Transaction transaction(database_);
  for (const char* sql :
       {"DELETE FROM moves WHERE decision < ?1", "DELETE FROM decisions WHERE id < ?1"}) {
    database_.prepare(sql).bind(1, first_kept).run();
  }
  transaction.commit();
  database_.execute("PRAGMA incremental_vacuum");
}

tl::expected<std::vector<std::string>, std::string> Store::read(const HistoryQuery& query) {
  try {
    Statement select = database_.prepare(selection_of(query));
    if (query.since) select.bind(1, query.since->time_since_epoch().count());
    if (query.outcome) select.bind(2, *query.outcome);
    if (query.before) select.bind(3, static_cast<std::int64_t>(*query.before));
    if (query.node) select.bind(4, static_cast<std::int64_t>(*query.node));
    if (query.collection) select.bind(5, *query.collection);
    select.bind(6, static_cast<std::int64_t>(std::min(query.limit, kMostRead)));
    std::vector<std::string> decisions;
    while (select.step()) decisions.emplace_back(select.text(0));
    return decisions;
  } catch (const SqliteError& error) {
    return tl::unexpected(words(options_.path, error));
  }
}

}  // namespace evenkeel::journal
