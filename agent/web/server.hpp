#pragma once
// The agent's own HTTP server: one thread for the sockets and for who may ask for what, and a few
// workers that call the handler.

#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "agent/http/limits.hpp"
#include "agent/settings/address.hpp"
#include "agent/web/access.hpp"
#include "agent/web/handler.hpp"
#include "agent/web/traffic.hpp"

namespace evenkeel::web {

class Server {
 public:
  // `handler` is called on `workers` threads, several at once. What is served is counted in
  // `traffic`.
  explicit Server(
      Handler handler, http::Limits limits = {},
      std::shared_ptr<Traffic> traffic = std::make_shared<Traffic>(),
      Methods methods = [](std::string_view) { return kReads; }, std::size_t workers = 4);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and starts serving on threads of its own; the error says what, where and what to do. Port
  // 0: any free one.
  [[nodiscard]] tl::expected<void, std::string> start(const settings::Listen& listen,
                                                      Access access = {});
  // Replaces the access rules from the next request on, and TLS from the next connection on. Call
  // it after start().
  void use(Access access);
  [[nodiscard]] std::uint16_t port() const;  // the bound port, 0 before start
  void stop();                               // within a second, whatever the clients do

 private:
  class Running;

  Handler handler_;
  http::Limits limits_;
  std::shared_ptr<Traffic> traffic_;
  Methods methods_;
  std::size_t workers_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Running> running_;
};

}  // namespace evenkeel::web
