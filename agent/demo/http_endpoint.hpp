#pragma once
// A small HTTP/1.1 server on one loopback port, for the simulated cluster: coroutines on the
// caller's executor, keep-alive, bodies on GET (Milvus's API has them).

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "agent/util/asio.hpp"

namespace evenkeel::demo {

struct HttpRequest {
  std::string method;
  std::string path;  // without the query
  std::string body;
  std::string query;          // behind the question mark; empty: none
  std::string authorization;  // the header of that name; empty: none
};

struct HttpReply {
  int status = 200;
  std::string content_type;
  std::string body;
  std::shared_ptr<const std::string> tail;  // sent after `body` where set; shared, never copied
};

using HttpHandler = std::function<Awaitable<HttpReply>(HttpRequest)>;

class HttpEndpoint {
 public:
  // Listens on 127.0.0.1; on port 0, on one that the system chooses. Throws
  // boost::system::system_error where it cannot: out of file descriptors, or the port is another's.
  // `handler` runs on `executor`, whose calls must not overlap.
  HttpEndpoint(const asio::any_io_executor& executor, HttpHandler handler, std::uint16_t port = 0);
  // Closes the port and every connection.
  ~HttpEndpoint();
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::uint16_t port_ = 0;
};

}  // namespace evenkeel::demo
