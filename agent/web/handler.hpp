#pragma once
// Requests, responses and the handler between them, apart from HTTP itself.

#include <functional>
#include <string>
#include <string_view>

#include "agent/http/server_messages.hpp"

namespace evenkeel::web {

// Below this path, refusals are JSON.
inline constexpr std::string_view kApiPath = "/api/v1/";

// A POST here reads the configuration again, as SIGHUP does.
inline constexpr std::string_view kReloadPath = "/-/reload";

// A request. It is valid only while the handler runs.
struct Request {
  std::string_view method;        // "GET", "POST", …; a HEAD comes as "GET"
  std::string_view path;          // decoded, without the query
  std::string_view query;         // as sent, without the '?'
  std::string_view content_type;  // without parameters, in lower case; empty where there is none
  std::string_view body;
  // A name of the users file, "token" or a certificate's name; empty: no credential was required.
  std::string_view user;
  bool takes_gzip = false;
  bool prefers_openmetrics = false;
};

// A response of the handler.
struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  http::SharedText body{};
  std::string cache_control = "no-store";
  std::string security_policy = "default-src 'none'; frame-ancestors 'none'";
  http::Headers headers = {};  // besides those above and HTTP's own
};

// Called on the server's threads, several at once, after the credential, the origin, the sizes and
// the rate have been checked. It must answer within a second.
using Handler = std::function<Response(const Request&)>;

inline constexpr std::string_view kReads = "GET, HEAD";

// Returns the methods of a path, as an Allow header lists them; empty: there is nothing at it. With
// POST, requests may change something.
using Methods = std::function<std::string_view(std::string_view path)>;

}  // namespace evenkeel::web
