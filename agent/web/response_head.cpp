#include "agent/web/response_head.hpp"

#include <boost/beast/http/status.hpp>
#include <string_view>

namespace evenkeel::web {
namespace {

std::string reason(int status) {
  const auto words =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {words.data(), words.size()};
}

void add(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  // A line's end in a value would begin another header.
  for (const char c : value) head += c == '\r' || c == '\n' ? ' ' : c;
  head += "\r\n";
}

}  // namespace

std::string response_head(const Answer& answer, bool last) {
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + ' ' + reason(answer.status);
  head += "\r\n";
  const bool has_content = answer.status != 204;
  if (has_content) {
    add(head, "Content-Type", answer.content_type);
    add(head, "Content-Length", std::to_string(answer.body.size()));
  }
  add(head, "Cache-Control", answer.cache_control);
  add(head, "Content-Security-Policy", answer.security_policy);
  add(head, "Cross-Origin-Resource-Policy", "same-origin");
  add(head, "Referrer-Policy", "no-referrer");
  add(head, "X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : answer.headers) add(head, name, value);
  add(head, "Connection", last ? "close" : "keep-alive");
  return head + "\r\n";
}

}  // namespace evenkeel::web
