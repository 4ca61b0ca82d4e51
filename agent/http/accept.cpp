#include "agent/http/accept.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "agent/util/format.hpp"

namespace evenkeel::http {
namespace {

double quality_of(std::string_view text) {
  double quality = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, quality, std::chars_format::fixed);
  const bool good = error == std::errc{} && rest == end && quality >= 0 && quality <= 1;
  return good ? quality : 0;
}

// Cuts the text up to the next ';' off, without the blanks around it.
std::string_view next_part(std::string_view& rest) {
  const auto end = std::min(rest.find(';'), rest.size());
  const auto part = trim(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

}  // namespace

Accepted parse_accepted(std::string_view member) {
  Accepted accepted;
  accepted.name = next_part(member);
  while (!member.empty()) {
    const auto parameter = next_part(member);
    const auto equals = std::min(parameter.find('='), parameter.size());
    const auto name = trim(parameter.substr(0, equals));
    const auto value = trim(parameter.substr(std::min(equals + 1, parameter.size())));
    if (name == "q") accepted.quality = quality_of(value);
    if (name == "version") accepted.version = value;
  }
  return accepted;
}

bool takes_gzip(const std::vector<std::string>& accept_encoding) {
  std::optional<bool> gzip;
  bool any = false;
  for (const auto& member : accept_encoding) {
    const auto accepted = parse_accepted(member);
    const bool taken = accepted.quality > 0;
    if (accepted.name == "gzip" || accepted.name == "x-gzip") gzip = gzip.value_or(false) || taken;
    if (accepted.name == "*") any = taken;
  }
  return gzip.value_or(any);
}

bool prefers_openmetrics(const std::vector<std::string>& accept) {
  double openmetrics = 0;
  double text = 0;
  for (const auto& member : accept) {
    const auto accepted = parse_accepted(member);
    const bool is_text =
        accepted.name == "text/plain" || accepted.name == "text/*" || accepted.name == "*/*";
    if (is_text) text = std::max(text, accepted.quality);
    if (accepted.name != "application/openmetrics-text") continue;
    if (!accepted.version.empty() && accepted.version != "1.0.0") continue;
    openmetrics = std::max(openmetrics, accepted.quality);
  }
  return openmetrics > text;
}

}  // namespace evenkeel::http
