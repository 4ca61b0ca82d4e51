#include "agent/web/response_head.hpp"

#include <array>
#include <boost/beast/http/status.hpp>
#include <cstdio>
#include <ctime>
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

// "Sun, 06 Nov 1994 08:49:37 GMT", whatever the locale.
std::string date(std::time_t now) {
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                kDays.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                kMonths.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900, utc.tm_hour,
                utc.tm_min, utc.tm_sec);
  return text.data();
}

}  // namespace

bool has_content(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string response_head(const Answer& answer, bool last) {
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + ' ' + reason(answer.status);
  head += "\r\n";
  add(head, "Date", date(std::time(nullptr)));
  if (has_content(answer.status)) {
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
