#pragma once
// Table of a server's open connections. It bounds their number and the bytes that they hold, by
// eviction. Belongs to the server's executor.

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/http/limits.hpp"
#include "agent/http/server_messages.hpp"

namespace evenkeel::http {

class ConnectionTable {
 public:
  using Clock = std::chrono::steady_clock;

  // A connection, as the table sees it.
  class Entry {
   public:
    // In the order of eviction; only evict_all() evicts a busy one.
    enum class Phase {
      idle,     // between two requests
      waiting,  // for the client, to send all of its request or to take its response
      busy,     // its request is being answered
    };

    explicit Entry(std::string from) : address(std::move(from)) {}
    virtual ~Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    // Ends the connection at once; it has left the table already.
    virtual void evict() = 0;
    // Ends it as soon as the request under way is answered.
    virtual void drain() = 0;

    void enter(Phase next) {
      phase = next;
      since = Clock::now();
    }

    const std::string address;  // connections with the same one share its bound
    // As idle, a new connection would be evicted first, and distant clients would never get to ask.
    Phase phase = Phase::waiting;
    Clock::time_point since = Clock::now();  // begin of the phase; reading and sending are one each

   private:
    friend class ConnectionTable;
    std::size_t bytes_ = 0;              // that it alone holds: its request, or an untaken response
    SharedText text_;                    // held as well; others may share it
    std::size_t* of_address_ = nullptr;  // number of connections of its address
  };

  explicit ConnectionTable(const Limits& limits) : limits_(limits) {}

  // Makes room for one more connection from `address`. At the address's bound, one of its own is
  // evicted; at the bound of all, one of the address that has the most. False: all are busy.
  [[nodiscard]] bool make_room(const std::string& address);
  void add(Entry& entry);
  void remove(Entry& entry);  // no effect if it was evicted

  // Sets what the entry holds: bytes, and a text, which counts once for all that share it. Beyond
  // Limits::buffered, those that have kept the server waiting the longest are evicted. False: it is
  // too much all the same.
  bool hold(Entry& entry, std::size_t bytes, const SharedText& text = {});
  static void release(Entry& entry);

  void drain_all();
  void evict_all();
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  [[nodiscard]] std::size_t held() const;
  void evict(Entry& entry);
  // Evicts one of `address`; null: one of the address that has the most. False: all are busy.
  [[nodiscard]] bool evict_one(const std::string* address);

  Limits limits_;
  std::vector<Entry*> entries_;
  std::map<std::string, std::size_t> counts_;  // by address
};

}  // namespace evenkeel::http
