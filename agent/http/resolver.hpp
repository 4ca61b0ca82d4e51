#pragma once
// Resolver of host names, with a thread for each look-up. getaddrinfo cannot be interrupted, so a
// thread that hangs in it is left behind: nothing waits for it, not even the end of the process.
// Belongs to its executor's thread; a mutex guards what it shares with the look-ups' threads.

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
  // `owner` is gone by then. If the same name is being looked up already, that look-up answers.
  void resolve(const std::string& host, std::weak_ptr<const void> owner, Done done);

  // Drops the host's cached addresses, since nobody could be reached there.
  void forget(const std::string& host);

  // From now on the host's addresses begin with this one, as long as it is among them: an address
  // before it did not answer.
  void prefer(const std::string& host, const asio::ip::address& address);

  // Ends all answers; the executor may be destroyed then. Look-ups under way end by themselves.
  void close();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace evenkeel::http
