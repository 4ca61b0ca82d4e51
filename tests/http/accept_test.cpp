#include "agent/http/accept.hpp"

#include <gtest/gtest.h>

namespace evenkeel::http::accept_test {
namespace {

using Members = std::vector<std::string>;

TEST(Accept, AMemberIsTakenApart) {
  const auto member = parse_accepted("application/openmetrics-text; version=1.0.0 ;q=0.75");
  EXPECT_EQ(member.name, "application/openmetrics-text");
  EXPECT_EQ(member.version, "1.0.0");
  EXPECT_EQ(member.quality, 0.75);
  EXPECT_EQ(parse_accepted("gzip").quality, 1);
  EXPECT_EQ(parse_accepted("gzip;q").quality, 0);
  for (const auto* quality : {"", "x", "2", "-0.1", "0.5x", "nan", "inf", "1e-1"}) {
    EXPECT_EQ(parse_accepted("gzip;q=" + std::string(quality)).quality, 0) << quality;
  }
  EXPECT_EQ(parse_accepted("").name, "");
  EXPECT_EQ(parse_accepted(";;;").name, "");
}

TEST(Accept, GzipIsSentToThoseWhoTakeIt) {
  EXPECT_TRUE(takes_gzip({"gzip"}));
  EXPECT_TRUE(takes_gzip({"deflate", "x-gzip;q=0.1"}));
  EXPECT_TRUE(takes_gzip({"identity", "*"}));
  EXPECT_FALSE(takes_gzip({}));
  EXPECT_FALSE(takes_gzip({"identity"}));
  EXPECT_FALSE(takes_gzip({"gzip;q=0", "*"}));
  EXPECT_FALSE(takes_gzip({"*;q=0"}));
  EXPECT_FALSE(takes_gzip({"gzip2", "br"}));
}

TEST(Accept, OpenMetricsIsSentToThoseWhoWouldRatherHaveIt) {
  // As Prometheus 2.42 and 3.5 ask, without and with names in UTF-8.
  EXPECT_TRUE(prefers_openmetrics({"application/openmetrics-text;version=1.0.0",
                                   "application/openmetrics-text;version=0.0.1;q=0.75",
                                   "text/plain;version=0.0.4;q=0.5", "*/*;q=0.1"}));
  EXPECT_TRUE(
      prefers_openmetrics({"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6",
                           "application/openmetrics-text;version=0.0.1;q=0.4",
                           "text/plain;version=0.0.4;q=0.2", "*/*;q=0.1"}));
  EXPECT_TRUE(prefers_openmetrics({"application/openmetrics-text"}));
  EXPECT_FALSE(prefers_openmetrics({}));
  EXPECT_FALSE(prefers_openmetrics({"*/*"}));
  EXPECT_FALSE(prefers_openmetrics({"text/html", "application/xhtml+xml", "*/*;q=0.8"}));
  EXPECT_FALSE(prefers_openmetrics({"application/openmetrics-text;version=0.0.1"})) << "not ours";
  EXPECT_FALSE(prefers_openmetrics({"application/openmetrics-text;q=0.5", "text/plain"}));
  EXPECT_FALSE(prefers_openmetrics({"application/openmetrics-text;q=0"}));
}

}  // namespace
}  // namespace evenkeel::http::accept_test
