#pragma once
// How much of a server one client, and all of them together, may have.

#include <chrono>
#include <cstddef>

namespace evenkeel::http {

struct Limits {
  // Of one request, in bytes as they come.
  std::size_t head = 16u << 10;
  std::size_t body = 1u << 20;

  // Of one connection. One that was open before is idle between requests; a new one has to ask
  // within `request`.
  std::chrono::milliseconds request{10'000};  // for the whole of it, from its first byte
  std::chrono::milliseconds idle{60'000};
  std::chrono::milliseconds response{30'000};  // for the client to take the whole of it
  std::chrono::milliseconds linger{1'000};     // for what it is still sending when it was refused
  std::size_t requests = 100;                  // then it has to connect anew

  // Of all together. One more connection evicts one of the address that has the most: an idle one,
  // or else the one that keeps the server waiting the longest.
  std::size_t connections = 512;
  std::size_t connections_per_address = 448;  // so that others always find some
  // Bytes of requests that are coming and of responses that clients have not taken yet; a text that
  // several of them take counts once.
  std::size_t buffered = 64u << 20;
  int send_buffer = 64 << 10;  // bytes of a response that the system keeps, for each connection

  std::chrono::milliseconds grace{500};  // that stop() leaves to requests under way
};

}  // namespace evenkeel::http
