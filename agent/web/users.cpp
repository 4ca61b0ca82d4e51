#include "agent/web/users.hpp"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>

namespace evenkeel::web {
namespace {

constexpr std::size_t kMaxUsers = 1000;
constexpr std::size_t kMaxName = 64;
// Bounds on the cost of checking one password: some seconds.
constexpr int kMaxBcryptCost = 14;
constexpr int kMaxSha512Rounds = 5'000'000;

constexpr const char* kHow = "; make one with: openssl passwd -6";

bool is_hash_character(char c) {
  const bool alphanumeric =
      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alphanumeric || c == '.' || c == '/';
}

// Checks the hash itself, which follows the method and the salt.
bool is_hash_of_length(std::string_view hash, std::size_t length) {
  return hash.size() == length && std::all_of(hash.begin(), hash.end(), is_hash_character);
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stopped == end ? std::optional(value) : std::nullopt;
}

// These return in words what is wrong with a hash; empty: nothing.
std::string fault_of_bcrypt(std::string_view hash) {
  // A bcrypt hash is "$2b$10$" and 53 characters.
  if (hash.size() != 60 || hash[6] != '$' || !is_hash_of_length(hash.substr(7), 53)) {
    return "the bcrypt hash is cut or malformed";
  }
  const auto cost = number(hash.substr(4, 2));
  if (!cost) return "the bcrypt hash is cut or malformed";
  return *cost <= kMaxBcryptCost ? "" : "the bcrypt hash has a cost above 14: too slow to check";
}

std::string fault_of_sha512(std::string_view hash) {
  constexpr std::string_view kRounds = "rounds=";
  auto rest = hash.substr(3);
  if (rest.starts_with(kRounds)) {
    const auto end = std::min(rest.find('$'), rest.size());
    const auto rounds = number(rest.substr(kRounds.size(), end - kRounds.size()));
    if (!rounds) return "the SHA-512 hash is cut or malformed";
    if (*rounds > kMaxSha512Rounds) {
      return "the SHA-512 hash has more than 5000000 rounds: too slow to check";
    }
    rest = rest.substr(std::min(end + 1, rest.size()));
  }
  const auto salt = rest.find('$');
  const bool whole = salt != std::string_view::npos && is_hash_of_length(rest.substr(salt + 1), 86);
  return whole ? "" : "the SHA-512 hash is cut or malformed";
}

std::string fault_of_yescrypt(std::string_view hash) {
  const auto parameters = hash.find('$', 3);
  const auto salt =
      parameters == std::string_view::npos ? parameters : hash.find('$', parameters + 1);
  const bool whole = salt != std::string_view::npos && is_hash_of_length(hash.substr(salt + 1), 43);
  return whole ? "" : "the yescrypt hash is cut or malformed";
}

std::string fault_of_hash(const std::string& hash) {
  std::string fault;
  if (hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$")) {
    fault = fault_of_bcrypt(hash);
  } else if (hash.starts_with("$6$")) {
    fault = fault_of_sha512(hash);
  } else if (hash.starts_with("$y$")) {
    fault = fault_of_yescrypt(hash);
  } else {
    return "what follows the name is no hash that is taken here (bcrypt $2b$, SHA-512 $6$, "
           "yescrypt $y$)" +
           std::string(kHow);
  }
  if (fault.empty() && crypt_checksalt(hash.c_str()) == CRYPT_SALT_INVALID) {
    fault = "this system's libcrypt does not know this kind of hash";
  }
  return fault.empty() ? "" : fault + kHow;
}

std::string fault_of_name(std::string_view name) {
  const bool good =
      !name.empty() && name.size() <= kMaxName &&
      std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 127; });
  return good ? "" : "the name must be 1 to 64 printable ASCII characters without blanks";
}

// Adds the line to `users`, or returns in words what is wrong with it; empty: nothing.
std::string add_line(std::string_view line, Users& users) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return "expected \"name:hash\"" + std::string(kHow);
  const auto name = line.substr(0, colon);
  const std::string hash(line.substr(colon + 1));
  if (auto fault = fault_of_name(name); !fault.empty()) return fault;
  if (auto fault = fault_of_hash(hash); !fault.empty()) return fault;
  return users.emplace(name, hash).second ? "" : "this user stands here twice";
}

}  // namespace

tl::expected<Users, Mistakes> parse_users(std::string_view text, const std::string& path) {
  Users users;
  Mistakes mistakes;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    if (const auto fault = add_line(line, users); !fault.empty()) {
      mistakes.push_back(mistake_in(path + ':' + std::to_string(number), "users_file", fault));
    }
  }
  if (mistakes.empty() && users.empty()) {
    mistakes.push_back(mistake_in(path, "users_file", "names no user" + std::string(kHow)));
  }
  if (users.size() > kMaxUsers) {
    mistakes.push_back(mistake_in(path, "users_file", "names more than 1000 users"));
  }
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  return users;
}

bool password_matches(const std::string& password, const std::string& hash) {
  // libcrypt stops at the first NUL byte.
  if (password.find('\0') != std::string::npos) return false;
  const auto work = std::make_unique<crypt_data>();  // 32 KiB
  const char* const made = crypt_rn(password.c_str(), hash.c_str(), work.get(), sizeof *work);
  const bool matches = made != nullptr && std::strlen(made) == hash.size() &&
                       CRYPTO_memcmp(made, hash.data(), hash.size()) == 0;
  OPENSSL_cleanse(work.get(), sizeof *work);
  return matches;
}

KnownPasswords::KnownPasswords() {
  if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1) {
    throw std::runtime_error("the system gives no random numbers");
  }
}

Digest KnownPasswords::digest_of(std::string_view password, std::string_view hash) const {
  std::string text(hash);
  text += '\0';
  text += password;
  Digest digest{};
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), nullptr);
  OPENSSL_cleanse(text.data(), text.size());
  return digest;
}

bool KnownPasswords::knows(std::string_view user, std::string_view password,
                           std::string_view hash) const {
  const auto found = digests_.find(user);
  // Computed even if there is none to compare with, so that the time does not tell who has been
  // here.
  const auto digest = digest_of(password, hash);
  return found != digests_.end() && same(found->second, digest);
}

std::size_t KnownPasswords::choose(std::string_view name, std::size_t count) const {
  assert(count > 0);
  const auto digest = digest_of("", name);
  std::uint32_t number = 0;
  std::memcpy(&number, digest.data(), sizeof number);
  return number % count;
}

void KnownPasswords::remember(const std::string& user, std::string_view password,
                              std::string_view hash) {
  digests_[user] = digest_of(password, hash);
}

}  // namespace evenkeel::web
