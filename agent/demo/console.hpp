#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "agent/demo/screen.hpp"
#include "agent/loop/decision.hpp"

namespace evenkeel::demo {

// Standard output as the demo uses it: in a terminal a picture that is redrawn in place, with lines
// above it; elsewhere lines alone.
class Console {
 public:
  // `plain` asks for lines alone, even in a terminal, which has colours unless NO_COLOR is set.
  explicit Console(bool plain);
  // Leaves the terminal as it was found.
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  // Writes a line for good, with the seconds since the start before it.
  void tell(const std::string& event);
  // Draws the picture anew, below the lines told since; does nothing if there are lines alone.
  void redraw(const loop::Snapshot& snapshot);
  // Draws the picture for good, then `lines`, and the cursor: nothing is drawn after that.
  void finish(const loop::Snapshot& snapshot, const std::vector<std::string>& lines);
  // Writes the picture for good if there are lines alone.
  void print_once(const loop::Snapshot& snapshot);

  [[nodiscard]] double seconds() const;  // since the start

 private:
  void close();

  bool terminal_;
  bool colour_;
  bool open_ = true;
  Screen screen_;
  std::vector<std::string> told_;  // not yet written
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace evenkeel::demo
