#include "agent/telemetry/exposition_text.hpp"

#include <gtest/gtest.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cmath>
#include <limits>
#include <string>

namespace evenkeel::telemetry::exposition_text_test {
namespace {

std::string written(const prometheus::MetricFamily& family) {
  ExpositionText text;
  text.add(family);
  return std::move(text).text();
}

TEST(ExpositionText, IsWhatPrometheusOwnSerializerWrites) {
  auto family = gauges("temperature_celsius", "How warm it is.");
  add(family, 21.5, {label("room", "kitchen \"east\""), label("floor", "1\\2\n3")});
  add(family, -3, {label("room", "cellar"), label("floor", "0")});
  add(family, 1000000, {label("room", "sun"), label("floor", "")});
  EXPECT_EQ(written(family), prometheus::TextSerializer().Serialize({family}));

  auto counter = counters("opened_total", "Times the door was opened.");
  add(counter, 7);
  EXPECT_EQ(written(counter), prometheus::TextSerializer().Serialize({counter}));

  prometheus::Registry registry;
  auto& histograms =
      prometheus::BuildHistogram().Name("opened_seconds").Help("For how long.").Register(registry);
  const prometheus::Histogram::BucketBoundaries bounds{0.25, 1, 30};
  histograms.Add({{"door", "front"}, {"by", "\"us\""}}, bounds).Observe(0.5);
  const auto collected = registry.Collect();
  EXPECT_EQ(written(collected.front()), prometheus::TextSerializer().Serialize(collected));
}

TEST(ExpositionText, WritesWholeNumbersWholeAndTheRestToBeReadBackExactly) {
  const auto number = [](double value) {
    auto family = gauges("x", "X.");
    add(family, value);
    const auto text = written(family);
    return text.substr(text.rfind(' ') + 1);
  };
  EXPECT_EQ(number(0), "0\n");
  EXPECT_EQ(number(-1), "-1\n");
  EXPECT_EQ(number(274877906944000), "274877906944000\n");
  EXPECT_EQ(number(0.1), "0.1\n");
  EXPECT_EQ(std::stod(number(1700000000.123)), 1700000000.123);
  EXPECT_EQ(std::stod(number(1e300)), 1e300);
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "+Inf\n");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "-Inf\n");
  EXPECT_EQ(number(std::nan("")), "NaN\n");
}

TEST(ExpositionText, SortsFamiliesByName) {
  ExpositionText text;
  text.add(gauges("b", "B."));
  text.add(gauges("a", "A."));
  EXPECT_EQ(std::move(text).text(), "# HELP a A.\n# TYPE a gauge\n# HELP b B.\n# TYPE b gauge\n");
}

TEST(ExpositionText, OpenMetricsNamesCountersWithoutTheirSuffixAndSaysWhereItEnds) {
  ExpositionText text(Format::openmetrics);
  auto opened = counters("opened_total", "Times the \"door\" was opened.");
  add(opened, 7, {label("by", "\"us\"")});
  text.add(opened);
  auto open = gauges("open", "Whether it is.");
  add(open, 1);
  text.add(open);
  text.add({.name = "odd", .help = "Odd.", .type = prometheus::MetricType::Untyped, .metric = {}});
  EXPECT_EQ(std::move(text).text(),
            "# HELP odd Odd.\n# TYPE odd unknown\n"
            "# HELP open Whether it is.\n# TYPE open gauge\nopen 1\n"
            "# HELP opened Times the \\\"door\\\" was opened.\n# TYPE opened counter\n"
            "opened_total{by=\"\\\"us\\\"\"} 7\n"
            "# EOF\n");
}

TEST(ExpositionText, ReplacesBytesThatAreNotUtf8InLabelValues) {
  EXPECT_EQ(label("collection", "b\xffk").value, "b\xEF\xBF\xBDk");
}

}  // namespace
}  // namespace evenkeel::telemetry::exposition_text_test
