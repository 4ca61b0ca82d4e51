#pragma once
// What a client asks and what it is told, apart from HTTP itself, and who answers.

#include <functional>
#include <string>
#include <string_view>

#include "agent/http/server_messages.hpp"

namespace evenkeel::web {

// Below this path, refusals are JSON.
inline constexpr std::string_view kApiPath = "/api/v1/";

// Valid while the handler runs.
struct Request {
  std::string_view method;        // "GET", "POST", …; a HEAD comes as "GET"
  std::string_view path;          // decoded, without the query
  std::string_view query;         // as sent, without the '?'
  std::string_view content_type;  // without parameters, in lower case; empty where there is none
  std::string_view body;
  std::string_view user;  // who asks: a name of the users file, "token", a certificate's name;
                          // empty where nobody had to say
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  http::SharedText body{};
  std::string cache_control = "no-store";
  std::string security_policy = "default-src 'none'; frame-ancestors 'none'";
  http::Headers headers = {};  // more than the ones above; the server adds those of HTTP itself
};

// Called on the server's threads, with whatever may be asked already checked: the credential, the
// origin, the sizes and the rate. Answers within a second.
using Handler = std::function<Response(const Request&)>;

inline constexpr std::string_view kReads = "GET, HEAD";

// The methods that a path takes, as an Allow header lists them; empty: there is nothing at it.
// Where it says POST, requests may change something.
using Methods = std::function<std::string_view(std::string_view path)>;

}  // namespace evenkeel::web
