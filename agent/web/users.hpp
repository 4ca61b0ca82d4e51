#pragma once
// The users file: lines "name:hash", with hashes as crypt(5) writes them, so that whoever reads the
// file still has to guess the passwords.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "agent/web/secret_file.hpp"
#include "agent/web/token.hpp"

namespace evenkeel::web {

using Users = std::map<std::string, std::string, std::less<>>;  // names to hashes

// Empty lines and those that begin with # are passed over. Every mistake with its line; none of
// them repeats a hash. `path` is for Mistake::where alone.
[[nodiscard]] tl::expected<Users, Mistakes> parse_users(std::string_view text,
                                                        const std::string& path);

// Takes a tenth of a second by design, and more where the hash asks for it. Thread-safe.
[[nodiscard]] bool password_matches(const std::string& password, const std::string& hash);

// Passwords that have been found right, so that a client that sends its own with each request does
// not cost a tenth of a second each time. As digests, keyed with a secret of this process.
class KnownPasswords {
 public:
  KnownPasswords();

  // `hash` is the user's now: another one makes the password unknown again.
  [[nodiscard]] bool knows(std::string_view user, std::string_view password,
                           std::string_view hash) const;
  // One of `count`, always the same for this name, and not to be foreseen from outside.
  [[nodiscard]] std::size_t choose(std::string_view name, std::size_t count) const;
  void remember(const std::string& user, std::string_view password, std::string_view hash);

 private:
  [[nodiscard]] Digest digest_of(std::string_view password, std::string_view hash) const;

  Digest key_{};
  std::map<std::string, Digest, std::less<>> digests_;  // by user: one each, the newest
};

}  // namespace evenkeel::web
