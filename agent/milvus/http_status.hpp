#pragma once
// What HTTP says of a call that was not answered, and what that means here. Internal to milvus.

#include "agent/http/client.hpp"
#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

// Says what the error of a call to `asked` means, with the client's words in it.
[[nodiscard]] Failure failure_of(const http::Error& error, const http::Url& asked);
// Says what a status other than 200 means, with Milvus's words in it where it has some.
[[nodiscard]] Failure failure_of(const http::Response& response, const http::Url& asked);

}  // namespace evenkeel::milvus
