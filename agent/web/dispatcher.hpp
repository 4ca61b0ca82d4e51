#pragma once
// Accepts connections and hands their requests to a few workers. One thread waits on all
// connections that are between two requests, so that idle clients, however many, keep no worker
// from a client that asks.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "agent/web/connection.hpp"
#include "agent/web/file_descriptor.hpp"

struct pollfd;

namespace evenkeel::web {

struct DispatcherLimits {
  std::size_t workers = 4;
  // Open at the same time. One more pushes out the one that has been idle the longest, or is
  // refused.
  std::size_t connections = 64;
  std::chrono::milliseconds idle{5'000};  // a connection without a request is closed after so long
  std::chrono::milliseconds grace{500};   // that stop() leaves to requests under way
};

class Dispatcher {
 public:
  // Answers the one request that has begun to arrive, on a worker; false: the connection is done
  // with.
  using Answer = std::function<bool(Connection&)>;

  // `listener` is a listening socket that does not block.
  Dispatcher(FileDescriptor listener, Answer answer, DispatcherLimits limits = {});
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // Closes everything and ends the threads: idle connections at once, the others after `grace`.
  void stop();

 private:
  using ConnectionPtr = std::unique_ptr<Connection>;
  struct Idle {
    ConnectionPtr connection;
    Connection::Clock::time_point since;
  };

  void wait_for_requests();
  void accept_connections();
  [[nodiscard]] bool make_room();
  [[nodiscard]] int time_to_wait(bool accepting) const;
  void dispatch_requests(std::span<const pollfd> idle);
  void close_expired();
  [[nodiscard]] bool take_back_answered();
  void work();
  void wake() const;

  const Answer answer_;
  const DispatcherLimits limits_;
  FileDescriptor wake_up_;  // an eventfd

  // Of the waiting thread alone.
  FileDescriptor listener_;
  std::deque<Idle> idle_;  // the longest idle first
  Connection::Clock::time_point accept_again_{};

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<ConnectionPtr> asking_;  // a request has begun to arrive, no worker has it yet
  std::vector<Connection*> answering_;
  std::deque<ConnectionPtr> answered_;
  bool stopping_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace evenkeel::web
