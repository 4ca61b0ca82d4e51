#pragma once
// A client's socket, with or without TLS on it.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "agent/util/asio.hpp"
#include "agent/web/tls.hpp"

namespace evenkeel::web {

class Stream {
 public:
  using Socket = asio::ip::tcp::socket;

  // `tls` null: none.
  Stream(Socket socket, const TlsContext& tls);
  ~Stream();
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) = delete;

  // Before anything else where there is TLS; false: it failed or was cancelled.
  [[nodiscard]] bool is_secure() const { return tls_ != nullptr; }
  [[nodiscard]] Awaitable<bool> handshake();
  // The name in the client's certificate; none where it showed none. After the handshake, which
  // fails where the certificate is not believed.
  [[nodiscard]] std::optional<std::string> client_name() const;

  // Some bytes; 0 where the connection is at its end, failed or was cancelled.
  [[nodiscard]] Awaitable<std::size_t> read_some(asio::mutable_buffer to);
  // All of both; false where that failed or was cancelled.
  [[nodiscard]] Awaitable<bool> write(std::string_view head, std::string_view body);
  // Tells the client that nothing more will come.
  [[nodiscard]] Awaitable<void> end();

  void cancel();  // what is awaited now ends; the connection may be used on
  void close();   // what is awaited now ends, and so will whatever is awaited later

  [[nodiscard]] Socket& socket() { return *socket_; }

 private:
  struct Tls;

  std::unique_ptr<Socket> socket_;  // at one place, for TLS refers to it
  std::unique_ptr<Tls> tls_;
};

}  // namespace evenkeel::web
