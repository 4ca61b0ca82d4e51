#pragma once
// Connections of the client: TCP, with TLS on top if the URL asks for it, and the pool of those
// that wait for another call to the same server. Internal to the client.

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "agent/http/client.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::http {

// A TCP connection to a server, with or without TLS.
struct ClientConnection {
  explicit ClientConnection(const asio::any_io_executor& executor) : socket(executor) {}

  void close();
  // True if the other end has closed it, or has sent what nobody asked for.
  [[nodiscard]] bool stale();

  asio::ip::tcp::socket socket;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls;
  bool kept = false;  // has served a call before
};

// The TLS settings, loaded at the first https call: plain HTTP loads no certificates.
class ClientTls {
 public:
  explicit ClientTls(TlsOptions options) : options_(std::move(options)) {}
  // The error names the file. Files that cannot be read are tried again with the next call.
  [[nodiscard]] tl::expected<asio::ssl::context*, std::string> get();
  // Loads them again, if they are loaded; on an error they stay as they are.
  [[nodiscard]] tl::expected<void, std::string> renew();
  [[nodiscard]] bool verifies() const { return options_.verify; }

 private:
  TlsOptions options_;
  std::unique_ptr<asio::ssl::context> context_;
};

// The idle connections that are kept for reuse.
class ConnectionPool {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  ConnectionPool(std::size_t max_per_host, std::size_t max, std::chrono::seconds idle_timeout)
      : max_per_host_(max_per_host), max_(max), idle_timeout_(idle_timeout) {}

  // The newest idle connection to `host`; null if none is alive.
  [[nodiscard]] std::unique_ptr<ClientConnection> take(const std::string& host, TimePoint now);
  // Keeps the connection, and closes the oldest ones beyond the bounds.
  void keep(std::string host, std::unique_ptr<ClientConnection> connection, TimePoint now);
  void clear() { idle_.clear(); }
  [[nodiscard]] std::size_t size() const { return idle_.size(); }

 private:
  struct Idle {
    std::string host;
    std::unique_ptr<ClientConnection> connection;
    TimePoint since;
  };
  void close_old(TimePoint now);

  std::size_t max_per_host_;
  std::size_t max_;
  std::chrono::seconds idle_timeout_;
  std::deque<Idle> idle_;  // oldest first
};

}  // namespace evenkeel::http
