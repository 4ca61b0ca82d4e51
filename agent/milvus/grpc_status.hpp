#pragma once
// What gRPC says of a call that was not answered, and what that means here. Internal to milvus.

#include <cstddef>
#include <string>

#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

// gRPC's own numbers, those that decide something here.
namespace grpc_code {
inline constexpr int kCancelled = 1, kUnknown = 2, kDeadlineExceeded = 4, kPermissionDenied = 7,
                     kResourceExhausted = 8, kAborted = 10, kUnimplemented = 12, kInternal = 13,
                     kUnavailable = 14, kUnauthenticated = 16;
}  // namespace grpc_code

// A call's status other than OK.
struct GrpcStatus {
  int code = grpc_code::kUnknown;
  std::string words{};
};

// Says what the status means, with the server's words in it. Such a Failure is `unsupported` for a
// call that the server does not have.
[[nodiscard]] Failure failure_of(const GrpcStatus& status);

}  // namespace evenkeel::milvus
