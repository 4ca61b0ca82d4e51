#include "agent/web/traffic.hpp"

namespace evenkeel::web {
namespace {

// Every reason has a series from the start, so that its first time is seen as an increase.
constexpr const char* kReasons[] = {
    "bad_coding",         "bad_content_type", "bad_expectation", "bad_host",
    "bad_request",        "bad_version",      "body_too_large",  "busy",
    "cross_site",         "handshake",        "head_too_large",  "internal",
    "method_not_allowed", "no_credential",    "no_descriptors",  "no_room",
    "pushed_out",         "read_only",        "target_too_long", "too_many_changes",
    "too_many_failures",  "too_slow",         "wrong_credential"};

}  // namespace

Traffic::Traffic()
    : requests_(prometheus::BuildCounter()
                    .Name("evenkeel_web_requests_total")
                    .Help("Requests that were answered.")
                    .Register(registry_)),
      refused_(prometheus::BuildCounter()
                   .Name("evenkeel_web_refused_total")
                   .Help("Requests and connections that the server refused by itself.")
                   .Register(registry_)),
      connections_(prometheus::BuildGauge()
                       .Name("evenkeel_web_connections")
                       .Help("Open connections of clients.")
                       .Register(registry_)
                       .Add({})) {
  requests_.Add({{"code", "200"}});
  for (const char* reason : kReasons) refused_.Add({{"reason", reason}});
}

void Traffic::answered(int status) {
  requests_.Add({{"code", std::to_string(status)}}).Increment();
}

void Traffic::refused(const std::string& why) {
  refused_.Add({{"reason", why}}).Increment();
}

void Traffic::connections(std::size_t now) {
  connections_.Set(static_cast<double>(now));
}

std::vector<prometheus::MetricFamily> Traffic::Collect() const {
  return registry_.Collect();
}

}  // namespace evenkeel::web
