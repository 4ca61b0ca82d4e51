#include "agent/util/url.hpp"

#include "agent/http/client.hpp"

namespace evenkeel::http {

namespace {

using Wrong = tl::unexpected<std::string>;

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

tl::expected<Url, std::string> parse(std::string_view text) {
  auto split = split_url(text);
  if (!split) return Wrong(std::move(split.error()));
  Url url{.tls = split->scheme == "https", .host = std::move(split->host), .port = split->port};
  url.target = split->target.starts_with('/') ? std::move(split->target) : "/" + split->target;
  return url;
}

}  // namespace

tl::expected<std::string, std::string> host_of(std::string_view address) {
  const auto wrong = [&](const std::string& what) {
    auto said = "address " + quoted(address.substr(0, 80)) + " names no host: " + what;
    for (char& c : said) {
      if (c < ' ' || c > '~') c = '?';
    }
    return Wrong(std::move(said));
  };
  const auto colon = address.rfind(':');
  if (!address.starts_with('[') && colon != address.find(':')) {
    const auto before_port = address.substr(0, colon);
    if (is_ipv6(before_port) && parse_port(address.substr(colon + 1))) {
      return std::string(before_port);
    }
    if (is_ipv6(address)) return std::string(address);
  }
  auto split = split_host_port(address);
  if (!split) return wrong(split.error());
  if (split->host.empty()) return wrong("nothing stands before the port");
  if (split->has_port) {
    if (const auto port = parse_port(split->port); !port) return wrong(port.error());
  }
  return std::move(split->host);
}

std::string Url::authority() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Url::str() const {
  return (tls ? "https://" : "http://") + authority() + target;
}

tl::expected<Url, std::string> parse_url(std::string_view text) {
  return parse(text).map_error(
      [&](const std::string& what) { return "URL " + quoted(text) + ": " + what; });
}

}  // namespace evenkeel::http
