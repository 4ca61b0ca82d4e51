#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agent/util/asio.hpp"

namespace evenkeel {

// Tells a service manager (systemd; sd_notify(3)) that the agent is ready, reloads or stops, what
// it does, and that its loop still turns. Everything is best effort: without a service manager
// nothing is sent, and one that cannot be reached is logged once. Belongs to the loop's thread.
class ServiceManager {
 public:
  using Variable = std::function<std::optional<std::string>(const std::string& name)>;

  // Reads NOTIFY_SOCKET (a path, or "@name" if abstract), WATCHDOG_USEC and WATCHDOG_PID.
  ServiceManager(asio::io_context& io, const Variable& variable);
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  void ready();      // serving; also after a reload, whether or not it succeeded
  void reloading();  // until ready() is called
  void stopping();
  void status(std::string_view words);  // one line; sent where it differs from the last

  // The interval for signs of life of the loop; none: the service manager wants none.
  [[nodiscard]] std::optional<std::chrono::microseconds> watchdog() const;
  // Gives that sign twice as often, until stop() or the end of the coroutine; but not while
  // `unwell` says what stands still.
  [[nodiscard]] Awaitable<void> keep_alive(std::function<std::string()> unwell = {});
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
