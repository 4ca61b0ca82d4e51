#pragma once
// Small decisions to write, and a folder for them.

#include <memory>
#include <string>

#include "agent/loop/journal.hpp"
#include "tests/folder.hpp"

namespace evenkeel::test {

using tests::Folder;

inline constexpr rules::TimePoint kNow{std::chrono::hours{24 * 365 * 56}};

// A decision of this number that moved segment 100 + number of collection 7, "book", from node 1 to
// node 2, number minutes after kNow.
inline loop::JournalEntry entry(std::uint64_t number, std::string words = "levelled") {
  loop::Decision decision;
  decision.id = number;
  decision.at = kNow + std::chrono::minutes{number};
  decision.outcome = loop::Outcome::moved;
  decision.words = std::move(words);
  loop::MoveRecord record;
  record.move = {.segment = rules::SegmentId{static_cast<std::int64_t>(100 + number)},
                 .collection = rules::CollectionId{7},
                 .replica = rules::ReplicaId{70},
                 .from = rules::NodeId{1},
                 .to = rules::NodeId{2},
                 .rows = 1,
                 .bytes = 1024};
  record.result = loop::MoveResult::succeeded;
  record.started = record.finished = decision.at;
  decision.moves.push_back(record);
  rules::Cluster cluster;
  rules::Collection& book = cluster.collections.emplace_back();
  book.id = rules::CollectionId{7};
  book.name = "book";
  loop::JournalEntry entry;
  entry.memory.at = decision.at;
  entry.memory.last_decision = number;
  entry.cluster = std::make_shared<const rules::Cluster>(std::move(cluster));
  decision.seen = entry.cluster;
  entry.decision = std::make_shared<const loop::Decision>(std::move(decision));
  return entry;
}

}  // namespace evenkeel::test
