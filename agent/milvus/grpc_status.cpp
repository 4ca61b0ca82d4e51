#include "agent/milvus/grpc_status.hpp"

#include "agent/milvus/error_words.hpp"

namespace evenkeel::milvus {
namespace {

using namespace grpc_code;

bool says(std::string_view words, std::string_view part) {
  return words.find(part) != std::string_view::npos;
}

std::string with_words(std::string meaning, const std::string& words) {
  return words.empty() ? meaning : std::move(meaning) + ": " + words;
}

bool is_closed(const std::string& words) {
  return says(words, "Socket closed") || says(words, "Connection reset") ||
         says(words, "Broken pipe") || says(words, "Endpoint read failed") ||
         says(words, "GOAWAY received") || says(words, "Transport closed");
}

Failure unavailable(const std::string& words) {
  std::string advice = " (is Milvus up, and is this a proxy's gRPC port, 19530 by default?)";
  if (says(words, "http1.x")) {
    advice = " (this is a port of HTTP, as 9091 is: gRPC's is 19530 by default)";
  } else if (says(words, "SSL_ERROR") || says(words, "Ssl handshake")) {
    advice = " (does this port speak TLS, and are [milvus] ca_file, cert_file and key_file right?)";
  } else if (is_closed(words) && !says(words, "failed to connect")) {
    advice = " (the connection broke; the next call opens another)";
  } else if (is_closed(words)) {
    advice =
        " (the server closed it: a port that wants TLS is asked as grpcs://, and one that wants a "
        "certificate needs [milvus] cert_file)";
  }
  return {.kind = FailureKind::transport, .message = with_words("no connection", words) + advice};
}

// "PrivilegeLoadBalance: permission deny to evenkeel in the `default` database": from 2.3 on.
Failure denied(const std::string& words) {
  constexpr std::string_view kPrefix = "Privilege";
  const auto end = words.find(':');
  std::string message = "the login may not do this";
  if (words.starts_with(kPrefix) && end != std::string::npos) {
    const auto privilege = words.substr(kPrefix.size(), end - kPrefix.size());
    message += ": its role needs the privilege " + privilege;
  }
  return {.kind = FailureKind::login, .message = message + " (Milvus: " + words + ")"};
}

// What a server says that gives its errors no code of gRPC's, as 2.1 and 2.2 do.
Failure without_code(const std::string& words) {
  Failure failure{.kind = kind_of(0, 0, words), .message = "Milvus answered: " + words};
  if (says(words, "auth check failure") || says(words, "unauthenticated")) {
    failure.kind = FailureKind::login;
  } else if (says(words, "permission deny")) {
    return denied(words);
  }
  return failure;
}

Failure exhausted(const std::string& words) {
  if (says(words, "larger than max")) {
    return {.kind = FailureKind::transport,
            .message = with_words("the answer is too long", words) + " ([milvus] max_answer)"};
  }
  return {.kind = FailureKind::refused, .message = with_words("Milvus has too much to do", words)};
}

}  // namespace

Failure failure_of(const GrpcStatus& status) {
  const auto words = readable(status.words);
  switch (status.code) {
    case kCancelled:
      return {.kind = FailureKind::transport, .message = with_words("cancelled", words)};
    case kDeadlineExceeded:
      return {.kind = FailureKind::transport, .message = words, .timed_out = true};
    case kAborted:
      return {.kind = FailureKind::transport, .message = words};
    case kUnavailable:
      return unavailable(words);
    case kInternal:
      return {.kind = FailureKind::transport, .message = with_words("the call broke off", words)};
    case kResourceExhausted:
      return exhausted(words);
    case kUnauthenticated:
      return {.kind = FailureKind::login,
              .message = with_words("the login is missing or wrong", words)};
    case kPermissionDenied:
      return denied(words);
    case kUnimplemented:
      return {.kind = FailureKind::unsupported,
              .message = with_words("this version of Milvus does not have this call", words)};
    case kUnknown:
      return without_code(words);
    default:
      return {.kind = kind_of(0, 0, words),
              .message = "gRPC status " + std::to_string(status.code) + ": " + words};
  }
}

}  // namespace evenkeel::milvus
