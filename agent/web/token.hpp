#pragma once
// The bearer token. Only its digest is kept, and digests are compared, in constant time: how long
// that takes tells nothing of how much was right.

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "agent/web/digest.hpp"

namespace evenkeel::web {

[[nodiscard]] bool same(const Digest& a, const Digest& b);

class Token {
 public:
  static constexpr std::size_t kShortest = 16;

  // Of the text of a token file: one line. The error says what is wrong with it, not what it is.
  [[nodiscard]] static tl::expected<Token, std::string> parse(std::string_view text);

  [[nodiscard]] bool matches(std::string_view offered) const;

 private:
  explicit Token(const Digest& digest) : digest_(digest) {}

  Digest digest_;
};

}  // namespace evenkeel::web
