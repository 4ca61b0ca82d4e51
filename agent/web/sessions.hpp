#pragma once
// All open connections, and what they may hold together. Of the server's own thread alone.

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

#include "agent/web/limits.hpp"
#include "agent/web/traffic.hpp"

namespace evenkeel::web {

// What the bounds below know of a connection.
class Guest {
 public:
  using Clock = std::chrono::steady_clock;
  // In the order in which they are pushed out.
  enum class Phase {
    idle,     // between two requests, or before the first
    waiting,  // for the client: for the rest of its request, or to take its answer
    busy,     // the handler has its request
    gone,     // closed, about to leave
  };

  Guest() = default;
  virtual ~Guest() = default;
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  // Ends the connection at once.
  virtual void push_out() = 0;
  // Ends it as soon as the request under way is answered.
  virtual void finish() = 0;

  Phase phase = Phase::idle;
  Clock::time_point since = Clock::now();  // of the phase; reading and answering are one each
  std::size_t held = 0;                    // bytes of its answer that the client has not taken
};

class Sessions {
 public:
  Sessions(const Limits& limits, Traffic& traffic) : limits_(limits), traffic_(traffic) {}

  // False: there is no room, for every other one is busy.
  [[nodiscard]] bool make_room();
  void enter(Guest& guest);
  void leave(Guest& guest);

  // `guest` has an answer of so many bytes to take. Those who have kept theirs the longest are
  // pushed out where all of it becomes too much.
  void hold(Guest& guest, std::size_t bytes);

  void finish_all();
  void push_out_all();
  [[nodiscard]] std::size_t size() const { return guests_.size(); }
  // Called when the last one leaves.
  void on_empty(std::function<void()> then) { on_empty_ = std::move(then); }

 private:
  static void push_out(Guest& guest);

  Limits limits_;
  Traffic& traffic_;
  std::vector<Guest*> guests_;
  std::function<void()> on_empty_;
};

}  // namespace evenkeel::web
