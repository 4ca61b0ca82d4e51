#pragma once
// Protection against cross-site requests and DNS rebinding. A browser adds credentials by itself,
// passwords and certificates, whichever site makes it send a request: credentials do not protect.

#include <optional>
#include <span>
#include <string>

#include "agent/http/server_messages.hpp"

namespace evenkeel::web {

// The address and the names under which the server is reached.
struct Place {
  bool tls = false;
  // Without credentials, reachability is the only protection, and DNS rebinding can point a foreign
  // name at us: accept only loopback names, `host` and `hosts`.
  bool open = true;
  std::string host;                         // the address listened on; empty: all
  std::span<const std::string> hosts = {};  // in lower case
};

// Checks only the name in the Host header.
[[nodiscard]] std::optional<http::Refusal> refuse_foreign_name(const http::RequestHead& head,
                                                               const Place& place);

// Checks that name, Sec-Fetch-Site and Origin.
[[nodiscard]] std::optional<http::Refusal> refuse_cross_site(const http::RequestHead& head,
                                                             const Place& place);

}  // namespace evenkeel::web
