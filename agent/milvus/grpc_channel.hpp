#pragma once
// A connection to one server of gRPC, for unary calls whose messages are bytes. gRPC's own headers
// are heavy and stay behind this one.

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agent/http/client.hpp"
#include "agent/milvus/grpc_status.hpp"

namespace evenkeel::milvus {

// What the path of each call begins with.
inline constexpr std::string_view kMilvusService = "/milvus.proto.milvus.MilvusService/";

// The bounds and settings of a channel.
struct GrpcChannelOptions {
  http::TlsOptions tls{};
  std::size_t max_answer = 64u << 20;  // bytes of one answer
  // gRPC's own name of the server, such as "ipv4:10.0.0.1:19530,10.0.0.2:19530"; empty: the host
  // and port.
  std::string target{};
};

// A call to make, and its bounds.
struct GrpcCall {
  std::string method;           // "/milvus.proto.milvus.MilvusService/GetReplicas"
  std::string message{};        // the request, as Protocol Buffers
  std::string authorization{};  // metadata; empty: none. No error has it.
  std::string database{};       // metadata `dbname`; empty: none
  // Covers the whole call, with the time that it takes to connect.
  std::chrono::milliseconds deadline{10'000};
  // If set, it is asked just before the request is written, when the connection stands; false:
  // nothing is sent, and the call ends with kAborted.
  std::function<bool()> may_send{};
};

// A channel of gRPC, which connects when it is first used and again when its connection breaks. Its
// calls belong to one executor's thread.
class GrpcChannel {
 public:
  // Only the host, port and `tls` of `server` count. Files that cannot be read fail every call.
  GrpcChannel(const http::Url& server, GrpcChannelOptions options);
  // Cancels every call and waits until gRPC's threads have left them.
  ~GrpcChannel();
  GrpcChannel(const GrpcChannel&) = delete;
  GrpcChannel& operator=(const GrpcChannel&) = delete;

  // Returns the answer's bytes. A request is sent once at most. Cancelling the coroutine cancels
  // the call. Once a server was found out of reach, a call fails within a second until it is back.
  [[nodiscard]] Awaitable<tl::expected<std::string, GrpcStatus>> call(GrpcCall call);

  // Reads the TLS files again, for the calls that are begun from now on. If one of them cannot be
  // used, the error names it, and they are used as they were read before.
  [[nodiscard]] tl::expected<void, std::string> renew_tls();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel::milvus
