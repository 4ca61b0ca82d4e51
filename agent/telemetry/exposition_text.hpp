#pragma once
// Exposition text of metric families. prometheus-cpp's own TextSerializer goes through iostreams
// and takes nine times as long (tests/bench/telemetry_bench.cpp); a thousand nodes by twenty
// collections have to be written within a scrape's timeout.

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evenkeel::telemetry {

using Labels = std::vector<prometheus::ClientMetric::Label>;

// A label whose value may be any bytes: those that are not UTF-8 are replaced.
[[nodiscard]] prometheus::ClientMetric::Label label(std::string name, std::string_view value);

[[nodiscard]] prometheus::MetricFamily gauges(std::string name, std::string help);
[[nodiscard]] prometheus::MetricFamily counters(std::string name, std::string help);
// Adds a sample to a family of gauges or counters.
void add(prometheus::MetricFamily& family, double value, Labels labels = {});

// Prometheus's own text format 0.0.4, or OpenMetrics 1.0.0.
enum class Format { text, openmetrics };

// Writer of families, sorted by name. Each family is written when it is added, so that the caller
// can free it.
class ExpositionText {
 public:
  explicit ExpositionText(Format format = Format::text) : format_(format) {}
  // Takes gauges, counters and histograms; a family without samples still gets its HELP and TYPE.
  void add(const prometheus::MetricFamily& family);
  [[nodiscard]] std::string text() &&;

 private:
  Format format_;
  std::vector<std::pair<std::string, std::string>> families_;  // name, text
};

}  // namespace evenkeel::telemetry
