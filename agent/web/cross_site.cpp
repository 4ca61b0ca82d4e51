#include "agent/web/cross_site.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "agent/http/target.hpp"
#include "agent/settings/address.hpp"

namespace evenkeel::web {
namespace {

// `origin`: the header's value.
bool same_origin(std::string_view origin, const http::Authority& here, bool tls) {
  const bool https = origin.starts_with("https://");
  // Without TLS here, a proxy in front of us may have it.
  if (tls && !https) return false;
  if (!https && !origin.starts_with("http://")) return false;
  const auto there = http::parse_authority(origin.substr(https ? 8 : 7));
  const auto port = [https](const http::Authority& at) {
    return at.port.empty() ? std::string(https ? "443" : "80") : at.port;
  };
  return there && there->host == here.host && port(*there) == port(here);
}

http::Refusal forbidden(std::string code, std::string message) {
  return {.status = 403, .code = std::move(code), .message = std::move(message)};
}

}  // namespace

std::optional<http::Refusal> refuse_foreign_name(const http::RequestHead& head,
                                                 const Place& place) {
  const auto here = http::parse_authority(head.host);
  if (!here) {
    return http::Refusal{
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

std::optional<http::Refusal> refuse_cross_site(const http::RequestHead& head, const Place& place) {
  if (auto refused = refuse_foreign_name(head, place)) return refused;
  const auto here = http::parse_authority(head.host);
  const bool own_site =
      head.fetch_site.empty() || head.fetch_site == "same-origin" || head.fetch_site == "none";
  if (!own_site || (!head.origin.empty() && !same_origin(head.origin, *here, place.tls))) {
    return forbidden(
        "cross_site",
        "A page of another site asked for this. A reverse proxy in front of the agent must "
        "pass the Host header on.");
  }
  return std::nullopt;
}

}  // namespace evenkeel::web
