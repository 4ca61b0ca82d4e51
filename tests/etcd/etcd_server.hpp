#pragma once
// A real etcd (Debian's etcd-server) with one member, for tests: on free ports of loopback, its
// data in a folder that goes with it.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "agent/http/client.hpp"
#include "agent/util/asio.hpp"
#include "tests/folder.hpp"

namespace evenkeel::tests {

class EtcdServer {
 public:
  // Returns when it serves; throws std::runtime_error if it does not. `more` are options of etcd.
  explicit EtcdServer(std::vector<std::string> more = {});
  ~EtcdServer();
  EtcdServer(const EtcdServer&) = delete;
  EtcdServer& operator=(const EtcdServer&) = delete;

  [[nodiscard]] http::Url url() const;
  // Kills it; then start() brings it back with its data, on the same port.
  void kill();
  void start();
  // It answers nothing, until go_on().
  void hang();
  void go_on();
  // What an administrator does: POST /v3/PATH. Throws unless the status is 200.
  std::string post(const std::string& path, const std::string& body);
  // Users root and weak, who has no role, with the password "pw"; then all must log in.
  void want_logins();

 private:
  [[nodiscard]] bool serves();

  std::vector<std::string> more_;
  bool tls_ = false;
  Folder folder_;
  std::uint16_t port_ = 0;
  std::uint16_t peer_port_ = 0;
  pid_t pid_ = -1;
  asio::io_context io_;
  http::Client http_;
};

}  // namespace evenkeel::tests
