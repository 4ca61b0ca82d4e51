#pragma once
// Inside the client: a TCP connection, with TLS on top where the URL asks for it.

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <optional>
#include <string>

#include "agent/http/client.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::http {

struct Connection {
  explicit Connection(const asio::any_io_executor& executor) : socket(executor) {}

  void close();
  // The other end has closed it, or has sent what nobody asked for.
  [[nodiscard]] bool stale();

  asio::ip::tcp::socket socket;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls;
  bool kept = false;  // has served a call before
};

// The TLS settings, read when the first https URL is asked for: plain use loads no certificates.
class TlsContext {
 public:
  explicit TlsContext(TlsOptions options) : options_(std::move(options)) {}
  // The error names the file. Files that cannot be read are tried again with the next call.
  [[nodiscard]] tl::expected<asio::ssl::context*, std::string> get();
  [[nodiscard]] bool verifies() const { return options_.verify; }

 private:
  TlsOptions options_;
  std::unique_ptr<asio::ssl::context> context_;
};

class Call;
class Resolver;

// The system's words for what went wrong with a connection.
[[nodiscard]] std::string describe(const boost::system::error_code& error);

// Opens call.connection: resolves, connects, and agrees on TLS.
[[nodiscard]] Awaitable<tl::expected<void, Error>> open(Call& call, TlsContext& tls,
                                                        Resolver& resolver);

}  // namespace evenkeel::http
