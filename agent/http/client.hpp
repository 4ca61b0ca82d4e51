#pragma once
// Outbound HTTP/1.1 on Asio: one coroutine a call, each with a deadline of its own, a bound on the
// body, keep-alive and TLS. No redirect is followed: from a machine's endpoint it is an error.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agent/util/asio.hpp"

namespace evenkeel::http {

// A parsed http or https URL.
struct Url {
  bool tls = false;
  std::string host{};  // without brackets for IPv6
  std::uint16_t port = 0;
  std::string target = "/";  // path and query

  [[nodiscard]] std::string authority() const;  // host:port, IPv6 in brackets
  [[nodiscard]] std::string str() const;
};

// Parses "http://host[:port][/path]", or https; the error says what is wrong with the text.
[[nodiscard]] tl::expected<Url, std::string> parse_url(std::string_view text);

// Returns the host of "host:port", "host", "[v6]:port", "[v6]", "v6" or, as some write it,
// "v6:port": without brackets, the last colon begins a port wherever both readings are possible.
// Accepts only a host's name or an IP address; the error says what is wrong with the text.
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

// The failure of a call.
struct Error {
  ErrorKind kind = ErrorKind::protocol;
  std::string message;  // what, where: "GET http://127.0.0.1:9101/metrics: no answer within 5 s"
};

// A request to send, and the bounds of the call.
struct Request {
  std::string method = "GET";
  Url url{};
  std::string body{};          // also with GET, as Milvus's API wants it
  std::string content_type{};  // set if there is a body
  std::string accept{};        // Accept header; empty: none
  // Authorization header; empty: none. No error message has it, and since no redirect is followed,
  // only the URL's host gets it.
  std::string authorization{};
  // Covers the whole call, from resolving to the last byte.
  std::chrono::milliseconds deadline{10'000};
  std::size_t max_body = 64u << 20;  // bytes; more is an error (too_large) as soon as it is known
  // If set, it gets the body of a 200 response piece by piece, on the client's executor, instead of
  // Response::body; false stops the call with ErrorKind::aborted.
  std::function<bool(std::string_view)> on_body{};
  // If set, it is asked on the client's executor just before the request is written, when the
  // connection stands; false: nothing is sent, and the call ends with ErrorKind::aborted.
  std::function<bool()> may_send{};
};

// A complete response.
struct Response {
  int status = 0;
  std::string content_type;
  std::string body;            // only the first 64 KiB, unless the status is 200
  std::size_t body_bytes = 0;  // also if on_body took them
};

// The TLS settings of a client.
struct TlsOptions {
  std::string ca_file{};    // PEM; empty: the system's
  std::string cert_file{};  // client certificate, with its key_file or not at all
  std::string key_file{};
  bool verify = true;
};

// Whether the files can be used; the error names the one that cannot.
[[nodiscard]] tl::expected<void, std::string> check_files(const TlsOptions& options);

// The addresses of a host's name; or what went wrong, in words.
using LookedUp = tl::expected<std::vector<asio::ip::address>, std::string>;

// The bounds of a resolver, and its seams for tests.
struct ResolverOptions {
  // Called on any thread, several at once, and may block as long as it likes; empty: the system's
  // resolver.
  std::function<LookedUp(const std::string& host)> look_up{};
  std::chrono::milliseconds keep{10'000};        // how long an answer is cached
  std::chrono::milliseconds keep_failed{2'000};  // how long a failure is cached
  // Most threads; each look-up holds one until it ends.
  std::size_t max_threads = 128;
  std::size_t max_names = 4096;  // most names looked up or queued at once; more are an error
  std::size_t max_known = 4096;  // most answers cached
  std::function<std::chrono::steady_clock::time_point()> now = [] {
    return std::chrono::steady_clock::now();
  };
};

// The bounds and settings of a client.
struct ClientOptions {
  std::size_t max_idle_per_host = 4;      // connections kept for reuse
  std::size_t max_idle = 64;              // in all
  std::chrono::seconds idle_timeout{60};  // an older idle connection is closed instead of reused
  TlsOptions tls{};
  ResolverOptions resolver{};
  std::string user_agent = "evenkeel";
};

// An HTTP client. It belongs to its executor's thread.
class Client {
 public:
  explicit Client(asio::any_io_executor executor, ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Any status is a response, except 3xx (ErrorKind::redirect). Only a GET reuses a connection; if
  // that closes before a byte of the response, the GET is sent once more on a new one. Cancelling
  // the coroutine, or destroying the client, cancels the call.
  [[nodiscard]] Awaitable<tl::expected<Response, Error>> send(Request request);

  // Reads the TLS files again, for the connections that are opened from now on. If one of them
  // cannot be used, the error names it, and they are used as they were read before.
  [[nodiscard]] tl::expected<void, std::string> renew_tls();

  [[nodiscard]] std::size_t idle_connections() const;
  void close_idle();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace evenkeel::http
