#pragma once
// The users file: lines "name:hash", with hashes as crypt(5) writes them, so that a reader of the
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

// Skips empty lines and those that begin with #. The error lists every mistake with its line, and
// never a hash. `path` is used only for Mistake::where.
[[nodiscard]] tl::expected<Users, Mistakes> parse_users(std::string_view text,
                                                        const std::string& path);

// Takes 0.1 s by design, and more if the hash asks for it. Thread-safe.
[[nodiscard]] bool password_matches(const std::string& password, const std::string& hash);

// The passwords that were right before, so that a client that sends one with each request does not
// cost 0.1 s each time. They are digests, keyed with a secret of this process.
class KnownPasswords {
 public:
  KnownPasswords();

  // `hash`: the user's current one; another hash makes the password unknown again.
  [[nodiscard]] bool knows(std::string_view user, std::string_view password,
                           std::string_view hash) const;
  // A number below `count`: always the same for this name, and not to be foreseen from outside.
  [[nodiscard]] std::size_t choose(std::string_view name, std::size_t count) const;
  void remember(const std::string& user, std::string_view password, std::string_view hash);

 private:
  [[nodiscard]] Digest digest_of(std::string_view password, std::string_view hash) const;

  Digest key_{};
  std::map<std::string, Digest, std::less<>> digests_;  // by user: one each, the newest
};

}  // namespace evenkeel::web
