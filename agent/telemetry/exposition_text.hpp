#pragma once
// Families as exposition text. prometheus-cpp's own TextSerializer goes through iostreams and takes
// nine times as long (tests/bench/telemetry_bench.cpp); a thousand nodes by twenty collections have
// to be written within one scrape's patience.

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evenkeel::telemetry {

using Labels = std::vector<prometheus::ClientMetric::Label>;

// A label with whatever bytes the world gave as its value: what is not UTF-8 is replaced.
[[nodiscard]] prometheus::ClientMetric::Label label(std::string name, std::string_view value);

[[nodiscard]] prometheus::MetricFamily gauges(std::string name, std::string help);
[[nodiscard]] prometheus::MetricFamily counters(std::string name, std::string help);
// Adds a sample to a family of gauges or counters.
void add(prometheus::MetricFamily& family, double value, Labels labels = {});

// Collects families and gives them back sorted by name. Each is written, and freed, as it comes.
class ExpositionText {
 public:
  // Gauges, counters and histograms; a family without samples still tells its HELP and TYPE.
  void add(const prometheus::MetricFamily& family);
  [[nodiscard]] std::string text() &&;

 private:
  std::vector<std::pair<std::string, std::string>> families_;  // name, text
};

}  // namespace evenkeel::telemetry
