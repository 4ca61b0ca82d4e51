#pragma once
// The gate: decides who may read, and who may change something. Belongs to the server's thread; the
// caller checks passwords on another one, since that takes longer than a moment.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "agent/web/access.hpp"
#include "agent/web/cross_site.hpp"
#include "agent/web/handler.hpp"
#include "agent/web/rate_limiter.hpp"

namespace evenkeel::web {

using http::Refusal;

// The path of Alertmanager's webhook. Alertmanager retries after 5xx and drops the alerts after
// 4xx, so a refusal that may be over soon must be a 503 here.
inline constexpr std::string_view kWebhookPath = "/api/v1/alerts";

// The refusal as it is told at `path`; see kWebhookPath.
[[nodiscard]] Refusal said_at(std::string_view path, Refusal refusal);

// The response is JSON below /api/, plain text elsewhere.
[[nodiscard]] Response response_to(const Refusal& refusal, std::string_view path);

class Gate {
 public:
  using Clock = RateLimiter::Clock;

  // `host`: the address listened on; empty: all.
  Gate(std::shared_ptr<const Access> access, std::string host, Methods methods);

  // Applies from the next request on; requests that have passed already go on.
  void use(std::shared_ptr<const Access> access);
  [[nodiscard]] const Access& access() const { return *access_; }

  // The reason not to answer a request that reads; nullopt: answer it. Anybody who reaches the port
  // may read. If only this machine does, DNS rebinding could point another site's name here, and
  // its page would read through somebody's browser.
  [[nodiscard]] std::optional<Refusal> refuse_reading(const http::RequestHead& head) const;

  // The reason not to look at a request that changes something, by its path, method, rate, origin
  // and content type; nullopt: go on with claim().
  [[nodiscard]] std::optional<Refusal> refuse(const http::RequestHead& head, const http::Peer& peer,
                                              Clock::time_point now);

  // A client that is known at once.
  struct Known {
    std::string user;  // see Request::user
  };
  // A password that has to be checked.
  struct Password {
    std::string user, password;
    std::string hash;  // to check it against; another user's if `user` does not exist
    bool user_exists = false;
  };
  using Claim = std::variant<Known, Password, Refusal>;
  // Tells by its credential who sends the request.
  [[nodiscard]] Claim claim(const http::RequestHead& head, const http::Peer& peer,
                            Clock::time_point now);
  // Ends a claim that was a password. `matches`: it matches the hash.
  [[nodiscard]] std::optional<Refusal> settle(const Password& claim, bool matches,
                                              const http::Peer& peer);
  // Ends a claim whose password nobody had the time to check.
  void withdraw(const http::Peer& peer) { failures_.give_back(peer.address); }

 private:
  [[nodiscard]] std::optional<std::string> known_user(const http::RequestHead& head,
                                                      const http::Peer& peer) const;
  [[nodiscard]] std::optional<Password> password_in(std::string_view authorization) const;
  [[nodiscard]] Place place() const;
  [[nodiscard]] Refusal wrong_credential() const;

  std::shared_ptr<const Access> access_;
  std::string host_;
  Methods methods_;
  RateLimiter changes_;
  RateLimiter webhooks_;  // Alertmanager's: its storms must not keep people from a pause
  RateLimiter failures_;
  KnownPasswords known_;
};

}  // namespace evenkeel::web
