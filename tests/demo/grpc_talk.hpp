#pragma once
// A client for tests that knows of gRPC and nothing of Milvus: one blocking call a channel.

#include <google/protobuf/message_lite.h>

#include <chrono>
#include <string>

#include "agent/demo/grpc_server.hpp"

namespace evenkeel::demo {

struct GrpcQuestion {
  std::string authority;  // "127.0.0.1:41234"
  std::string method;     // "/milvus.proto.milvus.MilvusService/ShowCollections"
  GrpcMetadata metadata{};
  std::chrono::milliseconds deadline{10'000};
  GrpcTls tls{};  // the client's own certificate and key, and the authority that it trusts
};

// Blocks until the answer is there; `response` is filled if the status is ok.
[[nodiscard]] GrpcStatus ask(const GrpcQuestion& question,
                             const google::protobuf::MessageLite& request,
                             google::protobuf::MessageLite& response);

}  // namespace evenkeel::demo
