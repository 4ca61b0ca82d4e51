#pragma once
// A server on a free port of the loopback interface, on a thread of its own, with a handler that
// may block.

#include <gtest/gtest.h>

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "agent/http/server.hpp"
#include "agent/util/offload.hpp"

namespace evenkeel::http {

class TestServer {
 public:
  using Handler = std::function<ServerResponse(const RequestHead&, std::string_view body)>;

  // Declare what `handler` refers to before this server, whose threads end with it.
  explicit TestServer(Handler handler, Limits limits = {}, std::size_t workers = 4)
      : service_(std::make_shared<Handled>(std::move(handler), workers)) {
    auto acceptor = listen(io_.get_executor(), "127.0.0.1", 0);
    EXPECT_TRUE(acceptor) << acceptor.error().message();
    server_.emplace(*std::move(acceptor), service_, limits);
    port_ = server_->port();
    thread_ = std::thread([this] { io_.run(); });
  }
  ~TestServer() {
    if (thread_.joinable()) stop();
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  void stop() {
    asio::post(io_, [this] { server_->stop(); });
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int dropped(const std::string& why) const { return service_->count(why); }

 private:
  class Handled final : public Service {
   public:
    Handled(Handler handler, std::size_t workers)
        : handler_(std::move(handler)), workers_(workers) {}

    [[nodiscard]] int count(const std::string& why) {
      const std::scoped_lock lock(mutex_);
      return dropped_[why];
    }

    Awaitable<Result> respond(ServerRequest& request) override {
      auto body = co_await request.read_body();
      if (!body) co_return tl::unexpected(std::move(body.error()));
      auto work = [&] { return handler_(request.head(), *body); };
      auto response = co_await offload(workers_, work);
      co_return *std::move(response);
    }
    void dropped(const char* why) override {
      const std::scoped_lock lock(mutex_);
      ++dropped_[why];
    }

   private:
    Handler handler_;
    asio::thread_pool workers_;
    std::mutex mutex_;
    std::map<std::string, int> dropped_;
  };

  std::shared_ptr<Handled> service_;
  std::uint16_t port_ = 0;
  asio::io_context io_{1};
  std::optional<Server> server_;
  std::thread thread_;
};

}  // namespace evenkeel::http
