#pragma once
// Lines for a file descriptor whose reader may be slow, or stop for good. Internal to log.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace evenkeel::log {

// Writes all of it, however long that takes. Returns false if it cannot be written.
bool write_all(int fd, std::string_view text);

// A bounded queue and a thread that writes; adding never waits. Thread-safe.
class Queue {
 public:
  // Returns a whole line that says that so many before it were dropped.
  using SayDropped = std::function<std::string(std::uint64_t lines)>;

  // Holds at most `max_bytes` of lines, the last quarter for errors alone.
  Queue(int fd, std::size_t max_bytes, SayDropped say_dropped);
  // Leaves unwritten lines: the thread may hang in its write for ever.
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  // Adds a whole line, or drops it if there is no room.
  void put(std::string line, bool is_error);

  // Returns once all is written, or false after this time.
  bool flush(std::chrono::milliseconds at_most);

  // Lines that the thread has not taken yet.
  [[nodiscard]] std::size_t waiting() const;
  // Lines that found no room or could not be written, since the start.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace evenkeel::log
