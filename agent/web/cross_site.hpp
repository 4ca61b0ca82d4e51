#pragma once
// Whether a browser sends a request because another site told it to. A browser also sends what it
// knows of us by itself, passwords and certificates, so a credential is no answer to that.

#include <optional>
#include <span>
#include <string>

#include "agent/web/refusal.hpp"

namespace evenkeel::web {

struct Place {
  bool tls = false;
  // Where nobody has to say who he is, who can reach us is all that counts. Another site's name may
  // be made to lead here, so only these names of the place are taken then: the loopback's, `host`
  // and `hosts`.
  bool open = true;
  std::string host;                         // the address listened on; empty: all
  std::span<const std::string> hosts = {};  // in lower case
};

// The name in the Host header alone.
[[nodiscard]] std::optional<Refusal> refuse_foreign_name(const http::RequestHead& head,
                                                         const Place& place);

[[nodiscard]] std::optional<Refusal> refuse_cross_site(const http::RequestHead& head,
                                                       const Place& place);

}  // namespace evenkeel::web
