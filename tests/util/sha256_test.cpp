// The examples of FIPS 180-4's publisher, and what several calls make of them.
#include "agent/util/sha256.hpp"

#include <gtest/gtest.h>

namespace evenkeel::sha256_test {
namespace {

constexpr const char* kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, IsTheStandards) {
  EXPECT_EQ(Sha256().hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256().add("abc").hex(), kOfAbc);
  EXPECT_EQ(Sha256().add("a").add("bc").hex(), kOfAbc);
}

TEST(Sha256, TakesANumberAsEightBytesTheLowestFirst) {
  using namespace std::string_view_literals;
  EXPECT_EQ(Sha256().add(0x0201).hex(), Sha256().add("\1\2\0\0\0\0\0\0"sv).hex());
  EXPECT_EQ(Sha256().add(-2).hex(), Sha256().add("\xfe\xff\xff\xff\xff\xff\xff\xff"sv).hex());
}

}  // namespace
}  // namespace evenkeel::sha256_test
