#include "agent/http/connection.hpp"

#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <cerrno>

#include "agent/http/call.hpp"

namespace evenkeel::http {

namespace {

using asio::ip::tcp;

// A context that is complete, or the error that names the file at fault.
tl::expected<std::unique_ptr<asio::ssl::context>, std::string> make_context(
    const TlsOptions& options) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);

  boost::system::error_code error;
  const auto failed = [&error](std::string_view what, const std::string& file) {
    return tl::unexpected("cannot use the " + std::string(what) + " '" + file +
                          "': " + error.message());
  };
  if (options.ca_file.empty()) {
    context->set_default_verify_paths(error);
    if (error) return failed("certificates of", "the system");
  } else {
    context->load_verify_file(options.ca_file, error);
    if (error) return failed("CA file", options.ca_file);
  }
  if (!options.cert_file.empty()) {
    context->use_certificate_chain_file(options.cert_file, error);
    if (error) return failed("client certificate", options.cert_file);
    context->use_private_key_file(options.key_file, asio::ssl::context::pem, error);
    if (error) return failed("client key", options.key_file);
  }
  return context;
}

// OpenSSL checks the certificate against the very name or address that the URL has.
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
  call.connection = std::make_unique<Connection>(call.executor());
  const auto [error, endpoint] = co_await asio::async_connect(call.connection->socket, *endpoints,
                                                              asio::as_tuple(asio::use_awaitable));
  if (error || call.ending() != Ending::none) {
    resolver.forget(call.request.url.host);  // it may have moved
    co_return tl::unexpected(call.error(ErrorKind::connect, describe(error)));
  }
  co_return tl::expected<void, Error>{};
}

Awaitable<tl::expected<void, Error>> secure(Call& call, TlsContext& tls) {
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
  const auto [refused] = co_await stream.async_handshake(asio::ssl::stream_base::client,
                                                         asio::as_tuple(asio::use_awaitable));
  if (!refused && call.ending() == Ending::none) co_return tl::expected<void, Error>{};

  const long verdict = SSL_get_verify_result(ssl);
  const std::string what = tls.verifies() && verdict != X509_V_OK
                               ? std::string("its certificate is not accepted: ") +
                                     X509_verify_cert_error_string(verdict) +
                                     " (is its CA the one in ca_file?)"
                               : "TLS handshake failed: " + refused.message();
  co_return tl::unexpected(call.error(ErrorKind::tls, what));
}

}  // namespace

void Connection::close() {
  boost::system::error_code ignored;
  socket.close(ignored);
}

bool Connection::stale() {
  char byte = 0;
  const auto peeked = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (peeked < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
  // TLS 1.3 may leave a session ticket unread; without TLS nothing may come unasked.
  return peeked == 0 || !tls;
}

tl::expected<asio::ssl::context*, std::string> TlsContext::get() {
  if (!context_) {
    auto made = make_context(options_);
    if (!made) return tl::unexpected(std::move(made.error()));
    context_ = std::move(*made);
  }
  return context_.get();
}

std::string describe(const boost::system::error_code& error) {
  if (error == asio::error::connection_refused) return "connection refused";
  if (error == asio::error::connection_reset) return "connection reset";
  return error.message();
}

Awaitable<tl::expected<void, Error>> open(Call& call, TlsContext& tls, Resolver& resolver) {
  auto connected = co_await connect(call, resolver);
  if (!connected || !call.request.url.tls) co_return connected;
  co_return co_await secure(call, tls);
}

}  // namespace evenkeel::http
