#include "agent/settings/environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "agent/settings/suggest.hpp"
#include "agent/settings/text.hpp"

namespace evenkeel::settings {
namespace {

constexpr std::string_view kPrefix = "EVENKEEL_";

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  if (trim(text).empty()) return parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.push_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

// Reads the text as TOML without quotes: as a boolean or number if it looks like one.
Value scalar(std::string_view text, const Place& at) {
  if (text == "true" || text == "false") return {text == "true", at};
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto [rest, error] = std::from_chars(text.data(), end, whole);
      error == std::errc{} && rest == end) {
    return {whole, at};
  }
  double number = 0;
  if (const auto [rest, error] = std::from_chars(text.data(), end, number);
      error == std::errc{} && rest == end) {
    return {number, at};
  }
  return {std::string(text), at};
}

Value list(std::string_view text, const Place& at) {
  Value::List elements;
  for (const std::string_view part : split(text)) elements.push_back({std::string(part), at});
  return {std::move(elements), at};
}

// Reads "3=16GiB,127.0.0.1:21131=512MiB". A part without "=" is a name with an empty value, which
// the reader of the value then refuses.
Value table(std::string_view text, const Place& at) {
  Value::Table members;
  for (const std::string_view part : split(text)) {
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view value = equals < part.size() ? part.substr(equals + 1) : "";
    members.push_back(
        {std::string(trim(part.substr(0, equals))), at, Value{std::string(trim(value)), at}});
  }
  return {std::move(members), at};
}

// Container links name a port PORT_10931_TCP, PORT_10931_TCP_ADDR, … after their prefix.
bool names_linked_port(std::string_view text) {
  if (!text.starts_with("PORT_")) return false;
  text.remove_prefix(5);
  const std::size_t digits = std::min(text.find('_'), text.size());
  if (!all_digits(text.substr(0, digits))) return false;
  const std::string_view rest = text.substr(digits);
  return rest.starts_with("_TCP") || rest.starts_with("_UDP") || rest.starts_with("_SCTP");
}

// Kubernetes sets variables for every service of a namespace in all its pods. Those of a service
// named "evenkeel" or "evenkeel-…" have our prefix and are no settings.
bool is_service_variable(std::string_view name, const Environment& environment) {
  name.remove_prefix(kPrefix.size());
  for (std::size_t at = 0; at < name.size();) {
    const std::string_view part = name.substr(at);
    if (part == "SERVICE_HOST" || part == "SERVICE_PORT" || part.starts_with("SERVICE_PORT_") ||
        names_linked_port(part)) {
      return true;
    }
    if (part == "PORT") {
      const auto value = environment.get(std::string(kPrefix) + std::string(name));
      return value && value->find("://") != std::string::npos;
    }
    const std::size_t underscore = name.find('_', at);
    if (underscore == std::string_view::npos) return false;
    at = underscore + 1;
  }
  return false;
}

}  // namespace

Environment process_environment() {
  std::map<std::string, std::string> variables;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::size_t equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    // The first of two variables with one name counts, as for getenv.
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  Environment environment;
  for (const auto& [name, value] : variables) environment.names.push_back(name);
  environment.get =
      [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  return environment;
}

std::optional<Value> read_variable(const Entry& entry, const Environment& environment) {
  if (!environment.get) return std::nullopt;
  const std::string name = entry.key.variable();
  const auto text = environment.get(name);
  if (!text) return std::nullopt;
  const Place at{name};
  switch (entry.form) {
    case Form::scalar:
      return scalar(trim(*text), at);
    case Form::list:
      return list(*text, at);
    case Form::table:
      return table(*text, at);
    case Form::text:
      break;
  }
  return Value{*text, at};
}

void report_unknown_variables(const Environment& environment, Problems& problems) {
  for (const std::string& name : environment.names) {
    const bool known = std::any_of(entries().begin(), entries().end(), [&](const Entry& entry) {
      return entry.key.variable() == name;
    });
    if (known || !name.starts_with(kPrefix)) continue;
    if (environment.get && is_service_variable(name, environment)) continue;
    problems.push_back({{name}, unknown_variable(name)});
  }
}

}  // namespace evenkeel::settings
