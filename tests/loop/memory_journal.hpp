#pragma once
// A journal in memory that outlives the agents of a test, as text: what is written wrongly is read
// wrongly, too.

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/journal/codec.hpp"
#include "agent/loop/journal.hpp"

namespace evenkeel::test {

class MemoryJournal final : public loop::Journal {
 public:
  std::string trouble;          // why nothing can be written; empty: all can
  std::string forgotten;        // what the next recall() says
  int writes_until_death = -1;  // what comes after so many writes is lost, as with the process
  std::string memory;           // empty: nothing was written yet
  std::map<std::uint64_t, loop::Decision> decisions;
  std::map<std::uint64_t, bool> under_way;  // by decision
  std::vector<loop::FlightEnd> ends;
  int writes = 0;

  [[nodiscard]] bool dead() const { return writes_until_death == 0; }

  [[nodiscard]] loop::Recalled recall() override {
    loop::Recalled recalled;
    recalled.forgotten = forgotten;
    if (memory.empty()) return recalled;
    auto decoded = journal::decode<loop::Memory>(memory);
    if (!decoded) throw std::runtime_error(decoded.error());
    recalled.memory = *std::move(decoded);
    return recalled;
  }

  [[nodiscard]] Awaitable<tl::expected<void, std::string>> write(
      loop::JournalEntry entry) override {
    if (!trouble.empty()) co_return tl::unexpected(trouble);
    if (dead()) co_return tl::expected<void, std::string>{};
    if (writes_until_death > 0) --writes_until_death;
    ++writes;
    memory = journal::encode(entry.memory);
    ends.insert(ends.end(), entry.ends.begin(), entry.ends.end());
    if (entry.decision == nullptr) co_return tl::expected<void, std::string>{};
    decisions[entry.decision->id] = *entry.decision;
    under_way[entry.decision->id] = entry.under_way;
    co_return tl::expected<void, std::string>{};
  }

  // What was last written of it.
  [[nodiscard]] loop::Memory last() const { return journal::decode<loop::Memory>(memory).value(); }
};

}  // namespace evenkeel::test
