#pragma once
// One call of the client, from its first step to its last. The deadline, the caller's cancellation
// and the client's end all end it early in the same way: they close its connection, so that
// whatever operation waits on it returns, and error() knows why. Internal to the client.

#include <memory>
#include <string>
#include <string_view>

#include "agent/http/client.hpp"
#include "agent/http/client_connection.hpp"
#include "agent/http/resolver.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::http {

enum class Phase { resolving, connecting, securing, waiting, reading };
enum class Ending { none, deadline, cancelled };

using Endpoints = std::vector<asio::ip::tcp::endpoint>;

// A call under way. Belongs to the client's executor.
class Call : public std::enable_shared_from_this<Call> {
 public:
  Call(asio::any_io_executor executor, Request call_request);

  // The deadline runs from here.
  void start();
  void interrupt(Ending ending);
  [[nodiscard]] Ending ending() const { return ending_; }
  [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }

  // Resolves the host within the call's deadline; a look-up that hangs is left behind.
  [[nodiscard]] Awaitable<tl::expected<Endpoints, Error>> resolve(Resolver& resolver);

  // Opens `connection` to one of so many addresses that are left. If it does not answer, it is
  // given up in time for each of the others to have its turn before the deadline.
  [[nodiscard]] Awaitable<boost::system::error_code> connect_to(
      const asio::ip::tcp::endpoint& endpoint, std::size_t addresses_left);

  // The error of this call: why it was interrupted if it was, else `kind` and `what`.
  [[nodiscard]] Error error(ErrorKind kind, std::string_view what) const;

  const Request request;
  std::unique_ptr<ClientConnection> connection;
  Phase phase = Phase::resolving;
  std::size_t body_bytes = 0;
  // True if the connection ended before a byte of the response came.
  bool unanswered = false;
  bool reusable = false;  // the connection may serve another call

 private:
  [[nodiscard]] std::string too_late() const;
  // Closes the connection unless the attempt to connect has ended by then.
  void give_up_attempt_after(std::chrono::milliseconds patience);

  asio::any_io_executor executor_;
  asio::steady_timer deadline_;
  asio::steady_timer attempt_;  // of connect_to()
  int attempts_ = 0;            // that have ended
  Ending ending_ = Ending::none;

  asio::steady_timer resolved_;  // never expires; cancelled to wake resolve()
  LookedUp addresses_;
};

// Opens call.connection: resolves, connects, and agrees on TLS.
[[nodiscard]] Awaitable<tl::expected<void, Error>> open(Call& call, ClientTls& tls,
                                                        Resolver& resolver);
// Sends call.request on call.connection and reads the response; sets call.unanswered and
// call.reusable.
[[nodiscard]] Awaitable<tl::expected<Response, Error>> ask(Call& call,
                                                           const std::string& user_agent);

}  // namespace evenkeel::http
