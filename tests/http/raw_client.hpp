#pragma once
// A client that sends exactly the bytes it is told to, for what no proper client would do.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/util/file_descriptor.hpp"

namespace evenkeel {

class RawClient {
 public:
  // How long a client waits for what must come. Only a server that never answers lasts so long: a
  // virtual machine that stands still for seconds must not look like one.
  static constexpr std::chrono::milliseconds kPatience = std::chrono::seconds(30);

  // `from`: the last byte of its own address, 127.0.0.x; every one is there.
  explicit RawClient(std::uint16_t port, std::uint8_t from = 1)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl((INADDR_LOOPBACK & 0xffffff00U) | from);
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      return;
    }
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ =
        ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  [[nodiscard]] bool connected() const { return connected_; }

  // False: the other end is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Sends nothing more.
  void end() { ::shutdown(socket_.get(), SHUT_WR); }

  // What has come, or comes first within `patience`.
  std::string read_some(std::chrono::milliseconds patience = kPatience) {
    pollfd waiting{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return "";
    std::array<char, 4096> piece{};
    const auto size = ::recv(socket_.get(), piece.data(), piece.size(), 0);
    closed_ = size == 0;
    reset_ = size < 0;
    return {piece.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }
  // What comes until `end` is at its end, the connection ends, or nothing comes for `patience`.
  std::string read_until(std::string_view end, std::chrono::milliseconds patience = kPatience) {
    std::string got;
    while (!got.ends_with(end) || end.empty()) {
      const auto piece = read_some(patience);
      if (piece.empty()) break;
      got += piece;
    }
    return got;
  }
  std::string read_to_end(std::chrono::milliseconds patience = kPatience) {
    return read_until("", patience);
  }

  [[nodiscard]] bool closed() const { return closed_; }  // in order, by the server
  [[nodiscard]] bool reset() const { return reset_; }

 private:
  FileDescriptor socket_;
  bool connected_ = false, closed_ = false, reset_ = false;
};

}  // namespace evenkeel
