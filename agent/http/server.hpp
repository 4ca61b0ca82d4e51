#pragma once
// Inbound HTTP/1.1 on one port, with TLS or without. All connections are coroutines on one
// executor, whose calls must not overlap: a slow client, or hundreds of them, keep nobody else
// waiting. What a client does or leaves undone lasts no longer than its limit.

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

  // Reads the body; a client that waits to be told to send it is told to. The view is valid as long
  // as the request. The refusal is for Service::respond() to return.
  using Body = tl::expected<std::string_view, Refusal>;
  [[nodiscard]] virtual Awaitable<Body> read_body() = 0;
};

// What a server serves. Called on its executor.
class Service {
 public:
  using Result = tl::expected<ServerResponse, Refusal>;

  virtual ~Service() = default;
  // Where the body is not read, the connection ends after the response. An exception ends it at
  // once.
  [[nodiscard]] virtual Awaitable<Result> respond(ServerRequest& request) = 0;
  // The response that tells of a refusal, which is one of respond() or of the server itself. That
  // one may come before the whole head is known.
  [[nodiscard]] virtual ServerResponse refuse(const ServerRequest& request, const Refusal& refusal);

  // For the next connection; null: no TLS.
  [[nodiscard]] virtual std::shared_ptr<asio::ssl::context> tls() const { return nullptr; }
  // A connection, or a request, was ended without a response: "handshake", "no_descriptors",
  // "no_room", "pushed_out", "too_slow".
  virtual void dropped(const char* /*why*/) {}
  virtual void connections(std::size_t /*now*/) {}
};

class Server {
 public:
  // Accepts on the acceptor's executor from now on.
  Server(asio::ip::tcp::acceptor acceptor, std::shared_ptr<Service> service, Limits limits = {});
  // Closes the port and every connection; a request under way is worked on, but not answered.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // Closes the port and the connections that wait for a request now, the others when their request
  // is answered, and after Limits::grace at the latest.
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// The socket for a server. Port 0: any free one. An empty host means all interfaces, IPv6 and IPv4;
// of a name with addresses of both kinds, IPv4 is taken. A port that another program listens on is
// refused, even where that program would share it.
[[nodiscard]] tl::expected<asio::ip::tcp::acceptor, boost::system::error_code> listen(
    const asio::any_io_executor& executor, const std::string& host, std::uint16_t port);

}  // namespace evenkeel::http
