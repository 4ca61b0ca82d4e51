// A node's metrics: the same figures wherever the text is cut into pieces, and bounded memory.

#include "agent/scrape/exposition.hpp"
#include "tests/fuzz/fuzz.hpp"

using evenkeel::fuzz::require;
namespace scrape = evenkeel::scrape;

void evenkeel::fuzz::one_input(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t piece = 1 + static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  scrape::Extractor extractor;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!extractor.feed(bytes.substr(at, piece))) break;
    require(extractor.buffered() <= scrape::kMaxLine + (std::size_t{16} << 20), "holds too much");
  }
  const auto in_pieces = extractor.finish();
  const auto whole = scrape::extract(bytes);
  require(in_pieces.problem.has_value() == whole.problem.has_value(),
          "pieces decide whether it is good");
  if (whole.problem) return;
  require(in_pieces == whole, "pieces decide the figures");
  require(whole.id && whole.resident && *whole.resident >= 0, "good without id or memory");
}
