#include "agent/util/base64.hpp"

namespace evenkeel::base64_test {
namespace {

TEST(Base64, IsDecodedOrRefused) {
  EXPECT_EQ(decode_base64("YQ=="), "a");
  EXPECT_EQ(decode_base64("YWI="), "ab");
  EXPECT_EQ(decode_base64("YWJj"), "abc");
  for (const auto* bad : {"", "Y", "YQ=", "Y!==", "YWJj\n"})
    EXPECT_FALSE(decode_base64(bad)) << bad;
}

TEST(Base64, IsWrittenWithItsPadding) {
  EXPECT_EQ(encode_base64(""), "");
  EXPECT_EQ(encode_base64("a"), "YQ==");
  EXPECT_EQ(encode_base64("ab"), "YWI=");
  EXPECT_EQ(encode_base64(std::string_view("\0\xff?", 3)), "AP8/");
}

}  // namespace
}  // namespace evenkeel::base64_test
