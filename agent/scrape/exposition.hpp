#pragma once
// Takes the few figures that the agent needs out of a node's exposition text (Prometheus text
// format 0.0.4). Made for speed: it looks only at the lines that can matter, and takes the text in
// pieces, so that no body is ever held whole.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/cluster.hpp"

namespace evenkeel::scrape {

struct Labels;
struct SeriesLine;

// The sealed segments of one collection on this node, by milvus_querynode_entity_size, _entity_num
// and _segment_num, summed over partitions. They can be stale: bytes without a segment mean that
// the segments have left. Series without a segment_state (2.1) count for segment_num only.
struct CollectionFigures {
  rules::Bytes entity_size = 0;  // bytes; 0: not there
  std::int64_t entity_num = 0;   // rows; 0: not there
  std::int64_t segment_num = 0;
  bool operator==(const CollectionFigures&) const = default;
};

// The figures of one node.
struct NodeFigures {
  // Taken from milvus_num_node{role_name="querynode"}, else from a node_id of milvus_querynode_*.
  std::optional<rules::NodeId> id;
  std::optional<rules::Bytes> resident;  // process_resident_memory_bytes
  // The timestamp of `resident`, if it has one: a cache in between may serve old texts.
  std::optional<rules::TimePoint> resident_at;
  std::map<rules::CollectionId, CollectionFigures> collections;
  // It has milvus_querynode_segment_num by collection. If that is 0, or not there, the segments
  // have left, whatever the other figures say.
  bool counts_segments = false;
  bool wal = false;       // it has milvus_wal_* series: a streaming node (Milvus 2.6 and later)
  std::size_t bytes = 0;  // of text read
  std::size_t malformed_lines = 0;  // lines that mattered and made no sense; they were skipped
  // Says why the text is unusable: no memory figure, NaN, two different figures, no id, two ids,
  // cut short, binary, an HTML page. The other figures are then those read before.
  std::optional<std::string> problem;
  bool operator==(const NodeFigures&) const = default;
};

inline constexpr std::size_t kMaxLine = 64u << 10;     // bytes of one line, newline aside
inline constexpr std::size_t kMaxSeries = 128u << 10;  // wanted series of one text
inline constexpr std::size_t kMaxText = 16u << 20;     // bytes of one text, unless told otherwise

// Reads a text piece by piece.
class Extractor {
 public:
  explicit Extractor(std::size_t max_bytes = kMaxText) : max_bytes_(max_bytes) {}
  // Takes the next piece of the text, cut anywhere: the figures do not depend on where. Returns
  // false once the text is unusable (a line over kMaxLine, a NUL byte, over `max_bytes` in all, two
  // different memory figures, …): stop reading.
  bool feed(std::string_view piece);
  // Ends the text; call it once. The figures carry a problem unless the whole body came
  // (`complete`) and its last line has a newline, without which a number may have lost digits.
  [[nodiscard]] NodeFigures finish(bool complete = true);
  // Bytes of memory held between two pieces: bounded by kMaxLine and kMaxSeries, not by the text.
  [[nodiscard]] std::size_t buffered() const;

 private:
  // One series of a collection's figures, kept until the end to notice one that is given twice.
  struct Series {
    rules::CollectionId collection{};
    std::size_t family = 0;    // its index in the list of families
    std::uint64_t labels = 0;  // a fingerprint
    std::int64_t value = 0;
    auto operator<=>(const Series&) const = default;
  };

  std::string_view readable_part(std::string_view piece);
  void read_lines(std::string_view text);
  void read_line(std::string_view line);
  void read_wanted(std::string_view line);
  void take_resident(std::string_view after_name);
  bool take_series(std::string_view name, const SeriesLine& series);
  bool take_id(const Labels& labels);
  void sum_series();
  void fail(std::string problem);

  std::size_t max_bytes_;
  char opening_ = '\0';     // the first character that is not blank, if it comes early
  std::string unfinished_;  // the start of a line whose end is in the next piece
  std::vector<Series> series_;
  NodeFigures figures_;
};

// Reads a whole text at once.
[[nodiscard]] NodeFigures extract(std::string_view text);

}  // namespace evenkeel::scrape
