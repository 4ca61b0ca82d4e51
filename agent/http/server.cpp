#include "agent/http/server.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cassert>
#include <exception>
#include <utility>

#include "agent/http/server_connection.hpp"
#include "agent/util/log.hpp"

namespace evenkeel::http {
namespace {

using asio::ip::tcp;

// The pause in accepting when the system is short of descriptors or memory, and the quiet time
// after which the next shortage is logged again.
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::minutes kQuiet{1};

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

// Shared with the coroutines, which may outlive the server by a turn of the executor.
struct Server::State : ServerState {
  State(tcp::acceptor its_acceptor, std::shared_ptr<Service> its_service, const Limits& its_limits)
      : ServerState(std::move(its_service), its_limits),
        acceptor(std::move(its_acceptor)),
        pause(acceptor.get_executor()),
        grace(acceptor.get_executor()) {}

  static Awaitable<void> accept(std::shared_ptr<State> self);
  static void welcome(const std::shared_ptr<State>& self, tcp::socket socket);
  void report(const boost::system::error_code& error);
  void stop();

  tcp::acceptor acceptor;
  asio::steady_timer pause, grace;
  std::optional<std::chrono::steady_clock::time_point> last_shortage;
};

Awaitable<void> Server::State::accept(std::shared_ptr<State> self) {
  constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);
  while (!self->stopping) {
    auto [error, socket] = co_await self->acceptor.async_accept(as_tuple);
    if (self->stopping) co_return;
    if (!error) {
      welcome(self, std::move(socket));
    } else if (error != asio::error::connection_aborted) {
      self->report(error);
      self->pause.expires_after(kAcceptPause);
      co_await self->pause.async_wait(as_tuple);
    }
  }
}

void Server::State::welcome(const std::shared_ptr<State>& self, tcp::socket socket) {
  auto address = address_of(socket);
  if (!self->table.make_room(address)) {
    self->service->dropped("no_room");
    return;
  }
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  // By default the kernel buffers megabytes for each slow client, and those count as ours.
  socket.set_option(asio::socket_base::send_buffer_size(self->limits.send_buffer), ignored);
  auto connection = std::make_shared<ServerConnection>(std::move(socket), std::move(address), self);
  assert(self->table.size() <= self->limits.connections);
  auto run = connection->run();
  asio::co_spawn(
      self->acceptor.get_executor(), std::move(run),
      [self, connection = std::move(connection)](const std::exception_ptr& thrown) mutable {
        connection.reset();
        if (self->table.size() == 0) self->grace.cancel();
        try {
          if (thrown) std::rethrow_exception(thrown);
        } catch (const std::exception& error) {
          log::error("a connection failed", {{"error", error.what()}});
        }
      });
}

// Logs the cause once, however often it is met, so that nobody looks for it in the network.
void Server::State::report(const boost::system::error_code& error) {
  service->dropped("no_descriptors");
  const auto now = std::chrono::steady_clock::now();
  const auto before = std::exchange(last_shortage, now);
  if (before && now - *before < kQuiet) return;
  const bool of_process = error == asio::error::no_descriptors;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  log::error(of_process ? "no file descriptor is left: new connections wait; raise the limit "
                          "(LimitNOFILE, ulimit -n)"
                        : "the system has nothing left for new connections: they wait",
             {{"error", error.message()},
              {"limit", static_cast<std::uint64_t>(limit.rlim_cur)},
              {"connections", table.size()}});
}

void Server::State::stop() {
  stopping = true;
  boost::system::error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
}

ServerResponse Service::refuse(const ServerRequest&, const Refusal& refusal) {
  return {.status = refusal.status, .body = refusal.message + '\n', .headers = refusal.headers};
}

Server::Server(tcp::acceptor acceptor, std::shared_ptr<Service> service, Limits limits)
    : state_(std::make_shared<State>(std::move(acceptor), std::move(service), limits)) {
  asio::co_spawn(state_->acceptor.get_executor(), State::accept(state_), asio::detached);
}

Server::~Server() {
  state_->stop();
  state_->table.evict_all();
}

std::uint16_t Server::port() const {
  boost::system::error_code closed;
  return state_->acceptor.local_endpoint(closed).port();
}

void Server::stop() {
  state_->stop();
  state_->table.drain_all();
  if (state_->table.size() == 0) return;
  state_->grace.expires_after(state_->limits.grace);
  state_->grace.async_wait([state = state_](const boost::system::error_code& cancelled) {
    if (!cancelled) state->table.evict_all();
  });
}

}  // namespace evenkeel::http
