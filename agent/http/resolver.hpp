#pragma once
// Inside the client: host names to addresses, each name on a thread of its own. getaddrinfo cannot
// be interrupted, so a thread that hangs in it is left behind: nothing waits for it, at the end of
// the process neither. Belongs to its executor's thread; the look-ups' threads share what a mutex
// guards.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/http/client.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::http {

// getaddrinfo's answer for a stream socket.
[[nodiscard]] LookedUp look_up_by_system(const std::string& host);

class Resolver {
 public:
  using Done = std::function<void(const LookedUp&)>;

  Resolver(asio::any_io_executor executor, ResolverOptions options);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // `done` is called once on the executor with the host's addresses or with what went wrong, unless
  // `owner` is gone by then. Where the same name is being looked up already, that look-up's answer
  // serves.
  void resolve(const std::string& host, std::weak_ptr<const void> owner, Done done);

  // The host's addresses are looked up anew the next time: nobody could be reached there.
  void forget(const std::string& host);

  // No more answers: the executor may go. Look-ups under way end by themselves.
  void close();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace evenkeel::http
