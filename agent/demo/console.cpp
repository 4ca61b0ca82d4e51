#include "agent/demo/console.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "agent/demo/view.hpp"

namespace evenkeel::demo {
namespace {

constexpr std::size_t kWidest = 120;  // columns: longer bars say no more
constexpr std::size_t kPlainWidth = 100;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : value;
}

bool is_terminal() {
  const auto kind = environment("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && !kind.empty() && kind != "dumb";
}

TerminalSize terminal_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {};
  return {size.ws_col, size.ws_row};
}

// Flushes at once, since a picture in two pieces flickers.
void write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

// Joins the lines without the spaces that fill them.
std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) {
    text.append(line, 0, line.find_last_not_of(' ') + 1).append("\n");
  }
  return text;
}

}  // namespace

Console::Console(bool plain)
    : terminal_(!plain && is_terminal()), colour_(terminal_ && environment("NO_COLOR").empty()) {
  if (terminal_) write(Screen::open());
}

Console::~Console() {
  close();
}

void Console::close() {
  if (terminal_ && open_) write(Screen::close());
  open_ = false;
}

double Console::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void Console::tell(const std::string& event) {
  auto line = fmt::format("{:5.1f} s  {}", seconds(), event);
  if (terminal_) {
    told_.push_back(std::move(line));
  } else {
    write(line + "\n");
  }
}

void Console::redraw(const loop::Snapshot& snapshot) {
  if (!terminal_ || !open_) return;
  const auto size = terminal_size();
  const auto width = std::min(size.columns - 1, kWidest);
  write(screen_.draw(std::exchange(told_, {}), frame(snapshot, width, colour_), size));
}

void Console::print_once(const loop::Snapshot& snapshot) {
  if (!terminal_) write(joined(frame(snapshot, kPlainWidth, false)));
}

void Console::finish(const loop::Snapshot& snapshot, const std::vector<std::string>& lines) {
  redraw(snapshot);
  print_once(snapshot);
  close();
  write("\n" + joined(lines));
}

}  // namespace evenkeel::demo
