#pragma once
// A server of Milvus's gRPC service that answers on an executor, in JSON. Nothing of gRPC is in
// this header.

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "agent/demo/grpc_api.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::demo {

// A call as its handler sees it.
struct GrpcCall {
  std::string method;   // "ShowCollections": only methods of MilvusService come this far
  std::string request;  // as JSON
  GrpcMetadata metadata;
  std::shared_ptr<const std::atomic<bool>> ended;

  // True once nobody waits for the answer: the deadline is over, or the client or the server gone.
  [[nodiscard]] bool over() const { return *ended; }
};

// Answers a call, on the server's executor. It should look at over() where it waits.
using GrpcHandler = std::function<Awaitable<GrpcReply>(GrpcCall)>;

// Certificates and keys, PEM. No certificate: no TLS. A client authority: clients show theirs.
struct GrpcTls {
  std::string certificate, key, client_authority;
};

// Serves on a free port of 127.0.0.1. At most kMostCalls are under way at once, others are refused
// (RESOURCE_EXHAUSTED), and so are requests over 1 MiB.
class GrpcServer {
 public:
  static constexpr int kMostCalls = 1024;

  // Throws std::runtime_error if there is no port. `executor` must be of one thread.
  GrpcServer(const asio::any_io_executor& executor, GrpcHandler handler, const GrpcTls& tls = {});
  // Ends every call, and returns when gRPC's threads have let go of all. A handler that waits goes
  // on when its executor does, and its answer is dropped.
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  [[nodiscard]] std::string authority() const;  // "127.0.0.1:41234"

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel::demo
