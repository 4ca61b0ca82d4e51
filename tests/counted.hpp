#pragma once
// What has been counted, as it is exported.

#include <prometheus/collectable.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace evenkeel::tests {

using Labelled = std::map<std::string, std::string>;

// The series of that family which have these labels, and perhaps more.
inline std::vector<prometheus::ClientMetric> series_of(const prometheus::Collectable& counted,
                                                       std::string_view family,
                                                       const Labelled& labels = {}) {
  std::vector<prometheus::ClientMetric> found;
  for (const auto& each : counted.Collect()) {
    if (each.name != family) continue;
    for (const auto& metric : each.metric) {
      Labelled of_metric;
      for (const auto& [name, value] : metric.label) of_metric[name] = value;
      bool all = true;
      for (const auto& [name, value] : labels) {
        const auto at = of_metric.find(name);
        all = all && at != of_metric.end() && at->second == value;
      }
      if (all) found.push_back(metric);
    }
  }
  return found;
}

// Their sum: of counters, or of the observations of histograms.
inline std::uint64_t count_of(const prometheus::Collectable& counted, std::string_view family,
                              const Labelled& labels = {}) {
  double sum = 0;
  for (const auto& metric : series_of(counted, family, labels)) {
    sum += metric.counter.value + static_cast<double>(metric.histogram.sample_count);
  }
  return static_cast<std::uint64_t>(sum);
}

}  // namespace evenkeel::tests
