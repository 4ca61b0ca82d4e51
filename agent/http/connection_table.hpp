#pragma once
// All open connections of a server, and what they may hold together. Belongs to the server's
// executor.

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

  // What the table knows of a connection.
  class Entry {
   public:
    // In the order of eviction; who is busy is never evicted.
    enum class Phase {
      idle,     // between two requests
      waiting,  // for the client: for the whole of its request, or to take its response
      busy,     // its request is being answered
    };

    explicit Entry(std::string from) : address(std::move(from)) {}
    virtual ~Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    // Ends the connection at once. It is out of the table by then.
    virtual void evict() = 0;
    // Ends it as soon as the request under way is answered.
    virtual void drain() = 0;

    void enter(Phase next) {
      phase = next;
      since = Clock::now();
    }

    const std::string address;  // those with the same one share its bound
    // A new one is about to ask: to evict it before those that keep the server waiting would be to
    // evict whoever is far away.
    Phase phase = Phase::waiting;
    Clock::time_point since = Clock::now();  // of the phase; reading and sending are one each

   private:
    friend class ConnectionTable;
    std::size_t bytes_ = 0;  // that it holds alone: of its request, or of a response not taken
    SharedText text_;        // which others may hold, too
    std::size_t* of_address_ = nullptr;  // how many there are of its address
  };

  explicit ConnectionTable(const Limits& limits) : limits_(limits) {}

  // For one more from `address`. Where all that it may have are there, one of its own is evicted;
  // where all that anybody may have are there, one of the address that has the most. False: there
  // is no room, for every one that could go is busy.
  [[nodiscard]] bool make_room(const std::string& address);
  void add(Entry& entry);
  void remove(Entry& entry);  // also one that has been evicted

  // The entry holds so many bytes from now on, and a text, which counts once whoever shares it.
  // Those who have kept the server waiting the longest are evicted where all of it becomes too
  // much. False: it is too much all the same.
  bool hold(Entry& entry, std::size_t bytes, const SharedText& text = {});
  static void release(Entry& entry);

  void drain_all();
  void evict_all();
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  [[nodiscard]] std::size_t held() const;
  void evict(Entry& entry);
  // Of one address; null: of the one that has the most.
  [[nodiscard]] bool evict_one(const std::string* address);

  Limits limits_;
  std::vector<Entry*> entries_;
  std::map<std::string, std::size_t> counts_;  // by address
};

}  // namespace evenkeel::http
