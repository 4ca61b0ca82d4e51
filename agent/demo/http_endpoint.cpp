#include "agent/demo/http_endpoint.hpp"

#include <array>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <unordered_set>
#include <utility>

namespace evenkeel::demo {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using Parser = http::request_parser<http::string_body>;

constexpr std::size_t kMaxBody = 1u << 20;    // bytes
constexpr std::uint32_t kMaxHeader = 16'384;  // bytes
constexpr std::size_t kMaxConnections = 64;   // on one port; more are closed at once
// For a whole request to come, counted from the end of the last answer; for an answer to be taken.
constexpr std::chrono::seconds kRequestTimeout{60};
constexpr std::chrono::seconds kAnswerTimeout{10};
constexpr std::chrono::milliseconds kAcceptPause{50};  // after an error of accept

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

HttpReply plain(http::status status, const char* text) {
  return {static_cast<int>(status), "text/plain; charset=utf-8", text, nullptr};
}

// The answer to a request that could not be read; none where nobody is there to take one.
std::optional<HttpReply> answer_to(const beast::error_code& error) {
  if (error == http::error::end_of_stream || error == http::error::partial_message) return {};
  if (error == http::error::body_limit) {
    return plain(http::status::payload_too_large, "413 request body too large");
  }
  if (error == http::error::header_limit) {
    return plain(http::status::request_header_fields_too_large, "431 request header too large");
  }
  if (error.category() == make_error_code(http::error::bad_method).category()) {
    return plain(http::status::bad_request, "400 Bad Request");
  }
  return {};
}

Awaitable<bool> send(beast::tcp_stream& stream, const HttpReply& reply, bool keep_alive) {
  http::response<http::empty_body> head{http::int_to_status(static_cast<unsigned>(reply.status)),
                                        11};
  const std::size_t size = reply.body.size() + (reply.tail ? reply.tail->size() : 0);
  head.set(http::field::content_type, reply.content_type);
  head.content_length(size);
  head.keep_alive(keep_alive);
  stream.expires_after(kAnswerTimeout);
  http::response_serializer<http::empty_body> serializer{head};
  const auto [head_error, head_size] =
      co_await http::async_write_header(stream, serializer, kAsTuple);
  if (head_error) co_return false;
  const std::array<asio::const_buffer, 2> buffers{
      asio::buffer(reply.body), reply.tail ? asio::buffer(*reply.tail) : asio::const_buffer{}};
  const auto [error, written] = co_await asio::async_write(stream, buffers, kAsTuple);
  co_return !error;
}

HttpRequest request_of(Parser& parser) {
  auto message = parser.release();
  std::string path(message.target());
  const auto mark = std::min(path.size(), path.find('?'));
  std::string query = mark < path.size() ? path.substr(mark + 1) : std::string();
  path.resize(mark);
  return {std::string(message.method_string()), std::move(path), std::move(message.body()),
          std::move(query), std::string(message[http::field::authorization])};
}

}  // namespace

struct HttpEndpoint::State {
  State(const asio::any_io_executor& executor, HttpHandler handle)
      : acceptor(executor), handler(std::move(handle)) {}

  tcp::acceptor acceptor;
  HttpHandler handler;
  std::unordered_set<beast::tcp_stream*> streams;  // of the connections that are open

  void close() {
    beast::error_code ignored;
    acceptor.close(ignored);
    for (auto* stream : streams) stream->close();
  }

  static Awaitable<void> serve(std::shared_ptr<State> state, tcp::socket socket);
  static Awaitable<void> accept(std::shared_ptr<State> state);
};

Awaitable<void> HttpEndpoint::State::serve(std::shared_ptr<State> state, tcp::socket socket) {
  beast::tcp_stream stream(std::move(socket));
  struct Listed {
    State& state;
    beast::tcp_stream& stream;
    Listed(State& s, beast::tcp_stream& t) : state(s), stream(t) { state.streams.insert(&stream); }
    ~Listed() { state.streams.erase(&stream); }
    Listed(const Listed&) = delete;
    Listed& operator=(const Listed&) = delete;
  } const listed(*state, stream);

  beast::error_code ignored;
  stream.socket().set_option(tcp::no_delay(true), ignored);
  beast::flat_buffer buffer(kMaxHeader + kMaxBody);
  bool open = true;
  while (open && state->acceptor.is_open()) {
    Parser parser;
    parser.header_limit(kMaxHeader);
    parser.body_limit(kMaxBody);
    stream.expires_after(kRequestTimeout);
    const auto [error, size] = co_await http::async_read(stream, buffer, parser, kAsTuple);
    if (error) {
      if (const auto reply = answer_to(error)) co_await send(stream, *reply, false);
      break;
    }
    const bool keep_alive = parser.keep_alive();
    stream.expires_never();  // a handler takes the time it needs
    auto request = request_of(parser);
    const HttpReply reply = co_await state->handler(std::move(request));
    if (!state->acceptor.is_open()) break;
    const bool sent = co_await send(stream, reply, keep_alive);
    open = sent && keep_alive;
  }
  stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

Awaitable<void> HttpEndpoint::State::accept(std::shared_ptr<State> state) {
  while (state->acceptor.is_open()) {
    auto [error, socket] = co_await state->acceptor.async_accept(kAsTuple);
    if (error) {
      if (!state->acceptor.is_open()) break;
      asio::steady_timer pause(state->acceptor.get_executor(), kAcceptPause);
      co_await pause.async_wait(kAsTuple);
      continue;
    }
    if (state->streams.size() >= kMaxConnections) continue;  // closes it
    asio::co_spawn(state->acceptor.get_executor(), serve(state, std::move(socket)), asio::detached);
  }
}

HttpEndpoint::HttpEndpoint(const asio::any_io_executor& executor, HttpHandler handler,
                           std::uint16_t port)
    : state_(std::make_shared<State>(executor, std::move(handler))) {
  const tcp::endpoint loopback(asio::ip::address_v4::loopback(), port);
  state_->acceptor.open(loopback.protocol());
  // A port that was ours a moment ago may be ours again.
  if (port != 0) state_->acceptor.set_option(tcp::acceptor::reuse_address(true));
  state_->acceptor.bind(loopback);
  state_->acceptor.listen();
  port_ = state_->acceptor.local_endpoint().port();
  asio::co_spawn(executor, State::accept(state_), asio::detached);
}

HttpEndpoint::~HttpEndpoint() {
  state_->close();
}

}  // namespace evenkeel::demo
