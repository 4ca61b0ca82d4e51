#pragma once
// All open connections, and what they may hold together. Of the server's own thread alone.

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/web/limits.hpp"
#include "agent/web/text.hpp"
#include "agent/web/traffic.hpp"

namespace evenkeel::web {

// What the bounds below know of a connection.
class Guest {
 public:
  using Clock = std::chrono::steady_clock;
  // In the order in which they are pushed out.
  enum class Phase {
    idle,     // between two requests
    waiting,  // for the client: for the whole of its request, or to take its answer
    busy,     // the handler has its request
    gone,     // closed, about to leave
  };

  // `address`: those with the same one share its bound.
  explicit Guest(std::string its_address) : address(std::move(its_address)) {}
  virtual ~Guest() = default;
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  // Ends the connection at once.
  virtual void push_out() = 0;
  // Ends it as soon as the request under way is answered.
  virtual void finish() = 0;

  const std::string address;
  // A new one is about to ask: to push it out before those that keep the server waiting would be to
  // push out whoever is far away.
  Phase phase = Phase::waiting;
  Clock::time_point since = Clock::now();  // of the phase; reading and answering are one each
  // Bytes kept for it: of a request that is coming, or of an answer that it has not taken; and
  // those of a text that may be kept for others, too.
  std::size_t held = 0;
  const void* shared_text = nullptr;
  std::size_t shared_bytes = 0;

  [[nodiscard]] bool holds() const { return held + shared_bytes > 0; }

 private:
  friend class Sessions;
  struct Address {
    std::size_t guests = 0;  // also those that are about to leave
    std::size_t here = 0;    // as count() found them
  };
  Address* shared_ = nullptr;  // with the others of the same address
};

class Sessions {
 public:
  Sessions(const Limits& limits, Traffic& traffic) : limits_(limits), traffic_(traffic) {}

  // For one more from `address`. Where all that it may have are there, one of its own is pushed
  // out; where all that anybody may have are there, one of the address that has the most. False:
  // there is no room, for every one that could go is busy.
  [[nodiscard]] bool make_room(const std::string& address);
  void enter(Guest& guest);
  void leave(Guest& guest);

  // So many bytes are kept for `guest` from now on, and a text, which counts once whoever shares
  // it. Those who have kept theirs the longest are pushed out where all of it becomes too much.
  // False: it is too much all the same.
  bool hold(Guest& guest, std::size_t bytes, const Text& text = {});
  static void let_go(Guest& guest);

  void finish_all();
  void push_out_all();
  [[nodiscard]] std::size_t size() const { return guests_.size(); }
  // Called when the last one leaves.
  void on_empty(std::function<void()> then) { on_empty_ = std::move(then); }

 private:
  static void push_out(Guest& guest);
  [[nodiscard]] std::size_t held() const;
  [[nodiscard]] std::size_t count();
  // Of one address; null: of the one that has the most.
  [[nodiscard]] bool push_one_out(const Guest::Address* address);

  Limits limits_;
  Traffic& traffic_;
  std::vector<Guest*> guests_;
  std::map<std::string, Guest::Address> addresses_;
  std::function<void()> on_empty_;
};

}  // namespace evenkeel::web
