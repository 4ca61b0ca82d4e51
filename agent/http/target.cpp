#include "agent/http/target.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "agent/http/head.hpp"
#include "agent/util/format.hpp"
#include "agent/util/url.hpp"

namespace evenkeel::http {
namespace {

std::optional<unsigned char> hex_pair(std::string_view text) {
  unsigned char byte = 0;
  const bool good = text.size() >= 2 &&
                    std::from_chars(text.data(), text.data() + 2, byte, 16).ptr == text.data() + 2;
  return good ? std::optional(byte) : std::nullopt;
}

bool is_host_name(std::string_view host) {
  constexpr std::string_view kBesides = "-._~!$&'()*+,;=";
  for (std::size_t i = 0; i < host.size(); ++i) {
    const char c = host[i];
    if (c == '%') {
      if (!hex_pair(host.substr(i + 1))) return false;
      i += 2;
    } else if (std::isalnum(static_cast<unsigned char>(c)) == 0 &&
               kBesides.find(c) == std::string_view::npos) {
      return false;
    }
  }
  return !host.empty();
}

// True for ":port", for ":" and for nothing.
bool is_port_part(std::string_view text) {
  if (text.empty()) return true;
  if (text.front() != ':') return false;
  text.remove_prefix(1);
  unsigned port = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, port);
  return text.empty() || (error == std::errc{} && stopped == end && port <= 65535);
}

std::optional<Target> split_path(Target target, std::string_view text) {
  const auto question = std::min(text.find('?'), text.size());
  auto path = decode_path(text.substr(0, question));
  if (!path) return std::nullopt;
  target.path = path->empty() ? "/" : *std::move(path);
  target.query = text.substr(std::min(question + 1, text.size()));
  return target;
}

// Parses "http://host:port/path?query", or https: a proxy in front may have ended TLS.
std::optional<Target> parse_absolute(std::string_view text) {
  const auto begin = text.find("://");
  if (begin == std::string_view::npos) return std::nullopt;
  const auto scheme = lower(text.substr(0, begin));
  if (scheme != "http" && scheme != "https") return std::nullopt;
  text.remove_prefix(begin + 3);
  const auto end = std::min(text.find_first_of("/?"), text.size());
  Target target{.form = Target::Form::absolute, .authority = std::string(text.substr(0, end))};
  if (!parse_authority(target.authority)) return std::nullopt;
  return split_path(std::move(target), text.substr(end));
}

}  // namespace

std::optional<Target> parse_target(std::string_view method, std::string_view target) {
  using Form = Target::Form;
  if (method == "CONNECT") {
    const auto colon = target.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && colon + 1 < target.size() && !target.ends_with(']');
    if (!has_port || !parse_authority(target)) return std::nullopt;
    return Target{.form = Form::authority, .authority = std::string(target)};
  }
  if (target.starts_with('/')) return split_path({}, target);
  if (target == "*" && method == "OPTIONS") return Target{.form = Form::asterisk, .path = "*"};
  return parse_absolute(target);
}

std::optional<std::string> decode_path(std::string_view path) {
  std::string decoded;
  for (std::size_t i = 0; i < path.size(); ++i) {
    char c = path[i];
    if (c == '%') {
      const auto byte = hex_pair(path.substr(i + 1));
      if (!byte) return std::nullopt;
      c = static_cast<char>(*byte);
      i += 2;
    }
    if (std::iscntrl(static_cast<unsigned char>(c)) != 0) return std::nullopt;
    decoded += c;
  }
  return decoded;
}

std::optional<Authority> parse_authority(std::string_view text) {
  const bool bracketed = text.starts_with('[');
  const auto end = bracketed ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return std::nullopt;
  const auto host = text.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0));
  auto port = text.substr(end + (bracketed ? 1 : 0));
  const bool good = (bracketed ? is_ipv6(host) : is_host_name(host)) && is_port_part(port);
  if (!good) return std::nullopt;
  port.remove_prefix(std::min<std::size_t>(1, port.size()));
  return Authority{lower(host), std::string(port)};
}

}  // namespace evenkeel::http
