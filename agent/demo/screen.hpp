#pragma once
// A terminal with a picture at its bottom that is redrawn in place, and lines that scroll away
// above it. Gives the text to write; writes nothing itself.

#include <cstddef>
#include <string>
#include <vector>

namespace evenkeel::demo {

struct TerminalSize {
  std::size_t columns = 80, rows = 24;
  friend bool operator==(const TerminalSize&, const TerminalSize&) = default;
};

class Screen {
 public:
  // Hides the cursor.
  [[nodiscard]] static std::string open();
  // `lines` for good, then the picture in the place of the last one, cut where the terminal is
  // lower. The picture's lines must be narrower than the terminal: a full line's wrapping is told
  // differently by each.
  [[nodiscard]] std::string draw(const std::vector<std::string>& lines,
                                 const std::vector<std::string>& picture, TerminalSize size);
  // Shows the cursor again, below the picture, in the terminal's own colours.
  [[nodiscard]] static std::string close();

 private:
  std::size_t drawn_ = 0;  // lines of the picture that stand above the cursor
  TerminalSize size_;
};

}  // namespace evenkeel::demo
