#pragma once
// The service of the agent's server: a handler behind the gate. Belongs to the server's thread; the
// handler runs, and passwords are checked, on other threads.

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "agent/http/server.hpp"
#include "agent/web/gate.hpp"
#include "agent/web/handler.hpp"
#include "agent/web/rate_limiter.hpp"
#include "agent/web/traffic.hpp"

namespace evenkeel::web {

class GuardedService final : public http::Service {
 public:
  GuardedService(Handler handler, Gate gate, std::shared_ptr<Traffic> traffic, std::size_t workers);

  void use(std::shared_ptr<const Access> access) { gate_.use(std::move(access)); }
  void stop() { stopping_ = true; }  // passwords are not checked any more
  void join();                       // waits for the threads; no request may be under way
  // The bytes of responses since the last call.
  [[nodiscard]] std::uint64_t take_bytes() { return std::exchange(bytes_, 0); }
  [[nodiscard]] asio::thread_pool& workers() { return workers_; }

  [[nodiscard]] Awaitable<Result> respond(http::ServerRequest& request) override;
  [[nodiscard]] http::ServerResponse refuse(const http::ServerRequest& request,
                                            const Refusal& refusal) override;
  [[nodiscard]] std::shared_ptr<asio::ssl::context> tls() const override {
    return gate_.access().tls;
  }
  void dropped(const char* why) override { traffic_->refused(why); }
  void connections(std::size_t now) override { traffic_->connections(now); }

 private:
  using User = tl::expected<std::string, Refusal>;  // see Request::user

  [[nodiscard]] Awaitable<User> admit(const http::RequestHead& head, const http::Peer& peer);
  [[nodiscard]] asio::thread_pool& lane_of(std::string_view path);
  [[nodiscard]] http::ServerResponse finish(const Response& response);

  Handler handler_;
  Gate gate_;
  std::shared_ptr<Traffic> traffic_;
  RefusedLines refused_lines_;
  std::size_t verifying_ = 0;  // passwords that wait or are being checked
  std::uint64_t bytes_ = 0;
  std::atomic<bool> stopping_ = false;
  asio::thread_pool workers_;
  // Health checks and scrapes have their own threads, and never wait for other requests.
  asio::thread_pool health_{1}, metrics_{1};
  asio::thread_pool verifier_{1};  // checks passwords, one at a time
};

}  // namespace evenkeel::web
