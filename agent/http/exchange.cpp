#include "agent/http/exchange.hpp"

#include <array>
#include <boost/asio/write.hpp>
#include <vector>

#include "agent/http/response_reader.hpp"

namespace evenkeel::http {

namespace {

constexpr std::size_t kPiece = 16u << 10;  // read at once
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

std::string head_of(const Request& request, const std::string& user_agent) {
  std::string head = request.method + ' ' + request.url.target + " HTTP/1.1\r\n";
  const auto add = [&head](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
  };
  add("Host", request.url.authority());
  add("User-Agent", user_agent);
  add("Accept", request.accept);
  add("Authorization", request.authorization);
  add("Content-Type", request.content_type);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    add("Content-Length", std::to_string(request.body.size()));
  }
  return head + "\r\n";
}

bool is_end_of_connection(const boost::system::error_code& error) {
  return error == asio::error::eof || error == asio::error::connection_reset ||
         error == asio::error::broken_pipe || error == asio::error::connection_aborted ||
         error == asio::ssl::error::stream_truncated;
}

template <typename Stream>
Awaitable<tl::expected<Answer, Error>> ask_on(Stream& stream, Call& call,
                                              const std::string& user_agent) {
  call.phase = Phase::waiting;
  const auto head = head_of(call.request, user_agent);
  const std::array<asio::const_buffer, 2> both{asio::buffer(head), asio::buffer(call.request.body)};
  const auto [write_error, written] = co_await asio::async_write(stream, both, kAsTuple);
  if (write_error || call.ending() != Ending::none) {
    call.unanswered = is_end_of_connection(write_error);
    co_return tl::unexpected(
        call.error(ErrorKind::reset, "the request was not taken: " + describe(write_error)));
  }

  using Progress = ResponseReader::Progress;
  ResponseReader reader(call.request);
  std::vector<char> piece(kPiece);
  std::string input;
  auto progress = Progress::head;
  while (progress == Progress::head || progress == Progress::body) {
    const auto [failure, size] = co_await stream.async_read_some(asio::buffer(piece), kAsTuple);
    if (call.ending() != Ending::none) {
      co_return tl::unexpected(call.error(ErrorKind::reset, describe(failure)));
    }
    if (failure && !is_end_of_connection(failure)) {
      co_return tl::unexpected(call.error(ErrorKind::reset, describe(failure)));
    }
    input.append(piece.data(), size);
    progress = failure ? reader.end(failure == asio::error::eof) : reader.take(input);
    if (progress == Progress::body) call.phase = Phase::reading;
    call.body_bytes = reader.body_bytes();
  }
  if (progress == Progress::failed) {
    call.unanswered = reader.is_empty();
    co_return tl::unexpected(call.error(reader.failure().kind, reader.failure().what));
  }
  Answer answer;
  answer.response = std::move(reader.response());
  answer.reusable = reader.keeps_alive() && input.empty();
  co_return answer;
}

}  // namespace

Awaitable<tl::expected<Answer, Error>> ask(Call& call, const std::string& user_agent) {
  auto& connection = *call.connection;
  if (connection.tls) return ask_on(*connection.tls, call, user_agent);
  return ask_on(connection.socket, call, user_agent);
}

}  // namespace evenkeel::http
