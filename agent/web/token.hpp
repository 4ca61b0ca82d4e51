#pragma once
// The bearer token. Only its digest is kept, and digests are compared in constant time, so that the
// time tells nothing of how much was right.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace evenkeel::web {

using Digest = std::array<unsigned char, 32>;
[[nodiscard]] Digest sha256(std::string_view text);
[[nodiscard]] bool same(const Digest& a, const Digest& b);

class Token {
 public:
  static constexpr std::size_t kShortest = 16;

  // Parses the text of a token file: one line. The error says what is wrong, but not what the token
  // is.
  [[nodiscard]] static tl::expected<Token, std::string> parse(std::string_view text);

  [[nodiscard]] bool matches(std::string_view offered) const;

 private:
  explicit Token(const Digest& digest) : digest_(digest) {}

  Digest digest_;
};

}  // namespace evenkeel::web
