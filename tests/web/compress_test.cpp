#include "agent/web/compress.hpp"

#include <gmock/gmock.h>

#include <random>

#include "tests/web/gunzipped.hpp"

namespace evenkeel::web::compress_test {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Pair;

std::string noise(std::size_t size) {
  std::mt19937 random(size);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(Gzip, IsReadBackWhateverTheTextIs) {
  for (const std::size_t size : {0U, 1U, 1024U, 100'000U, 3U << 20}) {
    EXPECT_EQ(gunzipped(gzip(std::string(size, 'a'))), std::string(size, 'a')) << size;
    EXPECT_EQ(gunzipped(gzip(noise(size))), noise(size)) << size << " that cannot be compressed";
  }
}

TEST(Compressed, SaysSoAndKeepsAllElse) {
  const std::string text(5000, 'a');
  const auto response = compressed({.status = 422,
                                    .content_type = "application/json",
                                    .body = text,
                                    .headers = {{"Retry-After", "1"}}});
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_THAT(response.headers, Contains(Pair("Content-Encoding", "gzip")));
  EXPECT_THAT(response.headers, Contains(Pair("Retry-After", "1")));
  EXPECT_LT(response.body.size(), 100U);
  EXPECT_EQ(gunzipped(response.body), text);
  EXPECT_EQ(compressed(response).body, response.body) << "not twice";
}

TEST(Compressed, LeavesShortBodiesAlone) {
  const auto response = compressed({.body = std::string(1000, 'a')});
  EXPECT_EQ(response.body, std::string(1000, 'a'));
  EXPECT_THAT(response.headers, IsEmpty());
}

}  // namespace
}  // namespace evenkeel::web::compress_test
