#pragma once
// One client's connection. Nothing a client does or leaves undone makes a call here take longer
// than its deadline, or lets a request grow beyond its bound.

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstddef>

#include "agent/web/file_descriptor.hpp"

namespace evenkeel::web {

struct ConnectionLimits {
  std::chrono::milliseconds read_time{5'000};    // for a whole request, from its begin
  std::chrono::milliseconds write_time{10'000};  // for a whole answer
  std::chrono::milliseconds parting_time{200};
  std::size_t max_request = 128u << 10;  // bytes of head and body together
};

class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  // `socket` does not block.
  explicit Connection(FileDescriptor socket, ConnectionLimits limits = {});

  // A new request begins: its time and its bytes count from here.
  void begin_request();
  // Some bytes of the request: more than 0; 0 at its end; −1 on an error, out of time, or beyond
  // the bound.
  [[nodiscard]] ssize_t read(char* to, std::size_t size);
  // Some bytes of the answer; −1 on an error or out of time.
  [[nodiscard]] ssize_t write(const char* from, std::size_t size);
  // Ends the sending side, and takes for a moment what the client is still sending: closing with
  // input unread would reset the connection, and the answer might be lost with it.
  void part();
  // Makes reads and writes end. The one function for other threads.
  void abort();

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] bool has_input() const { return next_ < end_; }  // read ahead of what was asked for
  [[nodiscard]] std::size_t requests() const { return requests_; }  // begun so far

 private:
  [[nodiscard]] bool wait_for(short event) const;
  [[nodiscard]] ssize_t receive(char* to, std::size_t size) const;

  FileDescriptor socket_;
  ConnectionLimits limits_;
  std::array<char, 4096> input_{};
  std::size_t next_ = 0, end_ = 0;  // of input_: what was received and not read yet
  std::size_t requests_ = 0;
  std::size_t left_to_read_ = 0;
  bool answering_ = false;
  Clock::time_point deadline_{};
};

}  // namespace evenkeel::web
