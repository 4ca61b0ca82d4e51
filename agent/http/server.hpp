#pragma once
// Inbound HTTP/1.1 on one port, with TLS or without. All connections are coroutines on one
// executor: a strand, or one of a single thread. Even hundreds of slow clients keep nobody else
// waiting, since each step of a client has a deadline in Limits.

#include <boost/asio/ssl/context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "agent/http/limits.hpp"
#include "agent/http/server_messages.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::http {

// A request whose head has come.
class ServerRequest {
 public:
  virtual ~ServerRequest() = default;
  [[nodiscard]] virtual const RequestHead& head() const = 0;
  [[nodiscard]] virtual const Peer& peer() const = 0;

  // Reads the body, after 100 Continue if the client waits for that. The view is valid as long as
  // the request. The refusal is for Service::respond() to return.
  using Body = tl::expected<std::string_view, Refusal>;
  [[nodiscard]] virtual Awaitable<Body> read_body() = 0;
};

// The application behind a server. Called on the server's executor.
class Service {
 public:
  using Result = tl::expected<ServerResponse, Refusal>;

  virtual ~Service() = default;
  // Serves a request. If the body is left unread, the connection ends after the response; on an
  // exception, at once.
  [[nodiscard]] virtual Awaitable<Result> respond(ServerRequest& request) = 0;
  // Makes the response to a refusal, which is respond()'s or the server's own. The latter may come
  // before the whole head is known.
  [[nodiscard]] virtual ServerResponse refuse(const ServerRequest& request, const Refusal& refusal);

  // The TLS context for the next connection; null: no TLS.
  [[nodiscard]] virtual std::shared_ptr<asio::ssl::context> tls() const { return nullptr; }
  // Called when a connection or a request ends without a response. `why`: "handshake",
  // "no_descriptors", "no_room", "pushed_out" or "too_slow".
  virtual void dropped(const char* /*why*/) {}
  // Called when the number of open connections has changed.
  virtual void connections(std::size_t /*now*/) {}
};

// An HTTP server on one port.
class Server {
 public:
  // Accepts on the acceptor's executor from now on.
  Server(asio::ip::tcp::acceptor acceptor, std::shared_ptr<Service> service, Limits limits = {});
  // Closes the port and every connection. Requests under way go on, but are not answered.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // Closes the port and the connections that wait for a request at once, the others when their
  // request is answered, or after Limits::grace.
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Opens a server's socket. Port 0: any free one. An empty host means all interfaces, IPv6 and IPv4;
// for a name with addresses of both families, IPv4 is taken. A port that is in use is an error,
// even if its owner would share it.
[[nodiscard]] tl::expected<asio::ip::tcp::acceptor, boost::system::error_code> listen(
    const asio::any_io_executor& executor, const std::string& host, std::uint16_t port);

}  // namespace evenkeel::http
