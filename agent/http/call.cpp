#include "agent/http/call.hpp"

#include <fmt/format.h>

namespace evenkeel::http {

namespace {

std::string in_words(std::chrono::milliseconds duration) {
  if (duration.count() < 1000) return fmt::format("{} ms", duration.count());
  return fmt::format("{:g} s", static_cast<double>(duration.count()) / 1000);
}

}  // namespace

Call::Call(asio::any_io_executor executor, Request call_request)
    : request(std::move(call_request)),
      executor_(std::move(executor)),
      deadline_(executor_),
      resolved_(executor_, asio::steady_timer::time_point::max()) {}

void Call::start() {
  deadline_.expires_after(request.deadline);
  deadline_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    if (error) return;
    if (const auto call = weak.lock()) call->interrupt(Ending::deadline);
  });
}

void Call::interrupt(Ending ending) {
  if (ending_ != Ending::none) return;
  ending_ = ending;
  if (connection) connection->close();
  resolved_.cancel();
}

Awaitable<tl::expected<Endpoints, Error>> Call::resolve(Resolver& resolver) {
  phase = Phase::resolving;
  boost::system::error_code not_literal;
  const auto literal = asio::ip::make_address(request.url.host, not_literal);
  if (!not_literal) co_return Endpoints{{literal, request.url.port}};

  // The look-up cannot be interrupted, so the call waits for a timer that its end wakes as well.
  resolver.resolve(request.url.host, weak_from_this(), [this](const LookedUp& found) {
    addresses_ = found;
    resolved_.cancel();
  });
  co_await resolved_.async_wait(asio::as_tuple(asio::use_awaitable));

  if (ending_ != Ending::none || !addresses_ || addresses_->empty()) {
    const std::string reason = addresses_ ? "it has no address" : addresses_.error();
    co_return tl::unexpected(
        error(ErrorKind::resolve, "cannot resolve " + request.url.host + ": " + reason));
  }
  Endpoints endpoints;
  for (const auto& address : *addresses_) endpoints.emplace_back(address, request.url.port);
  co_return endpoints;
}

std::string Call::too_late() const {
  const std::string within = " within " + in_words(request.deadline);
  switch (phase) {
    case Phase::resolving:
      return "the host's name was not resolved" + within;
    case Phase::connecting:
      return "no connection" + within;
    case Phase::securing:
      return "no TLS handshake" + within;
    case Phase::waiting:
      return "no answer" + within;
    case Phase::reading:
      return "the answer did not end" + within + fmt::format(" ({} bytes came)", body_bytes);
  }
  return "no answer" + within;
}

Error Call::error(ErrorKind kind, std::string_view what) const {
  const std::string where = request.method + " " + request.url.str() + ": ";
  switch (ending_) {
    case Ending::deadline:
      return {ErrorKind::timeout, where + too_late()};
    case Ending::cancelled:
      return {ErrorKind::cancelled, where + "cancelled"};
    case Ending::none:
      break;
  }
  return {kind, where + std::string(what)};
}

}  // namespace evenkeel::http
