#include "agent/web/cross_site.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "agent/settings/settings.hpp"

namespace evenkeel::web {
namespace {

// A Host header taken apart, or what follows the scheme in an Origin.
struct Authority {
  std::string host;  // lower case, IPv6 without its brackets
  std::string port;  // empty where there is none
};

bool all_of(std::string_view text, bool (*is)(unsigned char)) {
  return std::all_of(text.begin(), text.end(), is);
}

bool is_digit(unsigned char c) {
  return std::isdigit(c) != 0;
}
bool is_name_character(unsigned char c) {
  return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
}
bool is_ipv6_character(unsigned char c) {
  return std::isxdigit(c) != 0 || c == ':' || c == '.';
}

std::optional<Authority> parse_authority(std::string_view text) {
  const bool bracketed = text.starts_with('[');
  if (bracketed) text.remove_prefix(1);
  const auto host = text.substr(0, text.find(bracketed ? ']' : ':'));
  auto port = text.substr(host.size());
  if (bracketed && port.empty()) return std::nullopt;
  if (bracketed) port.remove_prefix(1);
  if (!port.empty() && port.front() != ':') return std::nullopt;
  if (!port.empty()) port.remove_prefix(1);
  const bool good_host = all_of(host, bracketed ? is_ipv6_character : is_name_character);
  if (host.empty() || !good_host || port.size() > 5 || !all_of(port, is_digit)) return std::nullopt;
  Authority authority{std::string(host), std::string(port)};
  for (char& c : authority.host) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return authority;
}

bool same_origin(std::string_view origin, const Authority& here, bool tls) {
  const bool https = origin.starts_with("https://");
  // Without TLS here, there may be a proxy in front of us that has it.
  if (tls && !https) return false;
  if (!https && !origin.starts_with("http://")) return false;
  const auto there = parse_authority(origin.substr(https ? 8 : 7));
  const auto port = [https](const Authority& at) {
    return at.port.empty() ? std::string(https ? "443" : "80") : at.port;
  };
  return there && there->host == here.host && port(*there) == port(here);
}

Refusal forbidden(std::string code, std::string message) {
  return {.status = 403, .code = std::move(code), .message = std::move(message)};
}

}  // namespace

std::optional<Refusal> refuse_foreign_name(const http::RequestHead& head, const Place& place) {
  const auto here = parse_authority(head.host);
  if (!here) {
    return Refusal{
        .status = 400, .code = "bad_host", .message = "The Host header is missing or malformed."};
  }
  const bool own_name =
      settings::Listen{.host = here->host}.is_loopback() || here->host == place.host ||
      std::find(place.hosts.begin(), place.hosts.end(), here->host) != place.hosts.end();
  if (place.open && !own_name) {
    return forbidden("bad_host",
                     "This agent is asked only under the name localhost, a loopback address or the "
                     "address listened on, not under the one in the Host header. To use that name, "
                     "put it into [web] hosts.");
  }
  return std::nullopt;
}

std::optional<Refusal> refuse_cross_site(const http::RequestHead& head, const Place& place) {
  if (auto refused = refuse_foreign_name(head, place)) return refused;
  const auto here = parse_authority(head.host);
  const bool own_site =
      head.fetch_site.empty() || head.fetch_site == "same-origin" || head.fetch_site == "none";
  if (!own_site || (!head.origin.empty() && !same_origin(head.origin, *here, place.tls))) {
    return forbidden("cross_site",
                     "A page of another site asked for this. A proxy in front of the agent must "
                     "pass the Host header on.");
  }
  return std::nullopt;
}

}  // namespace evenkeel::web
