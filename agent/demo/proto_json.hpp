#pragma once
// The messages of Milvus's gRPC service as JSON, in the style of /api/v1, which renders the same
// messages: by their own names, without zeros, numbers as numbers.

#include <optional>
#include <string>
#include <string_view>

namespace evenkeel::demo {

// `method` is a method of MilvusService: "ShowCollections".
[[nodiscard]] bool is_method(std::string_view method);

// Returns the JSON of a request's bytes; none if they are no such message.
[[nodiscard]] std::optional<std::string> request_json(std::string_view method,
                                                      const std::string& bytes);

// Returns the bytes of the response that this JSON describes; what the message has no field for is
// left out. Throws nlohmann::json::exception if a field has another type.
[[nodiscard]] std::string response_bytes(std::string_view method, std::string_view json);

}  // namespace evenkeel::demo
