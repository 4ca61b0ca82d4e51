#pragma once
// Counters of the web server. Thread-safe.

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <string>
#include <vector>

namespace evenkeel::web {

class Traffic final : public prometheus::Collectable {
 public:
  Traffic();

  void answered(int status);
  // Counts a request or a connection that the server itself refused. `why`: one of the reasons that
  // ACCESS.md lists.
  void refused(const std::string& why);
  void connections(std::size_t now);

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Counter>& refused_;
  prometheus::Gauge& connections_;
};

}  // namespace evenkeel::web
