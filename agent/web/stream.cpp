#include "agent/web/stream.hpp"

#include <openssl/x509.h>

#include <array>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace evenkeel::web {
namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

// The common name, or the whole subject where it has none.
std::string name_of(X509* certificate) {
  auto* const subject = X509_get_subject_name(certificate);
  std::array<char, 256> name{};
  if (X509_NAME_get_text_by_NID(subject, NID_commonName, name.data(),
                                static_cast<int>(name.size())) <= 0) {
    X509_NAME_oneline(subject, name.data(), static_cast<int>(name.size()));
  }
  return name.data();
}

}  // namespace

struct Stream::Tls {
  Tls(Socket& socket, TlsContext the_context)
      : context(std::move(the_context)), stream(socket, *context) {}

  TlsContext context;  // a reload may have replaced it
  asio::ssl::stream<Socket&> stream;
};

Stream::Stream(Socket socket, const TlsContext& tls)
    : socket_(std::make_unique<Socket>(std::move(socket))) {
  if (tls) tls_ = std::make_unique<Tls>(*socket_, tls);
}

Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;

Awaitable<bool> Stream::handshake() {
  const auto [error] =
      co_await tls_->stream.async_handshake(asio::ssl::stream_base::server, kNoThrow);
  co_return !error;
}

std::optional<std::string> Stream::client_name() const {
  auto* const ssl = tls_->stream.native_handle();
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl),
                                                                &X509_free);
  if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK) return std::nullopt;
  return name_of(certificate.get());
}

Awaitable<std::size_t> Stream::read_some(asio::mutable_buffer to) {
  if (tls_) {
    const auto [error, size] = co_await tls_->stream.async_read_some(to, kNoThrow);
    co_return error ? 0 : size;
  }
  const auto [error, size] = co_await socket_->async_read_some(to, kNoThrow);
  co_return error ? 0 : size;
}

Awaitable<bool> Stream::write(std::string_view head, std::string_view body) {
  const std::array<asio::const_buffer, 2> both{asio::buffer(head), asio::buffer(body)};
  if (tls_) {
    const auto [error, size] = co_await asio::async_write(tls_->stream, both, kNoThrow);
    co_return !error;
  }
  const auto [error, size] = co_await asio::async_write(*socket_, both, kNoThrow);
  co_return !error;
}

Awaitable<void> Stream::end() {
  // Waits for the client to do the same; what it still sends is not looked at.
  if (tls_) co_await tls_->stream.async_shutdown(kNoThrow);
  boost::system::error_code ignored;
  socket_->shutdown(Socket::shutdown_send, ignored);
}

void Stream::cancel() {
  boost::system::error_code ignored;
  socket_->cancel(ignored);
}

void Stream::close() {
  boost::system::error_code ignored;
  socket_->close(ignored);
}

}  // namespace evenkeel::web
