#include "agent/web/server.hpp"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <thread>
#include <utility>

#include "agent/util/asio.hpp"
#include "agent/util/log.hpp"
#include "agent/web/listening_socket.hpp"
#include "agent/web/session.hpp"
#include "agent/web/sessions.hpp"
#include "agent/web/shortage.hpp"

namespace evenkeel::web {
namespace {

using asio::ip::tcp;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

// How long no connection is accepted after the system refused one for want of descriptors or
// memory.
constexpr std::chrono::milliseconds kAcceptPause{100};

// See Peer::address.
std::string address_of(const tcp::socket& socket) {
  boost::system::error_code gone;
  const auto address = socket.remote_endpoint(gone).address();
  if (address.is_v4()) return address.to_string();
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
  }
  auto network = v6.to_bytes();
  std::fill(network.begin() + 8, network.end(), std::uint8_t{0});
  return asio::ip::make_address_v6(network).to_string() + "/64";
}

}  // namespace

// From start to stop.
class Server::Running {
 public:
  Running(ListeningSocket listening, const Handler& handler, const Limits& limits, Traffic& traffic,
          Gate gate)
      : traffic_(traffic),
        sessions_(limits, traffic),
        gate_(std::move(gate)),
        workers_(limits.workers),
        acceptor_(io_),
        service_{.limits = limits,
                 .handler = handler,
                 .workers = workers_.get_executor(),
                 .health = health_.get_executor(),
                 .metrics = metrics_.get_executor(),
                 .verifier = verifier_.get_executor(),
                 .sessions = sessions_,
                 .gate = gate_,
                 .traffic = traffic,
                 .stopping = stopping_} {
    acceptor_.assign(listening.ipv6 ? tcp::v6() : tcp::v4(), listening.socket.release());
    asio::co_spawn(io_, accept(), asio::detached);
    asio::co_spawn(io_, give_memory_back(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }

  ~Running() {
    asio::post(io_, [this] { stop(); });
    thread_.join();
    workers_.join();
    health_.join();
    metrics_.join();
    verifier_.join();
  }

  void use(std::shared_ptr<const Access> access) {
    asio::post(io_, [this, access = std::move(access)] { gate_.use(access); });
  }

 private:
  void stop() {
    stopping_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    look_again_.cancel();
    sessions_.on_empty([this] { grace_.cancel(); });
    sessions_.finish_all();
    if (sessions_.size() == 0) return;
    grace_.expires_after(service_.limits.grace);
    grace_.async_wait([this](const auto& cancelled) {
      if (!cancelled) sessions_.push_out_all();
    });
  }

  Awaitable<void> give_memory_back() {
    while (!stopping_) {
      look_again_.expires_after(GiveBack::kEvery);
      co_await look_again_.async_wait(kAsTuple);
      if (!stopping_ && service_.give_back.is_due()) asio::post(workers_, [] { malloc_trim(0); });
    }
  }

  // The cause, so that nobody looks for it in the network.
  void report(const boost::system::error_code& error) {
    traffic_.refused("no_descriptors");
    if (!shortage_.met(Shortage::Clock::now())) return;
    const bool of_process = error == asio::error::no_descriptors;
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    log::error(of_process ? "no file descriptor is left: new connections wait; raise the limit "
                            "(LimitNOFILE, ulimit -n)"
                          : "the system has nothing left for new connections: they wait",
               {{"error", error.message()},
                {"limit", static_cast<std::uint64_t>(limit.rlim_cur)},
                {"connections", sessions_.size()}});
  }

  Awaitable<void> accept() {
    while (!stopping_) {
      auto [error, socket] = co_await acceptor_.async_accept(kAsTuple);
      if (!error) {
        welcome(std::move(socket));
      } else if (error != asio::error::connection_aborted && !stopping_) {
        report(error);
        pause_.expires_after(kAcceptPause);
        co_await pause_.async_wait(kAsTuple);
      }
    }
  }

  void welcome(tcp::socket socket) {
    auto address = address_of(socket);
    if (!sessions_.make_room(address)) {
      traffic_.refused("no_room");
      return;
    }
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    // The system would keep megabytes for each client that is slow, and those count as ours.
    socket.set_option(asio::socket_base::send_buffer_size(service_.limits.send_buffer), ignored);
    const auto session = std::make_shared<Session>(Stream(std::move(socket), gate_.access().tls),
                                                   std::move(address), service_);
    asio::co_spawn(io_, session->run(), [session](const std::exception_ptr& error) {
      try {
        if (error) std::rethrow_exception(error);
      } catch (const std::exception& thrown) {
        log::error("a connection failed", {{"error", thrown.what()}});
      }
    });
  }

  Traffic& traffic_;
  Sessions sessions_;
  Gate gate_;
  std::atomic<bool> stopping_ = false;
  asio::io_context io_{1};
  asio::thread_pool workers_;
  asio::thread_pool health_{1}, metrics_{1}, verifier_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer pause_{io_}, grace_{io_}, look_again_{io_};
  Shortage shortage_;
  Service service_;
  std::thread thread_;
};

Server::Server(Handler handler, Limits limits, std::shared_ptr<Traffic> traffic, Methods methods)
    : handler_(std::move(handler)),
      limits_(limits),
      traffic_(std::move(traffic)),
      methods_(std::move(methods)) {}

Server::~Server() {
  stop();
}

tl::expected<void, std::string> Server::start(const settings::Listen& listen, Access access) {
  auto listening = listen_on(listen);
  if (!listening) return tl::unexpected(listening.error());
  const auto port = listening->port;
  try {
    Gate gate(std::make_shared<const Access>(std::move(access)), listen.host, methods_);
    running_ = std::make_unique<Running>(*std::move(listening), handler_, limits_, *traffic_,
                                         std::move(gate));
  } catch (const std::exception& error) {
    return tl::unexpected(std::string("cannot serve: ") + error.what());
  }
  port_ = port;
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
