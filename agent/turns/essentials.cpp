#include "agent/turns/essentials.hpp"

#include <utility>

#include "agent/journal/codec.hpp"

namespace evenkeel::turns {

loop::Memory essentials_of(loop::Memory memory) {
  memory.ledger = memory.ledger.handover();
  return memory;
}

tl::expected<Written, std::string> write_essentials(loop::Memory essentials,
                                                    std::size_t most_bytes) {
  Written written{journal::encode(essentials), {}};
  const auto fits = [&] { return written.text.size() <= most_bytes; };
  const std::size_t had = essentials.ledger.histories().size();
  for (std::size_t keep = had / 2; !fits() && !essentials.ledger.histories().empty(); keep /= 2) {
    essentials.ledger.keep_newest_histories(keep);
    written = {journal::encode(essentials),
               "the cool-downs of " + std::to_string(had - keep) + " segments, the oldest"};
  }
  if (!fits()) {
    essentials.weights = {};
    written = {journal::encode(essentials), "all cool-downs and learned sizes"};
  }
  if (!fits()) {
    essentials.undone = {};
    written = {journal::encode(essentials),
               "all cool-downs, learned sizes and what watches for moves undone by others"};
  }
  if (fits()) return written;
  return tl::unexpected("what is under way takes " + std::to_string(written.text.size()) +
                        " bytes, of at most " + std::to_string(most_bytes));
}

tl::expected<loop::Memory, std::string> read_essentials(const std::string& text) {
  return journal::decode<loop::Memory>(text);
}

}  // namespace evenkeel::turns
