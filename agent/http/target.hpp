#pragma once
// Targets of requests, in all four forms (RFC 9112, section 3.2), and their Host.

#include <optional>
#include <string>
#include <string_view>

namespace evenkeel::http {

// A parsed request target.
struct Target {
  enum class Form { origin, absolute, authority, asterisk };

  Form form = Form::origin;
  std::string authority{};  // "host:port", if the target names one
  std::string path{};       // decoded; "*" for the asterisk, empty for an authority
  std::string query{};      // as sent, without the '?'
};

// Returns nullopt if it is malformed, or of a form that the method does not take.
[[nodiscard]] std::optional<Target> parse_target(std::string_view method, std::string_view target);

// Decodes a path's %xx; nullopt if that is malformed or makes a control character.
[[nodiscard]] std::optional<std::string> decode_path(std::string_view path);

// A host and its port.
struct Authority {
  std::string host;  // in lower case, IPv6 without its brackets
  std::string port;  // empty: none
};

// Parses "host", "host:port" or "[IPv6]:port"; nullopt if malformed, without a host or with a user.
[[nodiscard]] std::optional<Authority> parse_authority(std::string_view text);

}  // namespace evenkeel::http
