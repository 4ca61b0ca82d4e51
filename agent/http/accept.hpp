#pragma once
// What a client takes, by the members of its Accept and Accept-Encoding headers (RFC 9110, 12.5).

#include <string>
#include <string_view>
#include <vector>

namespace evenkeel::http {

// A member of such a header, as in "text/plain;version=0.0.4;q=0.5".
struct Accepted {
  std::string_view name;
  std::string_view version;  // empty: none
  double quality = 1;        // 0 to 1; 0: not taken
};

// Takes a member in lower case apart. A quality that is none counts as 0.
[[nodiscard]] Accepted parse_accepted(std::string_view member);

// The client takes gzip. One that says nothing of encodings does not.
[[nodiscard]] bool takes_gzip(const std::vector<std::string>& accept_encoding);

// The client would rather have OpenMetrics 1.0.0 than Prometheus's own text format.
[[nodiscard]] bool prefers_openmetrics(const std::vector<std::string>& accept);

}  // namespace evenkeel::http
