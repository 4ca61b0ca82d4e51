#pragma once

#include <string>

#include "agent/demo/grpc_server.hpp"
#include "agent/demo/simulated_milvus.hpp"

namespace evenkeel::demo {

// The gRPC port of a simulated Milvus: the same cluster, asked as the SDKs ask. A login, where the
// world has one, is asked for in every release.
class SimulatedGrpc {
 public:
  // Serves on `executor`, which must be that of `milvus`. Throws std::runtime_error if there is no
  // port.
  SimulatedGrpc(const asio::any_io_executor& executor, const SimulatedMilvus& milvus,
                const GrpcTls& tls = {});

  [[nodiscard]] std::string address() const;  // "grpc://127.0.0.1:41234"; with TLS, "grpcs://…"

 private:
  bool tls_;
  GrpcServer server_;
};

}  // namespace evenkeel::demo
