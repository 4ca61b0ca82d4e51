#include "agent/http/client_connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace evenkeel::http {

namespace {

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

}  // namespace

tl::expected<void, std::string> check_files(const TlsOptions& options) {
  return make_context(options).map([](const auto& /*made*/) {});
}

void ClientConnection::close() {
  boost::system::error_code ignored;
  socket.close(ignored);
}

bool ClientConnection::stale() {
  char byte = 0;
  const auto peeked = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (peeked < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
  // TLS 1.3 may leave a session ticket unread; without TLS nothing may come unasked.
  return peeked == 0 || !tls;
}

tl::expected<asio::ssl::context*, std::string> ClientTls::get() {
  if (!context_) {
    auto made = make_context(options_);
    if (!made) return tl::unexpected(std::move(made.error()));
    context_ = std::move(*made);
  }
  return context_.get();
}

tl::expected<void, std::string> ClientTls::renew() {
  if (!context_) return {};
  return make_context(options_).map([this](auto made) { context_ = std::move(made); });
}

void ConnectionPool::close_old(TimePoint now) {
  while (!idle_.empty() && now - idle_.front().since > idle_timeout_) idle_.pop_front();
}

std::unique_ptr<ClientConnection> ConnectionPool::take(const std::string& host, TimePoint now) {
  close_old(now);
  for (auto i = idle_.size(); i-- > 0;) {
    if (idle_[i].host != host) continue;
    auto connection = std::move(idle_[i].connection);
    idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    if (!connection->stale()) return connection;
  }
  return nullptr;
}

void ConnectionPool::keep(std::string host, std::unique_ptr<ClientConnection> connection,
                          TimePoint now) {
  close_old(now);
  const auto same_host = [&host](const Idle& idle) { return idle.host == host; };
  const auto kept = std::count_if(idle_.begin(), idle_.end(), same_host);
  if (static_cast<std::size_t>(kept) >= max_per_host_) {
    const auto oldest = std::find_if(idle_.begin(), idle_.end(), same_host);
    if (oldest == idle_.end()) return;  // none may be kept at all
    idle_.erase(oldest);
  }
  idle_.push_back({std::move(host), std::move(connection), now});
  while (idle_.size() > max_) idle_.pop_front();
}

}  // namespace evenkeel::http
