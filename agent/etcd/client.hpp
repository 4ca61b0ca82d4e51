#pragma once
// A client of etcd's v3 API by its JSON gateway (etcd 3.4 and later), on the agent's HTTP client.

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/etcd/answers.hpp"
#include "agent/etcd/values.hpp"
#include "agent/http/client.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::etcd {

// A login that etcd refused is not tried again for this long: etcd works hard on each.
inline constexpr std::chrono::seconds kLoginRest{30};

// The members, the login and the bounds of a client.
struct ClientOptions {
  std::vector<http::Url> endpoints{};  // client URLs of the members of one etcd; at least one
  std::string username{};              // empty: no login
  std::string password_file{};         // one line; read whenever a token is fetched
  // For each call to one endpoint. An operation may take this once for each endpoint, and twice
  // more where the login's token has expired.
  std::chrono::milliseconds timeout{5'000};
  std::size_t max_answer = 4u << 20;  // bytes of one answer's body
  std::function<std::chrono::steady_clock::time_point()> now = [] {
    return std::chrono::steady_clock::now();
  };
};

// Asks etcd. An operation tries one endpoint after the other, from the one that answered last, and
// returns the first answer. A change may have been made although the operation failed, and be made
// twice; so a change with a condition may come back undone with what it did itself as `found`.
class Client {
 public:
  // `http`, which has the TLS settings, must outlive this.
  Client(http::Client& http, ClientOptions options);

  // Returns a key at the newest revision, or at the one given, which etcd may have compacted.
  [[nodiscard]] Awaitable<Result<std::optional<KeyValue>>> get(std::string key, Revision at = 0);
  // Returns the keys that begin with `prefix`, which must not be empty: in order, at most so many.
  [[nodiscard]] Awaitable<Result<Listing>> list(const std::string& prefix, std::size_t at_most);

  // Returns the key's new revision. A key with a lease goes when that ends.
  [[nodiscard]] Awaitable<Result<Revision>> put(const std::string& key, const std::string& value,
                                                LeaseId lease = {});
  // Puts the key if its last change is `modified`; 0: only if there is no such key.
  [[nodiscard]] Awaitable<Result<Change>> put_if(const std::string& key, Revision modified,
                                                 const std::string& value, LeaseId lease = {});
  // Puts the key if its last change is `modified`, as put_if(), as long as `other` is still the key
  // that the change `created` made. If not done, `found` is `other`.
  [[nodiscard]] Awaitable<Result<Change>> put_while(const std::string& key, Revision modified,
                                                    const std::string& value,
                                                    const std::string& other, Revision created);
  // Deletes the key if its last change is `modified`.
  [[nodiscard]] Awaitable<Result<Change>> delete_if(const std::string& key, Revision modified);

  [[nodiscard]] Awaitable<Result<Lease>> grant(std::chrono::seconds time);
  // Renews the lease and returns it with its full time; lease_not_found if it has ended.
  [[nodiscard]] Awaitable<Result<Lease>> keep_alive(LeaseId lease);
  // Returns the lease with the time that is left; lease_not_found if it has ended.
  [[nodiscard]] Awaitable<Result<Lease>> time_left(LeaseId lease);
  // Ends the lease, and with it its keys.
  [[nodiscard]] Awaitable<Result<void>> revoke(LeaseId lease);

 private:
  template <typename T>
  using Parse = Result<T> (*)(std::string_view);

  // Asks one endpoint after the other.
  template <typename T>
  [[nodiscard]] Awaitable<Result<T>> ask(std::string_view path, std::string body, Parse<T> parse);
  // Asks one endpoint, with a new token where the old one is no longer good.
  template <typename T>
  [[nodiscard]] Awaitable<Result<T>> ask_one(http::Url endpoint, std::string_view path,
                                             std::string body, Parse<T> parse);
  template <typename T>
  [[nodiscard]] Awaitable<Result<T>> send(http::Url endpoint, std::string_view path,
                                          std::string body, std::string token, Parse<T> parse);
  // Returns the token, fetched from this endpoint if there is none; empty: no login is set or
  // wanted.
  [[nodiscard]] Awaitable<Result<std::string>> token(http::Url endpoint);
  [[nodiscard]] Awaitable<Result<std::string>> fetch_token(http::Url endpoint);

  http::Client& http_;
  ClientOptions options_;
  std::size_t first_ = 0;             // the endpoint to ask first
  std::optional<std::string> token_;  // nullopt: to be fetched
  // The last refusal of the login, which etcd is not asked about again before that moment.
  Failure refusal_;
  std::chrono::steady_clock::time_point rests_until_{};
};

}  // namespace evenkeel::etcd
