#pragma once
// Who may pass with a request that would change something. Of the server's own thread alone; what
// takes longer than a moment, checking a password, is left to the caller.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "agent/web/access.hpp"
#include "agent/web/cross_site.hpp"
#include "agent/web/handler.hpp"
#include "agent/web/rate_limiter.hpp"
#include "agent/web/refusal.hpp"

namespace evenkeel::web {

class Gate {
 public:
  using Clock = RateLimiter::Clock;

  // `host`: the address listened on; empty: all.
  Gate(std::shared_ptr<const Access> access, std::string host, Methods methods);

  // From now on. Whoever has passed already is not asked again.
  void use(std::shared_ptr<const Access> access);
  [[nodiscard]] const Access& access() const { return *access_; }

  // Whether a request that reads may be answered. None: it may. Whoever reaches the port may read,
  // but where that is this machine alone, another site's name may be made to lead here (DNS
  // rebinding), and its page would read through somebody's browser.
  [[nodiscard]] std::optional<Refusal> refuse_reading(const http::RequestHead& head) const;

  // Whether a request that changes something may be looked at at all: where it goes, its method,
  // where it comes from, what it says to carry, and how many there are. None: it may.
  [[nodiscard]] std::optional<Refusal> refuse(const http::RequestHead& head, const http::Peer& peer,
                                              Clock::time_point now);

  struct Known {
    std::string user;  // see Request::user
  };
  struct Password {
    std::string user, password;
    std::string hash;  // to check it against; also of a user who is not there, to take as long
    bool user_exists = false;
  };
  using Claim = std::variant<Known, Password, Refusal>;
  // Who asks.
  [[nodiscard]] Claim claim(const http::RequestHead& head, const http::Peer& peer,
                            Clock::time_point now);
  // The end of a claim that was a password: whether that matches its hash.
  [[nodiscard]] std::optional<Refusal> settle(const Password& claim, bool matches,
                                              const http::Peer& peer);
  // … or that nobody had the time to check it.
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
  RateLimiter webhooks_;  // Alertmanager's; its storms are not to keep people from a pause
  RateLimiter failures_;
  KnownPasswords known_;
};

// The text of a base64 one; none where it is none.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace evenkeel::web
