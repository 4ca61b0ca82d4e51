#include "agent/settings/units.hpp"

#include <gmock/gmock.h>

namespace evenkeel::settings::units_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(Size, IsANumberAndAUnit) {
  const std::vector<std::pair<std::string, rules::Bytes>> sizes = {
      {"0", 0},
      {"1073741824", 1LL << 30},
      {"7B", 7},
      {"16GiB", 16LL << 30},
      {"16 GiB", 16LL << 30},
      {"512MiB", 512LL << 20},
      {"3KiB", 3072},
      {"2TiB", 2LL << 40},
      {"1.5GB", 1'500'000'000},
      {"0.5KiB", 512},
      {"1.0MiB", 1 << 20},
      {"5kB", 5000},
      {"5KB", 5000},
      {"5MB", 5'000'000},
      {"1TB", 1'000'000'000'000},
      {"0.3GiB", 322'122'547},  // .2 bytes are rounded off
      {"9223372036854775806", 9223372036854775806},
  };
  for (const auto& [text, bytes] : sizes) {
    const auto parsed = parse_bytes(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error();
    EXPECT_EQ(*parsed, bytes) << text;
  }
}

TEST(Size, OtherwiseIsRefusedWithAHint) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "expected a size such as \"16GiB\", got nothing"},
      {"GiB", "expected a size such as \"16GiB\", got \"GiB\""},
      {" 1GiB", "expected a size"},
      {"+1GiB", "expected a size"},
      {"-1GiB", "must not be negative"},
      {".5GiB", "expected a size"},
      {"1.GiB", "expected digits after the decimal point"},
      {"1.5", "a fraction of 1B cannot be counted"},
      {"1.5B", "a fraction of 1B cannot be counted"},
      {"16g", "unknown unit 'g'; did you mean GiB or GB?"},
      {"16Gi", "unknown unit 'Gi'; did you mean GiB?"},
      {"16gib", "did you mean GiB?"},
      {"16mb", "did you mean MB?"},
      {"16bytes", "did you mean B?"},
      {"16QiB", "unknown unit 'QiB'; the units are TiB, GiB, MiB, KiB, TB, GB, MB, kB, B"},
      {"1GiB512MiB", "only one number and one unit go together"},
      {"1  GiB", "unknown unit ' GiB'"},
      {"1e9", "unknown unit 'e9'"},
      {"0x10", "unknown unit 'x10'"},
      {"99999999999999999999", "too large"},
      {"9223372036854775807", "too large"},
      {"9000000TiB", "too large"},
  };
  for (const auto& [text, words] : wrong) {
    const auto parsed = parse_bytes(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error(), HasSubstr(words)) << text;
  }
}

TEST(Duration, IsANumberAndAUnit) {
  const std::vector<std::pair<std::string, std::chrono::milliseconds>> durations = {
      {"10s", 10s},    {"250ms", 250ms}, {"5m", 5min},    {"1h", 1h},    {"2d", 48h},
      {"1.5h", 90min}, {"0.5s", 500ms},  {"0.3s", 300ms}, {"10 s", 10s}, {"0s", 0ms},
  };
  for (const auto& [text, duration] : durations) {
    const auto parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error();
    EXPECT_EQ(*parsed, duration) << text;
  }
}

TEST(Duration, OtherwiseIsRefusedWithAHint) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "expected a duration such as \"10s\", got nothing"},
      {"soon", "expected a duration such as \"10s\", got \"soon\""},
      {"10", "a duration needs a unit, such as \"10s\" (d, h, m, s or ms)"},
      {"1.5", "a duration needs a unit, such as \"1.5s\""},
      {"-10s", "must not be negative"},
      {"10sec", "unknown unit 'sec'; did you mean s?"},
      {"10S", "did you mean s?"},
      {"10minutes", "did you mean m?"},
      {"10us", "unknown unit 'us'; the units are d, h, m, s, ms"},
      {"1m30s", "only one number and one unit go together"},
      {"1.5ms", "a fraction of 1ms cannot be counted"},
      {"9223372036854775807s", "too large"},
  };
  for (const auto& [text, words] : wrong) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error(), HasSubstr(words)) << text;
  }
}

TEST(UnitText, IsTheLargestUnitThatFits) {
  EXPECT_EQ(size_text(0), "0B");
  EXPECT_EQ(size_text(1500), "1500B");
  EXPECT_EQ(size_text(1024), "1KiB");
  EXPECT_EQ(size_text(5'000'000), "5MB");
  EXPECT_EQ(size_text(64LL << 30), "64GiB");
  EXPECT_EQ(duration_text(0s), "0s");
  EXPECT_EQ(duration_text(250ms), "250ms");
  EXPECT_EQ(duration_text(90s), "90s");
  EXPECT_EQ(duration_text(10min), "10m");
  EXPECT_EQ(duration_text(48h), "2d");
}

TEST(UnitText, CanBeReadAgain) {
  for (const rules::Bytes size : {1LL, 999LL, 1024LL, 1'000'000LL, 3LL << 40, 12'345'678'901LL}) {
    EXPECT_EQ(parse_bytes(size_text(size)), size);
  }
  for (const auto duration : {0ms, 1ms, 1500ms, 60'000ms, 86'400'000ms}) {
    EXPECT_EQ(parse_duration(duration_text(duration)), duration);
  }
}

}  // namespace
}  // namespace evenkeel::settings::units_test
