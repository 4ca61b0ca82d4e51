#pragma once
// A TCP server for tests, on a free loopback port: each connection runs a script that reads and
// writes bytes as it likes, so that a server may be as bad as the test wants it.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agent/http/client.hpp"

namespace evenkeel::tests {

class Peer {
 public:
  virtual ~Peer() = default;

  // The next request, header and body; empty once the client has closed the connection.
  virtual std::string read_request() = 0;
  // False once the client no longer takes it.
  virtual bool write(std::string_view bytes) = 0;
  // The connection will end with a reset instead of an orderly close.
  virtual void end_with_reset() = 0;
  // Returns when the client closes the connection.
  void hang() {
    while (!read_request().empty()) {
    }
  }
};

class ScriptedServer {
 public:
  // Called for each connection, on a thread of its own; `number` counts connections from 1. The
  // connection is closed when it returns.
  using Script = std::function<void(Peer& peer, int number)>;

  explicit ScriptedServer(Script script, const std::string& address = "127.0.0.1");
  // With TLS: a certificate and its key, PEM.
  ScriptedServer(Script script, const std::string& certificate, const std::string& key);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] http::Url url(std::string target = "/") const;
  [[nodiscard]] int connections() const;  // accepted so far

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A whole answer with a Content-Length.
[[nodiscard]] std::string answer(std::string_view body, int status = 200,
                                 std::string_view more_headers = {});

// A script that answers every request of every connection with `reply`.
[[nodiscard]] ScriptedServer::Script always(std::string reply);

// A port on 127.0.0.1 that nobody listens on.
[[nodiscard]] std::uint16_t closed_port();

// Runs a coroutine to its end on `io`.
template <typename T>
T run(asio::io_context& io, Awaitable<T> awaitable) {
  std::optional<T> result;
  asio::co_spawn(io, std::move(awaitable), [&result](const std::exception_ptr& thrown, T value) {
    if (thrown) std::rethrow_exception(thrown);
    result = std::move(value);
  });
  io.restart();
  while (!result && io.run_one() > 0) {
  }
  return std::move(result.value());
}

}  // namespace evenkeel::tests
