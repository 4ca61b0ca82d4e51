#pragma once
// What Milvus's gRPC service answers, for a simulated cluster of any release, as JSON of its
// messages. Most answers are those of /api/v1, which renders the same messages; what gRPC does
// differently is read in Milvus's source, not seen: logins, privileges, databases in the metadata.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/demo/milvus_api.hpp"

namespace evenkeel::demo {

// The codes of gRPC that Milvus, or a server in its place, answers with.
enum class GrpcCode {
  ok = 0,
  cancelled = 1,
  invalid_argument = 3,
  permission_denied = 7,
  resource_exhausted = 8,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  unauthenticated = 16,
};

// A call that fails without a message in answer.
struct GrpcStatus {
  GrpcCode code = GrpcCode::ok;
  std::string message;
};

// A response as JSON.
using GrpcReply = tl::expected<std::string, GrpcStatus>;
using GrpcMetadata = std::multimap<std::string, std::string>;  // names in small letters

// Who may ask what. No user: everybody may everything.
struct GrpcLogin {
  std::string user, password;
  std::vector<std::string> denied;  // privileges that the user lacks: "LoadBalance"
};

// Returns the request with a database: its own, or that of the metadata (`dbname`), or "default".
// `request` is good JSON, here and below.
[[nodiscard]] std::string with_database(std::string_view method, std::string_view request,
                                        const GrpcMetadata& metadata);

// Says why a call is refused before anybody looks at it; ok: it is not. `request` has a database.
[[nodiscard]] GrpcStatus admit(const GrpcLogin& login, const GrpcMetadata& metadata,
                               std::string_view method, std::string_view request);

// Answers all methods but LoadBalance, which takes its time.
[[nodiscard]] GrpcReply answer_call(Simulation& simulation, Simulation::Time now,
                                    const Directory& directory, std::string_view method,
                                    std::string_view request);

}  // namespace evenkeel::demo
