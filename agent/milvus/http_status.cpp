#include "agent/milvus/http_status.hpp"

#include "agent/milvus/answers.hpp"
#include "agent/util/format.hpp"
#include "agent/util/json_view.hpp"
#include "agent/util/url.hpp"

namespace evenkeel::milvus {
namespace {

constexpr std::string_view kRest = "/v2/";  // what Milvus's gRPC port does have by HTTP

// What to tell who gave that port as an HTTP address; empty: it is another one. It takes HTTP, but
// has no /api/v1: a real 2.2.16 and 2.3.5 answer 404 there, or 401 where logins are on, and close
// the connection where TLS is wanted.
std::string advice_for_grpc_port(const http::Url& asked) {
  if (asked.port != kMilvusGrpcPort || asked.target.starts_with(kRest)) return {};
  return std::string("this is Milvus's gRPC port: write ") + (asked.tls ? "grpcs://" : "grpc://") +
         asked.authority() + " or use port 9091";
}

bool is_answer_of_another_protocol(http::ErrorKind kind) {
  using http::ErrorKind;
  return kind == ErrorKind::protocol || kind == ErrorKind::reset || kind == ErrorKind::tls;
}

}  // namespace

Failure failure_of(const http::Error& error, const http::Url& asked) {
  Failure failure{.kind = FailureKind::transport,
                  .message = error.message,
                  .timed_out = error.kind == http::ErrorKind::timeout};
  std::string advice;
  if (error.kind == http::ErrorKind::too_large) advice = "[milvus] max_answer";
  if (error.kind == http::ErrorKind::connect) {
    advice = "is Milvus up, and is this a proxy's HTTP port, 9091 by default?";
  } else if (is_answer_of_another_protocol(error.kind)) {
    advice = advice_for_grpc_port(asked);
  }
  if (!advice.empty()) failure.message += " (" + advice + ")";
  return failure;
}

Failure failure_of(const http::Response& response, const http::Url& asked) {
  const auto advice = advice_for_grpc_port(asked);
  if (response.status == 404) {
    return {.kind = FailureKind::malformed,
            .message =
                "HTTP 404: " +
                (advice.empty()
                     ? "this is no proxy's HTTP port (9091 by default), or a Milvus whose /api/v1 "
                       "is switched off (proxy.http.enabled) or retired (newer than 3.0)"
                     : advice)};
  }
  auto failure = parse_refusal(response.body);
  const bool milvus_says = failure.kind != FailureKind::malformed;
  if (!milvus_says) {
    failure.message = beginning_of(response.body);
    if (response.status >= 500) failure.kind = FailureKind::refused;
  }
  if (response.status == 401 || response.status == 403) failure.kind = FailureKind::login;
  failure.message = "HTTP " + std::to_string(response.status) + ": " + failure.message;
  if (!advice.empty()) failure.message += " (" + advice + ")";
  return failure;
}

}  // namespace evenkeel::milvus
