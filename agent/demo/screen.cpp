#include "agent/demo/screen.hpp"

#include <algorithm>

namespace evenkeel::demo {
namespace {

constexpr const char* kHideCursor = "\x1b[?25l";
constexpr const char* kShowCursor = "\x1b[?25h";
constexpr const char* kOwnColours = "\x1b[0m";
constexpr const char* kEraseLine = "\x1b[2K";
constexpr const char* kEraseBelow = "\x1b[J";
constexpr const char* kEraseAll = "\x1b[H\x1b[2J";

}  // namespace

std::string Screen::open() {
  return kHideCursor;
}

std::string Screen::close() {
  return std::string(kOwnColours) + kShowCursor;
}

std::string Screen::draw(const std::vector<std::string>& lines,
                         const std::vector<std::string>& picture, TerminalSize size) {
  std::string text;
  if (drawn_ > 0 && size != size_) {
    // A resized terminal has wrapped the old picture in its own way.
    text += kEraseAll;
  } else if (drawn_ > 0) {
    text += "\r\x1b[" + std::to_string(drawn_) + "A";
    // A line may wrap over more rows than are erased one by one.
    if (!lines.empty()) text += kEraseBelow;
  }
  size_ = size;
  drawn_ = std::min(picture.size(), size.rows > 1 ? size.rows - 1 : 0);
  for (const auto& line : lines) text.append(kEraseLine).append(line).append("\n");
  for (std::size_t i = 0; i < drawn_; ++i) text.append(kEraseLine).append(picture[i]).append("\n");
  return text + kEraseBelow;
}

}  // namespace evenkeel::demo
