#pragma once
// Inbound HTTP: /metrics, /-/healthy, /-/ready and the landing page. Handlers run on the server's
// threads and read the last published snapshot; they never touch the loop's state.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "agent/loop/decision.hpp"
#include "agent/settings/settings.hpp"

namespace evenkeel::web {

class Server {
 public:
  // `snapshot` is called on the server's threads and must be thread-safe; it may return null before
  // the first one.
  explicit Server(std::function<loop::SnapshotPtr()> snapshot);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and starts serving on threads of its own; the error says what, where and what to do. Port
  // 0: any free one.
  [[nodiscard]] tl::expected<void, std::string> start(const settings::Listen& listen);
  [[nodiscard]] std::uint16_t port() const;  // the bound port, 0 before start
  void stop();                               // within a second, whatever the clients do

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel::web
