#include "agent/etcd/client.hpp"

#include <cassert>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/util/base64.hpp"
#include "agent/util/secret_file.hpp"

namespace evenkeel::etcd {
namespace {

using nlohmann::json;

json number(std::int64_t value) {
  return std::to_string(value);  // as protobuf's JSON has 64-bit integers
}

json lease_body(LeaseId lease) {
  return {{"ID", number(static_cast<std::int64_t>(lease))}};
}

json put_body(const std::string& key, const std::string& value, LeaseId lease) {
  json body{{"key", encode_base64(key)}, {"value", encode_base64(value)}};
  if (lease != LeaseId{}) body["lease"] = number(static_cast<std::int64_t>(lease));
  return body;
}

// Conditions of a transaction.
json last_changed(const std::string& key, Revision modified) {
  return {{"key", encode_base64(key)},
          {"target", "MOD"},
          {"result", "EQUAL"},
          {"mod_revision", number(modified)}};
}

json made_by(const std::string& key, Revision created) {
  return {{"key", encode_base64(key)},
          {"target", "CREATE"},
          {"result", "EQUAL"},
          {"create_revision", number(created)}};
}

// A transaction that makes `change` if all conditions hold, and else reads `key`.
std::string change_body(json conditions, json change, const std::string& key) {
  const json read{{"request_range", {{"key", encode_base64(key)}}}};
  return json{{"compare", std::move(conditions)},
              {"success", json::array({std::move(change)})},
              {"failure", json::array({read})}}
      .dump();
}

// The end of the range of all keys that begin with `prefix`: its last byte that can be raised,
// raised by one. "\0" is the end of all keys.
std::string end_of(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (prefix.empty()) return std::string(1, '\0');
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

Failure transport_failure(const http::Error& error) {
  Failure failure{FailureKind::unreachable, error.message};
  if (error.kind == http::ErrorKind::too_large || error.kind == http::ErrorKind::protocol ||
      error.kind == http::ErrorKind::redirect) {
    failure.kind = FailureKind::malformed;
  }
  if (error.kind == http::ErrorKind::connect) {
    failure.message += " (is etcd up, and is this a client URL of it, port 2379 by default?)";
  }
  return failure;
}

// True if another member of the same etcd may do better.
bool may_be_this_one_alone(FailureKind kind) {
  return kind == FailureKind::unreachable || kind == FailureKind::unavailable ||
         kind == FailureKind::malformed;
}

std::optional<KeyValue> only_one(Listing found) {
  if (found.keys.empty()) return std::nullopt;
  return std::move(found.keys.front());
}

}  // namespace

Client::Client(http::Client& http, ClientOptions options)
    : http_(http), options_(std::move(options)) {
  assert(!options_.endpoints.empty());
  for (auto& endpoint : options_.endpoints) {
    while (endpoint.target.ends_with('/')) endpoint.target.pop_back();
  }
}

template <typename T>
Awaitable<Result<T>> Client::send(http::Url endpoint, std::string_view path, std::string body,
                                  std::string token, Parse<T> parse) {
  http::Request request;
  request.method = "POST";
  request.url = std::move(endpoint);
  request.url.target.append(path);
  request.body = std::move(body);
  request.content_type = "application/json";
  request.authorization = std::move(token);
  request.deadline = options_.timeout;
  request.max_body = options_.max_answer;
  const std::string asked = "POST " + request.url.str() + ": ";
  auto response = co_await http_.send(std::move(request));
  if (!response) co_return tl::unexpected(transport_failure(response.error()));
  Result<T> result = tl::unexpected(Failure{});
  if (response->status == 200) {
    result = parse(response->body);
  } else {
    result = tl::unexpected(parse_failure(response->status, response->body));
  }
  if (!result) result.error().message.insert(0, asked);
  co_return result;
}

Awaitable<Result<std::string>> Client::token(http::Url endpoint) {
  if (options_.username.empty()) co_return std::string();
  if (token_) co_return *token_;
  if (options_.now() < rests_until_) co_return tl::unexpected(refusal_);
  auto fetched = co_await fetch_token(std::move(endpoint));
  if (fetched) token_ = *fetched;
  if (!fetched && fetched.error().kind == FailureKind::login) {
    refusal_ = fetched.error();
    rests_until_ = options_.now() + kLoginRest;
  }
  co_return fetched;
}

Awaitable<Result<std::string>> Client::fetch_token(http::Url endpoint) {
  auto password = read_secret_line(options_.password_file);
  if (!password) {
    co_return tl::unexpected(Failure{
        FailureKind::login, "the password for etcd cannot be read: " + options_.password_file +
                                ": [etcd] password_file: " + password.error()});
  }
  const json login{{"name", options_.username}, {"password", *std::move(password)}};
  auto fetched = co_await send<std::string>(
      std::move(endpoint), "/v3/auth/authenticate",
      login.dump(-1, ' ', false, json::error_handler_t::replace), {}, parse_token);
  if (!fetched && fetched.error().kind == FailureKind::login_off) fetched = std::string();
  co_return fetched;
}

template <typename T>
Awaitable<Result<T>> Client::ask_one(http::Url endpoint, std::string_view path, std::string body,
                                     Parse<T> parse) {
  Result<T> result = tl::unexpected(Failure{});
  for (const bool again : {false, true}) {
    auto good = co_await token(endpoint);
    if (!good) co_return tl::unexpected(std::move(good.error()));
    result = co_await send<T>(endpoint, path, body, *good, parse);
    if (again || result || result.error().kind != FailureKind::token) break;
    if (options_.username.empty()) break;
    // Another operation may have fetched a new one meanwhile.
    if (token_ == *good) token_.reset();
  }
  if (!result && result.error().kind == FailureKind::token) {
    result.error().kind = FailureKind::login;
  }
  co_return result;
}

template <typename T>
Awaitable<Result<T>> Client::ask(std::string_view path, std::string body, Parse<T> parse) {
  const auto count = options_.endpoints.size();
  const auto begin = first_;
  std::optional<Failure> failure;
  for (std::size_t step = 0; step < count; ++step) {
    const auto at = (begin + step) % count;
    auto result = co_await ask_one<T>(options_.endpoints[at], path, body, parse);
    if (result || !may_be_this_one_alone(result.error().kind)) {
      first_ = at;
      co_return result;
    }
    if (failure) {
      failure->message.append("; ").append(result.error().message);
    } else {
      failure = std::move(result.error());
    }
  }
  co_return tl::unexpected(std::move(*failure));
}

Awaitable<Result<std::optional<KeyValue>>> Client::get(std::string key, Revision at) {
  json body{{"key", encode_base64(key)}};
  if (at != 0) body["revision"] = number(at);
  auto found = co_await ask<Listing>("/v3/kv/range", body.dump(), parse_range);
  co_return std::move(found).map(only_one);
}

Awaitable<Result<Listing>> Client::list(const std::string& prefix, std::size_t at_most) {
  const json body{{"key", encode_base64(prefix)},
                  {"range_end", encode_base64(end_of(prefix))},
                  {"limit", std::to_string(at_most)}};
  return ask<Listing>("/v3/kv/range", body.dump(), parse_range);
}

Awaitable<Result<Revision>> Client::put(const std::string& key, const std::string& value,
                                        LeaseId lease) {
  return ask<Revision>("/v3/kv/put", put_body(key, value, lease).dump(), parse_put);
}

Awaitable<Result<Change>> Client::put_if(const std::string& key, Revision modified,
                                         const std::string& value, LeaseId lease) {
  return ask<Change>("/v3/kv/txn",
                     change_body(json::array({last_changed(key, modified)}),
                                 {{"request_put", put_body(key, value, lease)}}, key),
                     parse_change);
}

Awaitable<Result<Change>> Client::put_while(const std::string& key, Revision modified,
                                            const std::string& value, const std::string& other,
                                            Revision created) {
  return ask<Change>(
      "/v3/kv/txn",
      change_body(json::array({made_by(other, created), last_changed(key, modified)}),
                  {{"request_put", put_body(key, value, LeaseId{})}}, other),
      parse_change);
}

Awaitable<Result<Change>> Client::delete_if(const std::string& key, Revision modified) {
  const json gone{{"request_delete_range", {{"key", encode_base64(key)}}}};
  return ask<Change>("/v3/kv/txn",
                     change_body(json::array({last_changed(key, modified)}), gone, key),
                     parse_change);
}

Awaitable<Result<Lease>> Client::grant(std::chrono::seconds time) {
  return ask<Lease>("/v3/lease/grant", json{{"TTL", number(time.count())}}.dump(), parse_grant);
}

Awaitable<Result<Lease>> Client::keep_alive(LeaseId lease) {
  return ask<Lease>("/v3/lease/keepalive", lease_body(lease).dump(), parse_renewal);
}

Awaitable<Result<Lease>> Client::time_left(LeaseId lease) {
  return ask<Lease>("/v3/lease/timetolive", lease_body(lease).dump(), parse_time_left);
}

Awaitable<Result<void>> Client::revoke(LeaseId lease) {
  return ask<void>("/v3/lease/revoke", lease_body(lease).dump(), parse_revoked);
}

}  // namespace evenkeel::etcd
