#include "agent/web/token.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>

namespace evenkeel::web {
namespace {

// True for the characters that may follow "Bearer " in a header.
bool is_token_character(char c) {
  const bool alphanumeric =
      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alphanumeric || std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

}  // namespace

Digest sha256(std::string_view text) {
  Digest digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

bool same(const Digest& a, const Digest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

tl::expected<Token, std::string> Token::parse(std::string_view text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  text = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
  const std::string how = "; make one with: openssl rand -hex 32";
  if (text.empty()) return tl::unexpected("holds no token" + how);
  if (text.find('\n') != std::string_view::npos) {
    return tl::unexpected<std::string>("holds more than one line, but one token is expected");
  }
  if (!std::all_of(text.begin(), text.end(), is_token_character)) {
    return tl::unexpected("the token must be of letters, digits and -._~+/= alone" + how);
  }
  if (text.size() < kShortest) {
    return tl::unexpected("the token is shorter than " + std::to_string(kShortest) +
                          " characters, so it could be guessed" + how);
  }
  return Token(sha256(text));
}

bool Token::matches(std::string_view offered) const {
  return same(sha256(offered), digest_);
}

}  // namespace evenkeel::web
