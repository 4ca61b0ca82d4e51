#pragma once
// Connections of a server. Internal to it.

#include <array>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <memory>
#include <optional>
#include <string>

#include "agent/http/connection_table.hpp"
#include "agent/http/request_reader.hpp"
#include "agent/http/server.hpp"

namespace evenkeel::http {

// The state that a server's connections share.
struct ServerState {
  ServerState(std::shared_ptr<Service> its_service, const Limits& its_limits)
      : service(std::move(its_service)), limits(its_limits), table(its_limits) {}

  std::shared_ptr<Service> service;
  Limits limits;
  ConnectionTable table;
  bool stopping = false;
};

// A connection, whose requests are served one after the other.
class ServerConnection final : public ConnectionTable::Entry, private ServerRequest {
 public:
  ServerConnection(asio::ip::tcp::socket socket, std::string from,
                   std::shared_ptr<ServerState> server);
  ~ServerConnection() override;

  // Serves the connection to its end. Keep the object until then.
  [[nodiscard]] Awaitable<void> run();

  void evict() override;
  void drain() override;

 private:
  using Clock = ConnectionTable::Clock;
  using Error = boost::system::error_code;

  [[nodiscard]] const RequestHead& head() const override { return reader_->head(); }
  [[nodiscard]] const Peer& peer() const override { return peer_; }
  [[nodiscard]] Awaitable<Body> read_body() override;

  [[nodiscard]] Awaitable<bool> handshake();
  [[nodiscard]] Awaitable<bool> serve_one();
  [[nodiscard]] Awaitable<bool> read_head();
  [[nodiscard]] Awaitable<bool> read_on();
  [[nodiscard]] Awaitable<bool> send(const ServerResponse& response, bool last);
  [[nodiscard]] Awaitable<Error> read_some();
  [[nodiscard]] Awaitable<bool> write(std::string_view head, std::string_view body,
                                      std::string_view tail);
  [[nodiscard]] Awaitable<void> linger();
  void close();

  std::shared_ptr<ServerState> server_;
  std::shared_ptr<asio::ssl::context> context_;  // a reload may replace the service's
  boost::beast::tcp_stream stream_;
  std::optional<asio::ssl::stream<boost::beast::tcp_stream&>> tls_;
  Peer peer_;
  std::optional<RequestReader> reader_;     // reads the request under way
  std::optional<Clock::time_point> begun_;  // when its first byte came, plus the service's own time
  bool lost_ = false;                       // nobody is there to take a response
  bool sending_ = false;
  bool draining_ = false;
  std::size_t requests_ = 0;
  std::string input_;  // received, but not used yet
  std::array<char, 8192> piece_{};
};

}  // namespace evenkeel::http
