#pragma once
// What the inbound server counts.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace evenkeel::telemetry {

struct WebFigures {
  std::map<int, std::uint64_t> requests{{200, 0}};  // answered, by status
  std::size_t connections = 0;                      // open now
  // Requests and connections that the server itself said no to, by why. Every reason is here from
  // the start.
  std::map<std::string, std::uint64_t> refused{{"bad_coding", 0},         {"bad_content_type", 0},
                                               {"bad_expectation", 0},    {"bad_host", 0},
                                               {"bad_request", 0},        {"bad_version", 0},
                                               {"body_too_large", 0},     {"busy", 0},
                                               {"cross_site", 0},         {"handshake", 0},
                                               {"head_too_large", 0},     {"internal", 0},
                                               {"method_not_allowed", 0}, {"no_credential", 0},
                                               {"no_descriptors", 0},     {"no_room", 0},
                                               {"pushed_out", 0},         {"read_only", 0},
                                               {"target_too_long", 0},    {"too_many_changes", 0},
                                               {"too_many_failures", 0},  {"too_slow", 0},
                                               {"wrong_credential", 0}};
};

}  // namespace evenkeel::telemetry
