#include "agent/http/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/write.hpp>
#include <vector>

#include "agent/http/response_reader.hpp"

namespace evenkeel::http {

namespace {

constexpr std::size_t kPiece = 16u << 10;  // bytes to read at once
// An address that has not answered by then is passed over, if there is another.
constexpr std::chrono::milliseconds kLongestAttempt{2'000};
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

std::string in_words(std::chrono::milliseconds duration) {
  if (duration.count() < 1000) return fmt::format("{} ms", duration.count());
  return fmt::format("{:g} s", static_cast<double>(duration.count()) / 1000);
}

// The system's words for what went wrong with a connection.
std::string describe(const boost::system::error_code& error) {
  if (error == asio::error::connection_refused) return "connection refused";
  if (error == asio::error::connection_reset) return "connection reset";
  return error.message();
}

// Makes OpenSSL check the certificate against the very name or address in the URL.
bool expect_host(SSL* ssl, const std::string& host, bool verify) {
  boost::system::error_code not_literal;
  asio::ip::make_address(host, not_literal);
  const bool literal = !not_literal;
  if (!literal && SSL_set_tlsext_host_name(ssl, host.c_str()) != 1) return false;
  if (!verify) return true;
  if (literal) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  return SSL_set1_host(ssl, host.c_str()) == 1;
}

Awaitable<tl::expected<void, Error>> connect(Call& call, Resolver& resolver) {
  auto endpoints = co_await call.resolve(resolver);
  if (!endpoints) co_return tl::unexpected(std::move(endpoints.error()));

  call.phase = Phase::connecting;
  const auto& host = call.request.url.host;
  boost::system::error_code error = asio::error::host_not_found;
  for (std::size_t i = 0; i < endpoints->size() && call.ending() == Ending::none; ++i) {
    const auto& endpoint = (*endpoints)[i];
    error = co_await call.connect_to(endpoint, endpoints->size() - i);
    if (error || call.ending() != Ending::none) continue;
    if (i > 0) resolver.prefer(host, endpoint.address());
    co_return tl::expected<void, Error>{};
  }
  resolver.forget(host);  // the host may have moved
  co_return tl::unexpected(call.error(ErrorKind::connect, describe(error)));
}

Awaitable<tl::expected<void, Error>> secure(Call& call, ClientTls& tls) {
  call.phase = Phase::securing;
  const auto context = tls.get();
  if (!context) co_return tl::unexpected(call.error(ErrorKind::tls, context.error()));

  auto& stream = call.connection->tls.emplace(call.connection->socket, **context);
  SSL* const ssl = stream.native_handle();
  boost::system::error_code error;
  stream.set_verify_mode(tls.verifies() ? asio::ssl::verify_peer : asio::ssl::verify_none, error);
  if (error || !expect_host(ssl, call.request.url.host, tls.verifies())) {
    co_return tl::unexpected(call.error(ErrorKind::tls, "TLS cannot use this host name"));
  }
  const auto [refused] = co_await stream.async_handshake(asio::ssl::stream_base::client, kAsTuple);
  if (!refused && call.ending() == Ending::none) co_return tl::expected<void, Error>{};

  const long verdict = SSL_get_verify_result(ssl);
  const std::string what = tls.verifies() && verdict != X509_V_OK
                               ? std::string("its certificate is not accepted: ") +
                                     X509_verify_cert_error_string(verdict) +
                                     " (is its CA the one in ca_file?)"
                               : "TLS handshake failed: " + refused.message();
  co_return tl::unexpected(call.error(ErrorKind::tls, what));
}

std::string head_of_request(const Request& request, const std::string& user_agent) {
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
Awaitable<tl::expected<Response, Error>> ask_on(Stream& stream, Call& call,
                                                const std::string& user_agent) {
  call.phase = Phase::waiting;
  const auto head = head_of_request(call.request, user_agent);
  const std::array<asio::const_buffer, 2> both{asio::buffer(head), asio::buffer(call.request.body)};
  if (call.ending() == Ending::none && call.request.may_send && !call.request.may_send()) {
    co_return tl::unexpected(call.error(ErrorKind::aborted, "not sent, since it came too late"));
  }
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
  call.reusable = reader.keeps_alive() && input.empty();
  co_return std::move(reader.response());
}

}  // namespace

Call::Call(asio::any_io_executor executor, Request call_request)
    : request(std::move(call_request)),
      executor_(std::move(executor)),
      deadline_(executor_),
      attempt_(executor_),
      resolved_(executor_, asio::steady_timer::time_point::max()) {}

void Call::start() {
  deadline_.expires_after(request.deadline);
  deadline_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    if (error) return;
    if (const auto call = weak.lock()) call->interrupt(Ending::deadline);
  });
}

void Call::interrupt(Ending ending) {
  if (ending_ != Ending::none) return;
  ending_ = ending;
  if (connection) connection->close();
  resolved_.cancel();
}

void Call::give_up_attempt_after(std::chrono::milliseconds patience) {
  attempt_.expires_after(patience);
  attempt_.async_wait(
      [weak = weak_from_this(), attempt = attempts_](boost::system::error_code error) {
        const auto call = weak.lock();
        if (!error && call && call->attempts_ == attempt) call->connection->close();
      });
}

Awaitable<boost::system::error_code> Call::connect_to(const asio::ip::tcp::endpoint& endpoint,
                                                      std::size_t addresses_left) {
  connection = std::make_unique<ClientConnection>(executor_);
  if (addresses_left > 1) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        deadline_.expiry() - asio::steady_timer::clock_type::now());
    give_up_attempt_after(std::min(kLongestAttempt, left / static_cast<int>(addresses_left)));
  }
  const auto [error] = co_await connection->socket.async_connect(endpoint, kAsTuple);
  ++attempts_;
  attempt_.cancel();
  if (!connection->socket.is_open() && ending_ == Ending::none) co_return asio::error::timed_out;
  co_return error;
}

Awaitable<tl::expected<Endpoints, Error>> Call::resolve(Resolver& resolver) {
  phase = Phase::resolving;
  boost::system::error_code not_literal;
  const auto literal = asio::ip::make_address(request.url.host, not_literal);
  if (!not_literal) co_return Endpoints{{literal, request.url.port}};

  // The look-up cannot be interrupted: wait for a timer, which the call's end cancels as well.
  resolver.resolve(request.url.host, weak_from_this(), [this](const LookedUp& found) {
    addresses_ = found;
    resolved_.cancel();
  });
  co_await resolved_.async_wait(kAsTuple);

  if (ending_ != Ending::none || !addresses_ || addresses_->empty()) {
    const std::string reason = addresses_ ? "it has no address" : addresses_.error();
    co_return tl::unexpected(
        error(ErrorKind::resolve, "cannot resolve " + request.url.host + ": " + reason));
  }
  Endpoints endpoints;
  for (const auto& address : *addresses_) endpoints.emplace_back(address, request.url.port);
  co_return endpoints;
}

std::string Call::too_late() const {
  const std::string within = " within " + in_words(request.deadline);
  switch (phase) {
    case Phase::resolving:
      return "the host's name was not resolved" + within;
    case Phase::connecting:
      return "no connection" + within;
    case Phase::securing:
      return "no TLS handshake" + within;
    case Phase::waiting:
      return "no answer" + within;
    case Phase::reading:
      return "the answer did not end" + within + fmt::format(" ({} bytes came)", body_bytes);
  }
  return "no answer" + within;
}

Error Call::error(ErrorKind kind, std::string_view what) const {
  const std::string where = request.method + " " + request.url.str() + ": ";
  switch (ending_) {
    case Ending::deadline:
      return {ErrorKind::timeout, where + too_late()};
    case Ending::cancelled:
      return {ErrorKind::cancelled, where + "cancelled"};
    case Ending::none:
      break;
  }
  return {kind, where + std::string(what)};
}

Awaitable<tl::expected<void, Error>> open(Call& call, ClientTls& tls, Resolver& resolver) {
  auto connected = co_await connect(call, resolver);
  if (!connected || !call.request.url.tls) co_return connected;
  co_return co_await secure(call, tls);
}

Awaitable<tl::expected<Response, Error>> ask(Call& call, const std::string& user_agent) {
  auto& connection = *call.connection;
  if (connection.tls) return ask_on(*connection.tls, call, user_agent);
  return ask_on(connection.socket, call, user_agent);
}

}  // namespace evenkeel::http
