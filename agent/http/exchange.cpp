#include "agent/http/exchange.hpp"

#include <fmt/format.h>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace evenkeel::http {

namespace {

namespace beast = boost::beast;
namespace wire = boost::beast::http;

constexpr std::size_t kHeaderLimit = 64u << 10;
constexpr std::size_t kChunk = 16u << 10;          // read at once
constexpr std::size_t kErrorBodyKept = 64u << 10;  // of an answer that nobody streams
constexpr std::size_t kReservedAtMost = 1u << 20;  // on the word of a Content-Length

// Where the body goes: to the request's on_body, or into the response.
struct Sink {
  explicit Sink(Call& c) : call(c) {}

  // False: stop the call.
  bool take(std::string_view piece) {
    call.body_bytes += piece.size();
    if (streams) return call.request.on_body(piece);
    body.append(piece.substr(0, std::min(piece.size(), keep_at_most - body.size())));
    return true;
  }

  Call& call;
  bool streams = false;
  std::size_t keep_at_most = 0;
  std::string body;
  std::string stopped;  // why take() ended the call
};

// A Beast body that hands each piece on as it is parsed, so that no body is held twice.
struct SinkBody {
  using value_type = Sink*;

  class reader {
   public:
    template <bool isRequest, class Fields>
    reader(wire::header<isRequest, Fields>&, value_type& sink) : sink_(sink) {}

    void init(const boost::optional<std::uint64_t>& length, beast::error_code& error) {
      error = {};
      if (!sink_->streams && length)
        sink_->body.reserve(std::min<std::size_t>(*length, kReservedAtMost));
    }

    template <class Buffers>
    std::size_t put(const Buffers& buffers, beast::error_code& error) {
      std::size_t taken = 0;
      for (const auto buffer : beast::buffers_range_ref(buffers)) {
        if (!give({static_cast<const char*>(buffer.data()), buffer.size()})) {
          error = asio::error::operation_aborted;
          return taken;
        }
        taken += buffer.size();
      }
      error = {};
      return taken;
    }

    void finish(beast::error_code& error) { error = {}; }

   private:
    bool give(std::string_view piece) {
      try {
        if (sink_->take(piece)) return true;
        sink_->stopped = "the answer was not wanted to its end";
      } catch (const std::exception& thrown) {
        sink_->stopped = std::string("the answer could not be taken: ") + thrown.what();
      }
      return false;
    }

    value_type& sink_;  // set once the parser is made
  };
};

using Parser = wire::response_parser<SinkBody>;

wire::request<wire::string_body> wire_request(const Request& request,
                                              const std::string& user_agent) {
  wire::request<wire::string_body> message;
  message.method_string(request.method);
  message.target(request.url.target);
  message.version(11);
  message.set(wire::field::host, request.url.authority());
  message.set(wire::field::user_agent, user_agent);
  if (!request.accept.empty()) message.set(wire::field::accept, request.accept);
  if (!request.authorization.empty()) {
    message.set(wire::field::authorization, request.authorization);
  }
  if (!request.content_type.empty()) message.set(wire::field::content_type, request.content_type);
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

bool is_end_of_connection(const beast::error_code& error) {
  return error == wire::error::end_of_stream || error == asio::error::eof ||
         error == asio::error::connection_reset || error == asio::error::broken_pipe ||
         error == asio::error::connection_aborted || error == asio::ssl::error::stream_truncated;
}

std::string mebibytes(std::size_t bytes) {
  return fmt::format("{:g} MiB", static_cast<double>(bytes) / (1u << 20));
}

Error too_large(const Call& call) {
  return call.error(ErrorKind::too_large,
                    "the answer is over the " + mebibytes(call.request.max_body) + " taken");
}

Error header_error(Call& call, const Parser& parser, const beast::error_code& error) {
  if (error == wire::error::body_limit) return too_large(call);
  if (error == wire::error::header_limit || error == wire::error::buffer_overflow) {
    return call.error(ErrorKind::protocol,
                      fmt::format("the answer's header is over {} KiB", kHeaderLimit >> 10));
  }
  if (is_end_of_connection(error) && !parser.got_some()) {
    call.unanswered = true;
    return call.error(ErrorKind::reset, "the connection was closed without an answer");
  }
  if (is_end_of_connection(error) || error == wire::error::partial_message) {
    return call.error(ErrorKind::reset, "the answer ended within its header");
  }
  if (error.category() == make_error_code(wire::error::bad_version).category()) {
    return call.error(ErrorKind::protocol, "the answer is not HTTP/1.1: " + error.message());
  }
  return call.error(ErrorKind::reset, describe(error));
}

Error body_error(const Call& call, const Parser& parser, const Sink& sink,
                 const beast::error_code& error) {
  if (!sink.stopped.empty()) return call.error(ErrorKind::aborted, sink.stopped);
  if (error == wire::error::body_limit) return too_large(call);
  if (is_end_of_connection(error) || error == wire::error::partial_message) {
    const auto length = parser.content_length();
    return call.error(
        ErrorKind::reset,
        length ? fmt::format("the answer ended after {} of {} bytes", call.body_bytes, *length)
               : fmt::format("the answer ended after {} bytes, before its end", call.body_bytes));
  }
  return call.error(ErrorKind::protocol, fmt::format("the answer makes no sense after {} bytes: {}",
                                                     call.body_bytes, error.message()));
}

Error redirect(const Call& call, const Parser& parser) {
  const auto& message = parser.get();
  const std::string_view location = message[wire::field::location];
  return call.error(ErrorKind::redirect,
                    fmt::format("redirected to '{}' (HTTP {}); name the final address",
                                location.substr(0, 200), message.result_int()));
}

template <typename Stream>
Awaitable<tl::expected<Answer, Error>> ask_on(Stream& stream, Call& call,
                                              const std::string& user_agent) {
  call.phase = Phase::waiting;
  const auto message = wire_request(call.request, user_agent);
  const auto [write_error, written] =
      co_await wire::async_write(stream, message, asio::as_tuple(asio::use_awaitable));
  if (write_error || call.ending() != Ending::none) {
    call.unanswered = is_end_of_connection(write_error);
    co_return tl::unexpected(
        call.error(ErrorKind::reset, "the request was not taken: " + describe(write_error)));
  }

  Sink sink(call);
  Parser parser;
  parser.get().body() = &sink;
  parser.header_limit(kHeaderLimit);
  parser.body_limit(call.request.max_body);
  parser.skip(call.request.method == "HEAD");
  beast::flat_buffer buffer(kHeaderLimit + kChunk);
  buffer.reserve(kChunk);

  const auto [header_failure, header_bytes] =
      co_await wire::async_read_header(stream, buffer, parser, asio::as_tuple(asio::use_awaitable));
  if (header_failure || call.ending() != Ending::none) {
    co_return tl::unexpected(header_error(call, parser, header_failure));
  }
  const auto status = static_cast<int>(parser.get().result_int());
  if (status >= 300 && status < 400) co_return tl::unexpected(redirect(call, parser));
  if (status < 200) {
    co_return tl::unexpected(
        call.error(ErrorKind::protocol, fmt::format("HTTP {} was not asked for", status)));
  }

  call.phase = Phase::reading;
  const bool wanted = status == 200 || !call.request.on_body;
  sink.streams = status == 200 && call.request.on_body;
  sink.keep_at_most = wanted ? call.request.max_body : kErrorBodyKept;
  if (!parser.is_done()) {
    const auto [body_failure, body_bytes] =
        co_await wire::async_read(stream, buffer, parser, asio::as_tuple(asio::use_awaitable));
    if (body_failure || call.ending() != Ending::none) {
      co_return tl::unexpected(body_error(call, parser, sink, body_failure));
    }
  }

  Answer answer;
  answer.response.status = status;
  answer.response.content_type = std::string(parser.get()[wire::field::content_type]);
  answer.response.body = std::move(sink.body);
  answer.response.body_bytes = call.body_bytes;
  answer.reusable = parser.keep_alive() && buffer.size() == 0;
  co_return answer;
}

}  // namespace

Awaitable<tl::expected<Answer, Error>> ask(Call& call, const std::string& user_agent) {
  auto& connection = *call.connection;
  if (connection.tls) return ask_on(*connection.tls, call, user_agent);
  return ask_on(connection.socket, call, user_agent);
}

}  // namespace evenkeel::http
