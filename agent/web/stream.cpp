#include "agent/web/stream.hpp"

#include <array>
#include <boost/asio/write.hpp>

namespace evenkeel::web {
namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

}  // namespace

Awaitable<std::size_t> Stream::read_some(asio::mutable_buffer to) {
  const auto [error, size] = co_await socket_.async_read_some(to, kNoThrow);
  co_return error ? 0 : size;
}

Awaitable<bool> Stream::write(std::string_view head, std::string_view body) {
  const std::array<asio::const_buffer, 2> both{asio::buffer(head), asio::buffer(body)};
  const auto [error, size] = co_await asio::async_write(socket_, both, kNoThrow);
  co_return !error;
}

Awaitable<void> Stream::end() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  co_return;
}

void Stream::cancel() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Stream::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace evenkeel::web
