#include "agent/web/server.hpp"

#include <malloc.h>

#include <cctype>
#include <exception>
#include <thread>
#include <utility>

#include "agent/http/server.hpp"
#include "agent/util/asio.hpp"
#include "agent/util/format.hpp"
#include "agent/web/guarded_service.hpp"

namespace evenkeel::web {
namespace {

// After a burst of large responses, the C library keeps their memory, and it counts as ours. Giving
// it back takes time, so it is done rarely.
constexpr std::chrono::seconds kTrimEvery{10};
constexpr std::uint64_t kWorthTrimming = 8u << 20;  // bytes of responses since the last time

std::string cannot_listen(const settings::Listen& listen, std::string why) {
  if (!why.empty()) why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
  const bool ipv6 = listen.host.find(':') != std::string::npos;
  return "cannot listen on " + (ipv6 ? '[' + listen.host + ']' : listen.host) + ':' +
         std::to_string(listen.port) + ": " + why +
         "; choose another with --web.listen-address or [web] listen_address";
}

}  // namespace

// The server from start() to stop().
class Server::Running {
 public:
  explicit Running(std::shared_ptr<GuardedService> service) : service_(std::move(service)) {}

  tl::expected<std::uint16_t, std::string> start(const settings::Listen& listen,
                                                 const http::Limits& limits) {
    auto acceptor = http::listen(io_.get_executor(), listen.host, listen.port);
    if (!acceptor) return tl::unexpected(cannot_listen(listen, acceptor.error().message()));
    const auto port = acceptor->local_endpoint().port();
    server_.emplace(*std::move(acceptor), service_, limits);
    asio::co_spawn(io_, trim(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
    return port;
  }

  ~Running() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] {
      stopping_ = true;
      service_->stop();
      server_->stop();
      timer_.cancel();
    });
    thread_.join();
    service_->join();
  }

  void use(std::shared_ptr<const Access> access) {
    asio::post(io_, [this, access = std::move(access)] { service_->use(access); });
  }

 private:
  Awaitable<void> trim() {
    std::uint64_t bytes = 0;
    while (!stopping_) {
      timer_.expires_after(kTrimEvery);
      co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
      bytes += service_->take_bytes();
      if (stopping_ || bytes < kWorthTrimming) continue;
      bytes = 0;
      asio::post(service_->workers(), [] { malloc_trim(0); });
    }
  }

  std::shared_ptr<GuardedService> service_;
  bool stopping_ = false;
  asio::io_context io_{1};
  std::optional<http::Server> server_;
  asio::steady_timer timer_{io_};
  std::thread thread_;
};

Server::Server(Handler handler, http::Limits limits, std::shared_ptr<Traffic> traffic,
               Methods methods, std::size_t workers)
    : handler_(std::move(handler)),
      limits_(limits),
      traffic_(std::move(traffic)),
      methods_(std::move(methods)),
      workers_(workers) {}

Server::~Server() {
  stop();
}

tl::expected<void, std::string> Server::start(const settings::Listen& listen, Access access) {
  try {
    Gate gate(std::make_shared<const Access>(std::move(access)), listen.host, methods_);
    auto running = std::make_unique<Running>(
        std::make_shared<GuardedService>(handler_, std::move(gate), traffic_, workers_));
    const auto port = running->start(listen, limits_);
    if (!port) return tl::unexpected(port.error());
    running_ = std::move(running);
    port_ = *port;
  } catch (const std::exception& error) {
    return tl::unexpected(std::string("cannot serve: ") + error.what());
  }
  return {};
}

void Server::use(Access access) {
  if (running_) running_->use(std::make_shared<const Access>(std::move(access)));
}

std::uint16_t Server::port() const {
  return port_;
}

void Server::stop() {
  running_.reset();
}

}  // namespace evenkeel::web
