#pragma once
// A gRPC server for tests, on a free loopback port, which answers any method as a script says.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/http/client.hpp"

namespace evenkeel::tests {

// A call as the server got it.
struct GrpcAsked {
  std::string method;  // "GetReplicas"
  std::string message;
  std::map<std::string, std::string> metadata;
};

// What the server answers: a message, or a status other than 0.
struct GrpcReply {
  std::string message{};
  int code = 0;
  std::string words{};
  bool never = false;  // the call hangs until it is cancelled
};

// The server's identity, PEM; empty certificate: no TLS. With authorities it wants a client's.
struct GrpcIdentity {
  std::string certificate, key, client_authorities;
};

class GrpcServer {
 public:
  // Called on gRPC's threads, one call at a time.
  using Script = std::function<GrpcReply(const GrpcAsked&)>;

  explicit GrpcServer(Script script, const GrpcIdentity& identity = {}, std::uint16_t port = 0);
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  [[nodiscard]] http::Url url() const;
  [[nodiscard]] std::vector<GrpcAsked> asked() const;
  // Waits until so many calls were cancelled; false: it took more than five seconds.
  [[nodiscard]] bool saw_cancelled(int calls) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel::tests
