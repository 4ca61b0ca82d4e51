#include "agent/util/service_manager.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <charconv>
#include <utility>

#include "agent/util/log.hpp"

namespace evenkeel {
namespace {

using Protocol = asio::local::datagram_protocol;

std::optional<std::uint64_t> number(const std::optional<std::string>& text) {
  std::uint64_t value = 0;
  if (!text) return std::nullopt;
  const auto* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

std::optional<std::chrono::microseconds> read_watchdog(const ServiceManager::Variable& variable) {
  const auto wanted = number(variable("WATCHDOG_USEC"));
  const auto whose = variable("WATCHDOG_PID");
  if (!wanted || *wanted == 0) return std::nullopt;
  if (whose && number(whose) != static_cast<std::uint64_t>(::getpid())) return std::nullopt;
  return std::chrono::microseconds(*wanted);
}

// On Linux the steady clock is CLOCK_MONOTONIC, of which systemd wants microseconds.
std::string monotonic_now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

}  // namespace

struct ServiceManager::Impl {
  explicit Impl(asio::io_context& io) : socket(io), timer(io) {}

  void open(std::string address) {
    if (address.empty()) return;
    if (address.front() == '@') address.front() = '\0';
    boost::system::error_code error;
    try {
      manager = Protocol::endpoint(address);
    } catch (const boost::system::system_error& too_long) {
      return give_up(too_long.code());
    }
    socket.open({}, error);
    if (!error) socket.non_blocking(true, error);
    if (error) give_up(error);
  }

  void send(const std::string& text) {
    if (!socket.is_open()) return;
    boost::system::error_code error;
    socket.send_to(asio::buffer(text), manager, 0, error);
    // A full queue empties again, and a missed sign of life is followed by another.
    if (error && error != asio::error::would_block) give_up(error);
  }

  void give_up(const boost::system::error_code& error) {
    log::warn("the service manager at NOTIFY_SOCKET cannot be told anything",
              {{"error", error.message()}});
    boost::system::error_code ignored;
    socket.close(ignored);
  }

  Protocol::socket socket;
  Protocol::endpoint manager;
  asio::steady_timer timer;
  std::optional<std::chrono::microseconds> watchdog;
  std::string said;
  bool stopped = false;
};

ServiceManager::ServiceManager(asio::io_context& io, const Variable& variable)
    : impl_(std::make_unique<Impl>(io)) {
  impl_->open(variable("NOTIFY_SOCKET").value_or(""));
  if (impl_->socket.is_open()) impl_->watchdog = read_watchdog(variable);
}

ServiceManager::~ServiceManager() = default;

void ServiceManager::ready() {
  impl_->send("READY=1");
}

void ServiceManager::reloading() {
  impl_->send("RELOADING=1\nMONOTONIC_USEC=" + monotonic_now());
}

void ServiceManager::stopping() {
  impl_->send("STOPPING=1");
}

void ServiceManager::status(std::string_view words) {
  std::string line(words);
  std::ranges::replace(line, '\n', ' ');  // a newline would begin another field
  if (line == impl_->said) return;
  impl_->said = line;
  impl_->send("STATUS=" + line);
}

std::optional<std::chrono::microseconds> ServiceManager::watchdog() const {
  return impl_->watchdog;
}

Awaitable<void> ServiceManager::keep_alive(std::function<std::string()> unwell) {
  if (!impl_->watchdog) co_return;
  bool was_well = true;
  while (!impl_->stopped) {
    const std::string trouble = unwell ? unwell() : std::string();
    if (trouble.empty()) impl_->send("WATCHDOG=1");
    if (was_well && !trouble.empty()) {
      log::error("the watchdog is told no more, so that this process is restarted",
                 {{"why", trouble}});
    }
    was_well = trouble.empty();
    impl_->timer.expires_after(*impl_->watchdog / 2);
    co_await impl_->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void ServiceManager::stop() {
  impl_->stopped = true;
  impl_->timer.cancel();
}

}  // namespace evenkeel
