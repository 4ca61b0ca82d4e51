#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace evenkeel::demo {

// The size of a terminal in characters.
struct TerminalSize {
  std::size_t columns = 80, rows = 24;
  friend bool operator==(const TerminalSize&, const TerminalSize&) = default;
};

// A terminal with a picture at its bottom that is redrawn in place, and lines that scroll away
// above it. Gives the text to write; writes nothing itself.
class Screen {
 public:
  // Hides the cursor.
  [[nodiscard]] static std::string open();
  // Draws `lines` for good, then the picture in the place of the last one, cut if the terminal is
  // lower. Its lines must be narrower than the terminal: terminals wrap a full line differently.
  [[nodiscard]] std::string draw(const std::vector<std::string>& lines,
                                 const std::vector<std::string>& picture, TerminalSize size);
  // Shows the cursor again, below the picture, in the terminal's own colours.
  [[nodiscard]] static std::string close();

 private:
  std::size_t drawn_ = 0;  // lines of the picture that stand above the cursor
  TerminalSize size_;
};

}  // namespace evenkeel::demo
