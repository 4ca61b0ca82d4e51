#pragma once
// Bytes to and from gRPC's buffers. It has gRPC's headers, so only those include it that need them.

#include <grpcpp/support/byte_buffer.h>

#include <optional>
#include <string>
#include <vector>

namespace evenkeel {

inline grpc::ByteBuffer buffer_of(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

// Returns nullopt if gRPC cannot read its own buffer.
[[nodiscard]] inline std::optional<std::string> bytes_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return std::nullopt;
  std::string bytes;
  bytes.reserve(buffer.Length());
  for (const auto& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace evenkeel
