#pragma once
// A client's socket, with or without TLS on it.

#include <cstddef>

#include "agent/util/asio.hpp"

namespace evenkeel::web {

class Stream {
 public:
  using Socket = asio::ip::tcp::socket;

  explicit Stream(Socket socket) : socket_(std::move(socket)) {}

  // Some bytes; 0 where the connection is at its end, failed or was cancelled.
  [[nodiscard]] Awaitable<std::size_t> read_some(asio::mutable_buffer to);
  // All of both; false where that failed or was cancelled.
  [[nodiscard]] Awaitable<bool> write(std::string_view head, std::string_view body);
  // Tells the client that nothing more will come.
  [[nodiscard]] Awaitable<void> end();

  void cancel();  // what is awaited now ends; the connection may be used on
  void close();   // what is awaited now ends, and so will whatever is awaited later

  [[nodiscard]] Socket& socket() { return socket_; }

 private:
  Socket socket_;
};

}  // namespace evenkeel::web
