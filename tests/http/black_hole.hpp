#pragma once
// A port that takes no more connections and refuses none, as a host behind a firewall that drops
// packets: nobody accepts, its queue is full, and the kernel drops what else comes.

#include <chrono>
#include <string>
#include <vector>

#include "agent/util/asio.hpp"

namespace evenkeel::tests {

class BlackHole {
 public:
  // `port` 0: a free one.
  explicit BlackHole(const std::string& address = "127.0.0.1", std::uint16_t port = 0) {
    acceptor_.open(asio::ip::tcp::v4());
    acceptor_.bind({asio::ip::make_address(address), port});
    acceptor_.listen(0);
    for (int i = 0; i < 4; ++i) {
      queue_.emplace_back(io_).async_connect(acceptor_.local_endpoint(), asio::detached);
    }
    io_.run_for(std::chrono::milliseconds(5));
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_{io_};
  std::vector<asio::ip::tcp::socket> queue_;
};

}  // namespace evenkeel::tests
