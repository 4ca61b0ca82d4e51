#pragma once
// URLs and host:port texts, taken apart strictly: a mistyped one is found before it is used.

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace evenkeel {

// An http or https URL taken apart, with its defaults: equal for URLs that mean the same.
struct HttpUrl {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case, without brackets
  std::uint16_t port = 0;
  std::string target;  // path and query as written; empty where there is neither

  bool operator==(const HttpUrl&) const = default;
  auto operator<=>(const HttpUrl&) const = default;
};

// The error never repeats the text, since a URL may hold a password by mistake.
[[nodiscard]] tl::expected<HttpUrl, std::string> split_url(std::string_view text);

// The port of a Milvus proxy's gRPC API, meant where a grpc:// address has none.
inline constexpr std::uint16_t kMilvusGrpcPort = 19530;

// True for "grpc://…" and "grpcs://…".
[[nodiscard]] bool is_grpc_url(std::string_view text);
// Takes such a URL apart as split_url() does, with its own scheme; without a port it means that
// one.
[[nodiscard]] tl::expected<HttpUrl, std::string> split_grpc_url(std::string_view text,
                                                                std::uint16_t standard_port);

// A host and a port.
struct HostPort {
  std::string host;       // without brackets, perhaps empty
  std::string_view port;  // as written
  bool has_port = false;  // a colon was there, even if nothing follows it
};
// Takes "host:port", "host", "[::1]:port" or ":port" apart; a host is a name or an IP address.
[[nodiscard]] tl::expected<HostPort, std::string> split_host_port(std::string_view text);
[[nodiscard]] tl::expected<std::uint16_t, std::string> parse_port(std::string_view text,
                                                                  int lowest = 1);

// The text with all but letters, digits and "-._~" as %XX, for a parameter of a query.
[[nodiscard]] std::string percent_encoded(std::string_view text);

// True for an IPv6 address without a scope, which means something only on the sender's machine.
[[nodiscard]] bool is_ipv6(std::string_view address);

}  // namespace evenkeel
