#pragma once
// A client for tests that knows nothing of HTTP: sends a text and reads until the other side
// closes.

#include <array>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <utility>

#include "agent/util/asio.hpp"

namespace evenkeel::demo {

// Runs the io_context until the coroutine is done.
template <typename T>
T run(asio::io_context& io, Awaitable<T> body) {
  std::optional<T> result;
  std::exception_ptr thrown;
  asio::co_spawn(io, std::move(body), [&](const std::exception_ptr& error, T value) {
    thrown = error;
    result = std::move(value);
  });
  io.restart();
  while (!result && io.run_one() > 0) {
  }
  if (thrown) std::rethrow_exception(thrown);
  return *std::move(result);
}

inline Awaitable<std::string> conversation(std::uint16_t port, std::string text) {
  constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);
  asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
  const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), port);
  co_await socket.async_connect(server, asio::use_awaitable);
  co_await asio::async_write(socket, asio::buffer(text), as_tuple);
  socket.shutdown(asio::ip::tcp::socket::shutdown_send);
  std::string answer;
  co_await asio::async_read(socket, asio::dynamic_buffer(answer), as_tuple);
  co_return answer;
}

inline std::string talk(asio::io_context& io, std::uint16_t port, const std::string& text) {
  return run(io, conversation(port, text));
}

}  // namespace evenkeel::demo
