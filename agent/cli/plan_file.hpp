#pragma once
// A plan in a file: what `evenkeel plan --save` writes and `evenkeel apply` reads. A person may
// read it, and nobody may edit it: its checksum tells.

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "rules/cluster.hpp"
#include "rules/plan.hpp"

namespace evenkeel::cli {

struct PlanFile {
  // A move, and the words for whoever reads the file.
  struct Entry {
    rules::Move move;
    std::string collection_name;
    std::string words;

    // Names all that the file has of it, for a reader or a writer.
    template <typename Self, typename Visit>
    static void members(Self& self, Visit&& visit) {
      visit("segment", self.move.segment);
      visit("collection", self.move.collection);
      visit("collection_name", self.collection_name);
      visit("replica", self.move.replica);
      visit("from", self.move.from);
      visit("to", self.move.to);
      visit("rows", self.move.rows);
      visit("bytes", self.move.bytes);
      visit("words", self.words);
    }
  };

  rules::TimePoint made_at{};
  std::string made;     // when, for people
  std::string milvus;   // the address that was asked
  std::string version;  // Milvus's
  std::string digest;   // of the nodes' memory and the segments' places that it was made from
  std::vector<Entry> entries;

  template <typename Self, typename Visit>
  static void members(Self& self, Visit&& visit) {
    visit("made_at", self.made_at);
    visit("made", self.made);
    visit("milvus", self.milvus);
    visit("milvus_version", self.version);
    visit("digest", self.digest);
    visit("moves", self.entries);
  }

  [[nodiscard]] std::vector<rules::Move> moves() const;
};

// A longer file is refused.
inline constexpr std::size_t kMaxPlanFile = std::size_t{16} << 20;

[[nodiscard]] std::string text_of(const PlanFile& plan);
// Writes a new file, or replaces one as a whole. The error says what failed, and where.
[[nodiscard]] tl::expected<void, std::string> write_plan(const std::string& path,
                                                         const PlanFile& plan);
// The error says why the file is no plan that this program wrote.
[[nodiscard]] tl::expected<PlanFile, std::string> parse_plan(const std::string& text);
[[nodiscard]] tl::expected<PlanFile, std::string> read_plan(const std::string& path);

}  // namespace evenkeel::cli
