#include "agent/web/gate.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/settings/address.hpp"
#include "agent/util/base64.hpp"

namespace evenkeel::web {
namespace {

// The burst of changes: so many seconds' worth of the rate.
constexpr double kBurst = 3;
// The webhook's burst is larger: a host that dies fires a group of alerts for each thing on it.
constexpr double kWebhookBurst = 30;
// Token bucket for wrong credentials: ten at once, then one in 6 s.
constexpr double kFailuresAtOnce = 10;
constexpr double kFailuresPerSecond = 1.0 / 6;

RateLimiter limiter_of(const Access& access, double burst) {
  return {static_cast<double>(access.changes_per_second), burst * access.changes_per_second};
}

Refusal refusal(int status, std::string code, std::string message) {
  return {.status = status, .code = std::move(code), .message = std::move(message)};
}

Refusal too_many(const RateLimiter& limiter, std::string code, std::string message) {
  auto refused = refusal(429, std::move(code), std::move(message));
  refused.headers.emplace_back("Retry-After", std::to_string(limiter.wait().count()));
  return refused;
}

std::optional<Refusal> refuse_method(const http::RequestHead& head, std::string_view allowed) {
  if (allowed.empty()) return refusal(404, "not_found", "There is nothing at this path.");
  if (head.method == "POST" && allowed.find("POST") != allowed.npos) return std::nullopt;
  const std::string list(allowed);
  auto refused = refusal(405, "method_not_allowed", "This path takes " + list + " alone.");
  refused.headers.emplace_back("Allow", list);
  return refused;
}

// Turns "Bearer x" into "x", whatever the case of the first word.
std::optional<std::string_view> after_scheme(std::string_view authorization,
                                             std::string_view scheme) {
  if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ') {
    return std::nullopt;
  }
  const bool same = std::equal(
      scheme.begin(), scheme.end(), authorization.begin(),
      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  return same ? std::optional(authorization.substr(scheme.size() + 1)) : std::nullopt;
}

}  // namespace

Gate::Gate(std::shared_ptr<const Access> access, std::string host, Methods methods)
    : access_(std::move(access)),
      host_(std::move(host)),
      methods_(std::move(methods)),
      changes_(limiter_of(*access_, kBurst)),
      webhooks_(limiter_of(*access_, kWebhookBurst)),
      failures_(kFailuresPerSecond, kFailuresAtOnce) {}

void Gate::use(std::shared_ptr<const Access> access) {
  if (access->changes_per_second != access_->changes_per_second) {
    changes_ = limiter_of(*access, kBurst);
    webhooks_ = limiter_of(*access, kWebhookBurst);
  }
  access_ = std::move(access);
}

std::optional<Refusal> Gate::refuse_reading(const http::RequestHead& head) const {
  // Only HTTP/1.0 has no Host header, and no browser speaks that.
  if (!settings::Listen{.host = host_}.is_loopback() || head.host.empty()) return std::nullopt;
  // Reading needs no credential, whatever credentials there are.
  Place open = place();
  open.open = true;
  return refuse_foreign_name(head, open);
}

Place Gate::place() const {
  return {.tls = access_->tls != nullptr,
          .open = access_->open(),
          .host = host_,
          .hosts = access_->hosts};
}

std::optional<Refusal> Gate::refuse(const http::RequestHead& head, const http::Peer& peer,
                                    Clock::time_point now) {
  if (auto refused = refuse_method(head, methods_(head.path))) return refused;
  if (access_->read_only) {
    return refusal(403, "read_only",
                   "This agent takes no request that changes something ([web] read_only = true).");
  }
  auto& limiter = head.path == kWebhookPath ? webhooks_ : changes_;
  // A known user has a token bucket apart from what others send from the same address.
  const auto user = known_user(head, peer);
  if (!limiter.take(user ? peer.address + ' ' + *user : peer.address, now)) {
    return too_many(limiter, "too_many_changes",
                    "Too many requests from your address ([web] changes_per_second).");
  }
  if (auto refused = refuse_cross_site(head, place())) return refused;
  if (head.content_type != "application/json") {
    return refusal(415, "bad_content_type",
                   "The Content-Type must be application/json, with a body of {} or more.");
  }
  return std::nullopt;
}

Refusal Gate::wrong_credential() const {
  if (!access_->token && access_->users.empty()) {
    return refusal(403, "no_credential",
                   "To change something, a client certificate of [web] client_ca_file is needed.");
  }
  auto refused = refusal(401, "wrong_credential",
                         "To change something, a token or a user's password is needed, and it must "
                         "be right ([web] token_file, users_file).");
  if (access_->token) {
    refused.headers.emplace_back("WWW-Authenticate", R"(Bearer realm="evenkeel")");
  }
  if (!access_->users.empty()) {
    refused.headers.emplace_back("WWW-Authenticate", R"(Basic realm="evenkeel", charset="UTF-8")");
  }
  return refused;
}

// The user, if that can be told at once: by a token, a certificate, or a password that was checked
// before.
std::optional<std::string> Gate::known_user(const http::RequestHead& head,
                                            const http::Peer& peer) const {
  if (head.authorization.empty()) {
    return access_->certificates && peer.verified ? std::optional(peer.certificate) : std::nullopt;
  }
  const auto token = after_scheme(head.authorization, "Bearer");
  if (token && access_->token && access_->token->matches(*token)) return "token";
  const auto claim = password_in(head.authorization);
  const bool known = claim && known_.knows(claim->user, claim->password, claim->hash);
  return known && claim->user_exists ? std::optional(claim->user) : std::nullopt;
}

Gate::Claim Gate::claim(const http::RequestHead& head, const http::Peer& peer,
                        Clock::time_point now) {
  if (access_->open()) return Known{};
  // A known user passes whatever came from the same address, which many may share.
  if (const auto user = known_user(head, peer)) return Known{*user};
  if (head.authorization.empty()) {
    auto refused = wrong_credential();
    refused.code = "no_credential";
    return refused;
  }
  // An attempt counts as a failure until it succeeds, so that guesses under way at the same time
  // count, too.
  if (!failures_.take(peer.address, now)) {
    return too_many(failures_, "too_many_failures",
                    "Too many wrong credentials from your address. Wait, then try again.");
  }
  if (auto claim = password_in(head.authorization)) return *std::move(claim);
  return wrong_credential();
}

// Returns nullopt if it is no password, or there are no users.
std::optional<Gate::Password> Gate::password_in(std::string_view authorization) const {
  const auto& users = access_->users;
  const auto encoded = after_scheme(authorization, "Basic");
  if (!encoded || users.empty()) return std::nullopt;
  const auto pair = decode_base64(*encoded);
  const auto colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  Password claim;
  claim.user = pair->substr(0, colon);
  claim.password = pair->substr(colon + 1);
  auto user = users.find(claim.user);
  claim.user_exists = user != users.end();
  // The time must not tell whether a user exists. Each hash takes its own time, so an unknown name
  // is checked against the hash of an existing user, always the same one.
  if (!claim.user_exists) {
    const auto chosen = known_.choose(claim.user, users.size());
    user = std::next(users.begin(), static_cast<std::ptrdiff_t>(chosen));
  }
  claim.hash = user->second;
  return claim;
}

std::optional<Refusal> Gate::settle(const Password& claim, bool matches, const http::Peer& peer) {
  if (!matches || !claim.user_exists) return wrong_credential();
  failures_.give_back(peer.address);
  known_.remember(claim.user, claim.password, claim.hash);
  return std::nullopt;
}

Refusal said_at(std::string_view path, Refusal refusal) {
  const int status = refusal.status;
  // Too large or too many: the next try may be neither.
  if (path != kWebhookPath || (status != 413 && status != 429)) return refusal;
  refusal.status = 503;
  const bool says_when = std::any_of(refusal.headers.begin(), refusal.headers.end(),
                                     [](const auto& each) { return each.first == "Retry-After"; });
  if (!says_when) refusal.headers.emplace_back("Retry-After", "5");
  return refusal;
}

Response response_to(const Refusal& refusal, std::string_view path) {
  Response response;
  response.status = refusal.status;
  response.headers = refusal.headers;
  if (path.starts_with("/api/")) {
    const nlohmann::json error{{"code", refusal.code}, {"message", refusal.message}};
    response.content_type = "application/json";
    response.body = nlohmann::json{{"error", error}}.dump() + '\n';
  } else {
    response.body = refusal.message + '\n';
  }
  return response;
}

}  // namespace evenkeel::web
