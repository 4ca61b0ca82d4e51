#pragma once
// Limits of a server: how much of it one client, and all of them together, may use.

#include <chrono>
#include <cstddef>

namespace evenkeel::http {

struct Limits {
  // For one request, in bytes as they come.
  std::size_t head = 16u << 10;
  std::size_t body = 1u << 20;

  // For one connection. A new one must send its first request within `request`; between requests it
  // may be idle.
  std::chrono::milliseconds request{10'000};  // for all of it, from its first byte
  std::chrono::milliseconds idle{60'000};
  std::chrono::milliseconds response{30'000};  // for the client to take all of it
  std::chrono::milliseconds linger{1'000};     // for what a client still sends after a refusal
  std::size_t requests = 100;                  // then the client must reconnect

  // For all connections together. One more evicts one of the address that has the most: an idle
  // one, else the one that has kept the server waiting the longest.
  std::size_t connections = 512;
  std::size_t connections_per_address = 448;  // so that other addresses find room
  // Bytes of incomplete requests and of responses that clients have not taken yet; a text that
  // several responses share counts once.
  std::size_t buffered = 64u << 20;
  int send_buffer = 64 << 10;  // bytes of a response that the kernel buffers, for each connection

  std::chrono::milliseconds grace{500};  // time that stop() leaves to requests under way
};

}  // namespace evenkeel::http
