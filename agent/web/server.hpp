#pragma once
// Inbound HTTP. One thread reads requests, whole and bounded, and writes answers; a few workers
// call the handler. So a slow client, or hundreds of them, keep nobody else waiting.

#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "agent/settings/settings.hpp"
#include "agent/web/access.hpp"
#include "agent/web/limits.hpp"
#include "agent/web/request.hpp"
#include "agent/web/traffic.hpp"

namespace evenkeel::web {

class Server {
 public:
  // `handler` is called on the workers, several at once. What is served is counted in `traffic`.
  explicit Server(
      Handler handler, Limits limits = {},
      std::shared_ptr<Traffic> traffic = std::make_shared<Traffic>(),
      Methods methods = [](std::string_view) { return kReads; });
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and starts serving on threads of its own; the error says what, where and what to do. Port
  // 0: any free one.
  [[nodiscard]] tl::expected<void, std::string> start(const settings::Listen& listen,
                                                      Access access = {});
  // From the next request, and for TLS from the next connection on. After start().
  void use(Access access);
  [[nodiscard]] std::uint16_t port() const;  // the bound port, 0 before start
  void stop();                               // within a second, whatever the clients do

 private:
  class Running;

  Handler handler_;
  Limits limits_;
  std::shared_ptr<Traffic> traffic_;
  Methods methods_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Running> running_;
};

}  // namespace evenkeel::web
