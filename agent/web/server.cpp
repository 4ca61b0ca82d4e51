#include "agent/web/server.hpp"

#include <httplib.h>

#include <chrono>
#include <exception>
#include <optional>
#include <system_error>
#include <utility>

#include "agent/util/log.hpp"
#include "agent/web/answer.hpp"
#include "agent/web/connection.hpp"
#include "agent/web/dispatcher.hpp"
#include "agent/web/listening_socket.hpp"

namespace evenkeel::web {
namespace {

constexpr std::size_t kMaxPayload = 64u << 10;
constexpr std::size_t kMaxRequestsOfAConnection = 100;

// httplib's view of a connection.
class ConnectionStream final : public httplib::Stream {
 public:
  explicit ConnectionStream(Connection& connection) : connection_(connection) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, size_t size) override { return connection_.read(to, size); }
  ssize_t write(const char* from, size_t size) override { return connection_.write(from, size); }
  // Nothing here depends on who asks.
  void get_remote_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  void get_local_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  socket_t socket() const override { return connection_.fd(); }

 private:
  Connection& connection_;
};

// httplib as a reader of requests and writer of answers. Its own listening is not used: it would
// wait with select(), which ends at descriptor 1,024, give up for good on some errors of accept(),
// keep one thread for each idle client, and share the port with any other program that asks to.
class Protocol final : public httplib::Server {
 public:
  using Server::process_request;
};

rules::TimePoint now() {
  return std::chrono::time_point_cast<rules::Duration>(std::chrono::system_clock::now());
}

bool announces_body(const httplib::Request& request) {
  const auto length = request.get_header_value("Content-Length");
  return request.has_header("Transfer-Encoding") || (!length.empty() && length != "0");
}

}  // namespace

struct Server::Impl {
  explicit Impl(std::function<loop::SnapshotPtr()> source) : snapshot(std::move(source)) {
    protocol.set_payload_max_length(kMaxPayload);
    protocol.set_keep_alive_max_count(kMaxRequestsOfAConnection);
    protocol.set_keep_alive_timeout(
        std::chrono::duration_cast<std::chrono::seconds>(DispatcherLimits{}.idle).count());
    protocol.set_pre_routing_handler([this](const auto& request, auto& response) {
      handle(request, response);
      return httplib::Server::HandlerResponse::Handled;
    });
    protocol.set_post_routing_handler([](const auto&, auto& response) {
      response.headers.erase("Accept-Ranges");  // httplib's to HEAD; parts are not sent
      // What httplib could not make sense of: where the next request begins is not known.
      if (response.status == 400 || response.status == 414) {
        response.headers.erase("Keep-Alive");
        response.set_header("Connection", "close");
      }
    });
    protocol.set_exception_handler([](const auto& request, auto& response, auto thrown) {
      response.status = 500;
      response.set_content("Evenkeel could not answer; its log says why.\n", "text/plain");
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& error) {
        log::error("request failed", {{"path", request.path}, {"error", error.what()}});
      } catch (...) {
        log::error("request failed", {{"path", request.path}});
      }
    });
  }

  void handle(const httplib::Request& request, httplib::Response& response) {
    Answer out;
    if (request.method == "GET" || request.method == "HEAD") {
      const auto picture = snapshot();
      out = answer(request.path, picture.get(), readiness, now());
    } else {
      out.status = 405;
      out.body = "Only GET and HEAD are answered here.\n";
      response.set_header("Allow", "GET, HEAD");
    }
    response.status = out.status;
    response.set_header("Cache-Control", out.cache_control);
    response.set_header("Content-Security-Policy", out.security_policy);
    response.set_header("Referrer-Policy", "no-referrer");
    response.set_header("X-Content-Type-Options", "nosniff");
    response.set_header("Content-Type", out.content_type);
    response.body = std::move(out.body);
  }

  // Answers one request; false: the connection is done with.
  bool serve(Connection& connection) {
    // Until a whole request without a body has been read, where the next one would begin is not
    // known.
    bool next_is_known = false;
    const auto prepare = [&next_is_known](httplib::Request& request) {
      next_is_known = !announces_body(request);
      if (!next_is_known) {
        request.headers.erase("Connection");
        request.set_header("Connection", "close");
      }
      // No parts of an answer, and none compressed: both could be made to cost far more than the
      // answer itself.
      request.ranges.clear();
      request.headers.erase("Range");
      request.headers.erase("Accept-Encoding");
    };
    ConnectionStream stream(connection);
    const bool last = connection.requests() >= kMaxRequestsOfAConnection;
    bool client_closes = false;
    const bool answered = protocol.process_request(stream, last, client_closes, prepare);
    return answered && next_is_known && !last && !client_closes;
  }

  std::function<loop::SnapshotPtr()> snapshot;
  Readiness readiness;
  Protocol protocol;
  std::uint16_t port = 0;
  std::optional<Dispatcher> dispatcher;  // the last member: its threads use the others
};

Server::Server(std::function<loop::SnapshotPtr()> snapshot)
    : impl_(std::make_unique<Impl>(std::move(snapshot))) {}

Server::~Server() {
  stop();
}

tl::expected<void, std::string> Server::start(const settings::Listen& listen) {
  auto listening = listen_on(listen);
  if (!listening) return tl::unexpected(listening.error());
  impl_->port = listening->port;
  try {
    impl_->dispatcher.emplace(std::move(listening->socket),
                              [this](Connection& connection) { return impl_->serve(connection); });
  } catch (const std::system_error& error) {
    return tl::unexpected(std::string("cannot serve the web page: ") + error.what());
  }
  return {};
}

std::uint16_t Server::port() const {
  return impl_->port;
}

void Server::stop() {
  impl_->dispatcher.reset();
}

}  // namespace evenkeel::web
