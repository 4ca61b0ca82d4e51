#include "agent/etcd/answers.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/util/base64.hpp"
#include "agent/util/json_view.hpp"

namespace evenkeel::etcd {
namespace {

// The codes of gRPC that etcd's errors have.
enum class Code : std::int64_t {
  invalid_argument = 3,
  not_found = 5,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  out_of_range = 11,
  unavailable = 14,
  unauthenticated = 16,
};

bool has(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

FailureKind kind_of(Code code, std::string_view words) {
  switch (code) {
    case Code::invalid_argument:
      if (has(words, "authentication failed")) return FailureKind::login;
      if (has(words, "user name is empty")) return FailureKind::token;
      return has(words, "revision of auth store is old") ? FailureKind::token
                                                         : FailureKind::refused;
    case Code::not_found:
      return has(words, "lease not found") ? FailureKind::lease_not_found : FailureKind::refused;
    case Code::permission_denied:
      return FailureKind::permission;
    case Code::resource_exhausted:
      return has(words, "space exceeded") ? FailureKind::no_space : FailureKind::unavailable;
    case Code::failed_precondition:
      return has(words, "authentication is not enabled") ? FailureKind::login_off
                                                         : FailureKind::refused;
    case Code::out_of_range:
      return has(words, "compacted") ? FailureKind::compacted : FailureKind::refused;
    case Code::unavailable:
      return FailureKind::unavailable;
    case Code::unauthenticated:
      return FailureKind::token;
  }
  return FailureKind::refused;
}

std::string_view advice(FailureKind kind) {
  switch (kind) {
    case FailureKind::no_space:
      return "it is full and takes no writes: compact and defragment it, then run `etcdctl alarm "
             "disarm`";
    case FailureKind::login:
    case FailureKind::token:
      return "look at [etcd] username and password_file";
    case FailureKind::permission:
      return "grant the user of [etcd] username a role that may read and write there";
    case FailureKind::compacted:
      return "read the key again at its newest revision";
    default:
      return {};
  }
}

Failure malformed(const std::string& what, std::string_view body) {
  return {FailureKind::malformed,
          "this is no answer of etcd: " + what + "; it begins with: " + beginning_of(body)};
}

// Reads {"message":…,"code":…}, or {"message":…,"grpc_code":…}, as streams have it.
Failure failure_in(const JsonView& error) {
  const auto words = error["message"].text();
  const auto code = error["grpc_code"].is_null() ? error["code"] : error["grpc_code"];
  const auto kind = kind_of(Code{code.required_integer()}, words);
  std::string message = "etcd answered: " + beginning_of(words);
  if (const auto what_to_do = advice(kind); !what_to_do.empty()) {
    message.append("; ").append(what_to_do);
  }
  return {kind, std::move(message)};
}

// Parses the body and hands it to `read`, which may throw Malformed.
template <typename T, typename Read>
Result<T> read_body(std::string_view body, Read read) {
  const auto json = parse_json(body);
  if (!json) return tl::unexpected(malformed(json.error(), body));
  try {
    return read(JsonView(*json));
  } catch (const Malformed& error) {
    return tl::unexpected(malformed(error.what(), body));
  }
}

// Every answer has the store's revision, which begins at 1.
Revision revision_of(const JsonView& answer) {
  return answer["header"]["revision"].required_integer();
}

std::string bytes_of(const JsonView& value) {
  const auto text = value.text();
  if (text.empty()) return {};
  auto decoded = decode_base64(text);
  if (!decoded) value.expected("base64");
  return *std::move(decoded);
}

KeyValue key_value(const JsonView& item) {
  return {.key = bytes_of(item["key"]),
          .value = bytes_of(item["value"]),
          .created = item["create_revision"].required_integer(),
          .modified = item["mod_revision"].required_integer(),
          .lease = LeaseId{item["lease"].integer()}};
}

Listing listing(const JsonView& range) {
  Listing found;
  for (const auto& item : range["kvs"].items()) found.keys.push_back(key_value(item));
  found.all = !range["more"].boolean();
  return found;
}

Failure ended() {
  return {FailureKind::lease_not_found, "etcd answered that the lease has ended"};
}

}  // namespace

std::string_view name(FailureKind kind) {
  switch (kind) {
    case FailureKind::unreachable:
      return "unreachable";
    case FailureKind::unavailable:
      return "unavailable";
    case FailureKind::malformed:
      return "malformed";
    case FailureKind::no_space:
      return "no_space";
    case FailureKind::login:
      return "login";
    case FailureKind::token:
      return "token";
    case FailureKind::login_off:
      return "login_off";
    case FailureKind::permission:
      return "permission";
    case FailureKind::compacted:
      return "compacted";
    case FailureKind::lease_not_found:
      return "lease_not_found";
    case FailureKind::refused:
      return "refused";
  }
  return "unknown";
}

Result<Listing> parse_range(std::string_view body) {
  return read_body<Listing>(body, [](const JsonView& answer) -> Result<Listing> {
    (void)revision_of(answer);
    return listing(answer);
  });
}

Result<Revision> parse_put(std::string_view body) {
  return read_body<Revision>(
      body, [](const JsonView& answer) -> Result<Revision> { return revision_of(answer); });
}

Result<Change> parse_change(std::string_view body) {
  return read_body<Change>(body, [](const JsonView& answer) -> Result<Change> {
    Change change{.done = answer["succeeded"].boolean(), .revision = revision_of(answer)};
    if (change.done) return change;
    const auto responses = answer["responses"].items();
    if (responses.empty()) answer["responses"].expected("what was read instead");
    auto found = listing(responses[0]["response_range"]).keys;
    if (!found.empty()) change.found = std::move(found.front());
    return change;
  });
}

Result<Lease> parse_grant(std::string_view body) {
  return read_body<Lease>(body, [](const JsonView& answer) -> Result<Lease> {
    (void)revision_of(answer);
    return Lease{LeaseId{answer["ID"].required_integer()},
                 std::chrono::seconds{answer["TTL"].required_integer()}};
  });
}

Result<Lease> parse_renewal(std::string_view body) {
  return read_body<Lease>(body, [](const JsonView& answer) -> Result<Lease> {
    if (const auto error = answer["error"]; !error.is_null()) {
      return tl::unexpected(failure_in(error));
    }
    const auto result = answer["result"];
    (void)revision_of(result);
    const auto left = result["TTL"].integer();  // left out where it is 0
    if (left <= 0) return tl::unexpected(ended());
    return Lease{LeaseId{result["ID"].required_integer()}, std::chrono::seconds{left}};
  });
}

Result<Lease> parse_time_left(std::string_view body) {
  return read_body<Lease>(body, [](const JsonView& answer) -> Result<Lease> {
    (void)revision_of(answer);
    const auto left = answer["TTL"].integer();
    if (left < 0) return tl::unexpected(ended());
    return Lease{LeaseId{answer["ID"].required_integer()}, std::chrono::seconds{left}};
  });
}

Result<void> parse_revoked(std::string_view body) {
  return read_body<void>(body, [](const JsonView& answer) -> Result<void> {
    (void)revision_of(answer);
    return {};
  });
}

Result<std::string> parse_token(std::string_view body) {
  return read_body<std::string>(body, [](const JsonView& answer) -> Result<std::string> {
    auto token = answer["token"].text();
    const auto graphic = [](char c) { return c > ' ' && c < '\x7f'; };
    if (token.empty() || !std::all_of(token.begin(), token.end(), graphic)) {
      answer["token"].expected("a token");
    }
    return token;
  });
}

Failure parse_failure(int status, std::string_view body) {
  auto failure = read_body<Failure>(
      body, [](const JsonView& answer) -> Result<Failure> { return failure_in(answer); });
  auto found = failure ? *std::move(failure) : std::move(failure.error());
  found.message = "HTTP " + std::to_string(status) + ": " + found.message;
  return found;
}

}  // namespace evenkeel::etcd
