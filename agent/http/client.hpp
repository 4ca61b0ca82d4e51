#pragma once
// Outbound HTTP/1.1 on Asio: one coroutine a call, each with a deadline of its own, a bound on the
// body, keep-alive and TLS. No redirect is followed: a redirect is answered as the error it is for
// a machine's endpoint.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agent/util/asio.hpp"

namespace evenkeel::http {

struct Url {
  bool tls = false;
  std::string host{};  // without brackets for IPv6
  std::uint16_t port = 0;
  std::string target = "/";  // path and query

  [[nodiscard]] std::string authority() const;  // host:port, IPv6 in brackets
  [[nodiscard]] std::string str() const;
};

// "http://host[:port][/path]" or https; the error says what is wrong with the text.
[[nodiscard]] tl::expected<Url, std::string> parse_url(std::string_view text);

// The host alone of "host:port", "host", "[v6]:port", "[v6]", "v6" or, as some write it, "v6:port":
// of colons without brackets the last one is before a port wherever both readings are possible. The
// error says what is wrong with the text; nothing but a host's name or an IP address is one.
[[nodiscard]] tl::expected<std::string, std::string> host_of(std::string_view address);

enum class ErrorKind {
  resolve,
  connect,
  tls,
  timeout,
  cancelled,
  reset,
  protocol,
  too_large,
  redirect,
  status,
  aborted
};
[[nodiscard]] std::string_view name(ErrorKind kind);  // label value: "timeout"

struct Error {
  ErrorKind kind = ErrorKind::protocol;
  std::string message;  // what, where: "GET http://127.0.0.1:9101/metrics: no answer within 5 s"
};

struct Request {
  std::string method = "GET";
  Url url{};
  std::string body{};          // also with GET, as Milvus's API wants it
  std::string content_type{};  // set where there is a body
  std::string accept{};        // Accept header, where not empty
  // Authorization header, where not empty. It is in no message; and since no redirect is followed,
  // it goes to nobody but the URL's host.
  std::string authorization{};
  // For the whole call, from resolving to the last byte.
  std::chrono::milliseconds deadline{10'000};
  std::size_t max_body = 64u << 20;  // bytes; more is an error (too_large) as soon as it is known
  // Where set, the body of a 200 answer goes here piece by piece instead of into Response::body;
  // false stops the call with ErrorKind::aborted. Called on the client's executor.
  std::function<bool(std::string_view)> on_body{};
};

struct Response {
  int status = 0;
  std::string content_type;
  std::string body;            // of an answer other than 200 the first 64 KiB
  std::size_t body_bytes = 0;  // also where on_body took them
};

struct TlsOptions {
  std::string ca_file{};    // PEM; empty: the system's
  std::string cert_file{};  // client certificate, with its key_file or not at all
  std::string key_file{};
  bool verify = true;
};

// The addresses of a host's name, never empty where there is no error; or what went wrong.
using LookedUp = tl::expected<std::vector<asio::ip::address>, std::string>;

struct ResolverOptions {
  // Called on any thread, several at once, for as long as it likes; none: the system's resolver.
  std::function<LookedUp(const std::string& host)> look_up{};
  std::chrono::milliseconds keep{10'000};        // how long an answer serves
  std::chrono::milliseconds keep_failed{2'000};  // how long a failure does
  // Threads, each held by one name for as long as its look-up takes.
  std::size_t max_threads = 128;
  std::size_t max_names = 4096;  // looked up or waiting for it at once; more are an error
  std::size_t max_known = 4096;  // answers kept
  std::function<std::chrono::steady_clock::time_point()> now = [] {
    return std::chrono::steady_clock::now();
  };
};

struct ClientOptions {
  std::size_t max_idle_per_host = 4;      // connections kept for reuse
  std::size_t max_idle = 64;              // in all
  std::chrono::seconds idle_timeout{60};  // an older idle connection is closed instead of reused
  TlsOptions tls{};
  ResolverOptions resolver{};
  std::string user_agent = "evenkeel";
};

class Client {
 public:
  explicit Client(asio::any_io_executor executor, ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Any status is an answer, except 3xx (ErrorKind::redirect). Only a GET goes on a kept
  // connection; where that turns out to be closed before a byte of the answer came, it is sent once
  // more on a new one. Cancelling the coroutine cancels the call, and so does the end of the
  // client.
  [[nodiscard]] Awaitable<tl::expected<Response, Error>> send(Request request);

  [[nodiscard]] std::size_t idle_connections() const;
  void close_idle();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace evenkeel::http
