#pragma once
// The journal of a simulated agent: what it wrote last is there for the next one.

#include <optional>
#include <stdexcept>
#include <utility>

#include "agent/journal/codec.hpp"
#include "agent/loop/clock.hpp"
#include "agent/loop/journal.hpp"

namespace evenkeel::sim {

class Notebook final : public loop::Journal {
 public:
  using Page = std::optional<loop::Memory>;  // none: nothing was written yet

  static constexpr rules::Duration kWriting{5};  // until a page is as good as written

  // Both must outlive the notebook.
  Notebook(Page& page, loop::Clock& clock) : page_(page), clock_(clock) {}

  // The writer has died: what it still writes, nobody reads.
  void sever() { severed_ = true; }

  // Reads it by way of its text: what is written wrongly is read wrongly, too.
  [[nodiscard]] loop::Recalled recall() override {
    if (!page_) return {};
    auto memory = journal::decode<loop::Memory>(journal::encode(*page_));
    if (!memory) throw std::runtime_error(memory.error());
    return {*std::move(memory), {}};
  }

  [[nodiscard]] Awaitable<tl::expected<void, std::string>> write(
      loop::JournalEntry entry) override {
    co_await clock_.sleep(kWriting);
    if (!severed_) page_ = std::move(entry.memory);
    co_return tl::expected<void, std::string>{};
  }

 private:
  Page& page_;
  loop::Clock& clock_;
  bool severed_ = false;
};

}  // namespace evenkeel::sim
