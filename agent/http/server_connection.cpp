#include "agent/http/server_connection.hpp"

#include <fmt/chrono.h>
#include <openssl/x509.h>

#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/status.hpp>
#include <cassert>
#include <ctime>
#include <exception>
#include <tuple>
#include <utility>

namespace evenkeel::http {
namespace {

namespace beast = boost::beast;
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

// The certificate's common name, or its whole subject if it has none.
std::string name_of(X509* certificate) {
  auto* const subject = X509_get_subject_name(certificate);
  std::array<char, 256> name{};
  if (X509_NAME_get_text_by_NID(subject, NID_commonName, name.data(),
                                static_cast<int>(name.size())) <= 0) {
    X509_NAME_oneline(subject, name.data(), static_cast<int>(name.size()));
  }
  return name.data();
}

void add(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  // A line's end in a value would begin another header.
  for (const char c : value) head += c == '\r' || c == '\n' ? ' ' : c;
  head += "\r\n";
}

// True if content may follow the head of such a response (RFC 9110, section 6.4.1).
bool has_content(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string head_of(const ServerResponse& response, bool last) {
  const auto reason =
      beast::http::obsolete_reason(static_cast<beast::http::status>(response.status));
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", response.status,
                                 std::string_view(reason.data(), reason.size()));
  add(head, "Date", fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr))));
  if (has_content(response.status)) {
    add(head, "Content-Type", response.content_type);
    add(head, "Content-Length", std::to_string(response.body.size() + response.tail.size()));
  }
  for (const auto& [name, value] : response.headers) add(head, name, value);
  add(head, "Connection", last ? "close" : "keep-alive");
  return head + "\r\n";
}

}  // namespace

ServerConnection::ServerConnection(asio::ip::tcp::socket socket, std::string from,
                                   std::shared_ptr<ServerState> server)
    : Entry(std::move(from)),
      server_(std::move(server)),
      context_(server_->service->tls()),
      stream_(std::move(socket)) {
  if (context_) tls_.emplace(stream_, *context_);
  peer_.address = address;
  server_->table.add(*this);
  server_->service->connections(server_->table.size());
}

ServerConnection::~ServerConnection() {
  server_->table.remove(*this);
  server_->service->connections(server_->table.size());
}

void ServerConnection::evict() {
  if (!server_->stopping) server_->service->dropped("pushed_out");
  close();
}

void ServerConnection::drain() {
  draining_ = true;
  if (phase == Phase::idle || (phase == Phase::waiting && !sending_)) close();
}

void ServerConnection::close() {
  lost_ = true;
  stream_.close();
}

Awaitable<void> ServerConnection::run() {
  stream_.expires_after(server_->limits.request);
  const bool secure = co_await handshake();
  if (!secure) co_return;
  // GCC 12 miscompiles `while (co_await …)`: await into a variable first.
  bool more = co_await serve_one();
  while (more) {
    enter(Phase::idle);
    stream_.expires_after(server_->limits.idle);
    more = co_await serve_one();
  }
  co_await linger();
}

Awaitable<bool> ServerConnection::handshake() {
  if (!tls_) co_return true;
  const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::server, kNoThrow);
  if (error) {
    server_->service->dropped("handshake");
    co_return false;
  }
  auto* const ssl = tls_->native_handle();
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl),
                                                                &X509_free);
  peer_.verified = certificate && SSL_get_verify_result(ssl) == X509_V_OK;
  if (peer_.verified) peer_.certificate = name_of(certificate.get());
  stream_.expires_after(server_->limits.request);
  co_return true;
}

// Returns false after the last request.
Awaitable<bool> ServerConnection::serve_one() {
  assert(requests_ == 0 || requests_ < server_->limits.requests);
  reader_.emplace(server_->limits);
  begun_.reset();
  const bool came = co_await read_head();
  if (!came || lost_) co_return false;
  enter(Phase::busy);
  Service::Result result = tl::unexpected(reader_->refusal());
  if (!reader_->is_refused()) result = co_await server_->service->respond(*this);
  if (lost_) co_return false;
  const auto response =
      result ? *std::move(result) : server_->service->refuse(*this, result.error());
  // The begin of the next request is known only if this one was read to its end.
  const bool last = ++requests_ >= server_->limits.requests || !head().keep_alive ||
                    !reader_->is_done() || draining_;
  const bool taken = co_await send(response, last);
  co_return taken && !last && !draining_;
}

Awaitable<bool> ServerConnection::read_head() {
  for (;;) {
    if (!input_.empty() && !begun_) {
      begun_ = Clock::now();
      // A new connection is waiting already.
      if (phase == Phase::idle) enter(Phase::waiting);
      stream_.expires_at(*begun_ + server_->limits.request);
    }
    if (reader_->take(input_) != RequestReader::Progress::head) co_return true;
    const bool more = co_await read_on();
    if (!more) co_return false;
  }
}

Awaitable<ServerRequest::Body> ServerConnection::read_body() {
  // The service's own time does not count against the client's deadline.
  assert(begun_ && "the head has come");
  *begun_ += Clock::now() - since;
  phase = Phase::waiting;
  since = *begun_;
  stream_.expires_at(*begun_ + server_->limits.request);
  bool to_be_told = head().expects_continue && input_.empty();
  bool more = true;
  while (more && reader_->take(input_) == RequestReader::Progress::body) {
    if (std::exchange(to_be_told, false)) {
      lost_ = !co_await write("HTTP/1.1 100 Continue\r\n\r\n", "", "");
      if (lost_) break;
    }
    more = co_await read_on();
    if (more && !server_->table.hold(*this, reader_->body().size() + input_.size())) {
      co_return tl::unexpected(Refusal{.status = 503,
                                       .code = "busy",
                                       .message = "Too much is being read and answered. Try again.",
                                       .headers = {{"Retry-After", "1"}}});
    }
  }
  enter(Phase::busy);
  if (!reader_->is_done()) co_return tl::unexpected(reader_->refusal());
  co_return reader_->body();
}

// Reads more of a request; false: no more of it comes.
Awaitable<bool> ServerConnection::read_on() {
  const auto error = co_await read_some();
  if (error == beast::error::timeout && begun_) server_->service->dropped("too_slow");
  if (error) lost_ = true;
  co_return !error;
}

Awaitable<bool> ServerConnection::send(const ServerResponse& response, bool last) {
  const auto text = head_of(response, last);
  const bool bare = head().method == "HEAD" || !has_content(response.status);
  const SharedText body = bare ? SharedText() : response.body;
  const SharedText tail = bare ? SharedText() : response.tail;
  enter(Phase::waiting);
  sending_ = true;
  // Even if evictions do not free enough, this one response is sent.
  (void)server_->table.hold(*this, text.size() + tail.size(), body);
  stream_.expires_after(server_->limits.response);
  const bool taken = co_await write(text, body.str(), tail.str());
  sending_ = false;
  ConnectionTable::release(*this);
  co_return taken;
}

Awaitable<ServerConnection::Error> ServerConnection::read_some() {
  Error error;
  std::size_t size = 0;
  if (tls_) {
    std::tie(error, size) = co_await tls_->async_read_some(asio::buffer(piece_), kNoThrow);
  } else {
    std::tie(error, size) = co_await stream_.async_read_some(asio::buffer(piece_), kNoThrow);
  }
  input_.append(piece_.data(), size);
  co_return error;
}

Awaitable<bool> ServerConnection::write(std::string_view head, std::string_view body,
                                        std::string_view tail) {
  const std::array<asio::const_buffer, 3> all{asio::buffer(head), asio::buffer(body),
                                              asio::buffer(tail)};
  Error error;
  std::size_t size = 0;
  if (tls_) {
    std::tie(error, size) = co_await asio::async_write(*tls_, all, kNoThrow);
  } else {
    std::tie(error, size) = co_await asio::async_write(stream_, all, kNoThrow);
  }
  co_return !error;
}

// Shuts down the sending side and, for a moment, drains what the client still sends: closing with
// unread input would reset the connection, and the response might be lost with it.
Awaitable<void> ServerConnection::linger() {
  enter(Phase::idle);
  stream_.expires_after(server_->limits.linger);
  // Waits for the client's shutdown; what it still sends is dropped.
  if (tls_) co_await tls_->async_shutdown(kNoThrow);
  Error error;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
  while (!error && !draining_) {
    input_.clear();
    error = co_await read_some();
  }
}

}  // namespace evenkeel::http
