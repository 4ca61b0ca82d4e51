#pragma once
// What a request asks for: its target, in all four forms (RFC 9112, section 3.2), and its Host.

#include <optional>
#include <string>
#include <string_view>

namespace evenkeel::http {

struct Target {
  enum class Form { origin, absolute, authority, asterisk };

  Form form = Form::origin;
  std::string authority{};  // "host:port", where the target names one
  std::string path{};       // decoded; "*" for the asterisk, empty for an authority
  std::string query{};      // as sent, without the '?'
};

// None where it is malformed, or of a form that the method does not take.
[[nodiscard]] std::optional<Target> parse_target(std::string_view method, std::string_view target);

// A path's %xx, decoded; none where that is malformed or makes a control character.
[[nodiscard]] std::optional<std::string> decode_path(std::string_view path);

// Without a scope, which would be a name of the machine that sent it.
[[nodiscard]] bool is_ipv6(std::string_view address);

struct Authority {
  std::string host;  // in lower case, IPv6 without its brackets
  std::string port;  // empty where there is none
};

// "host", "host:port" or "[IPv6]:port", with a host and without a user; none where it is malformed.
[[nodiscard]] std::optional<Authority> parse_authority(std::string_view text);

}  // namespace evenkeel::http
