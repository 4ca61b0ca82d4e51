#include "agent/wire/head.hpp"

#include <utility>

namespace evenkeel::wire {

HeadReader::Progress HeadReader::take(std::string& input) {
  std::size_t begin = 0;  // of the line
  auto progress = Progress::more;
  for (auto at = scanned_; at < input.size() && progress == Progress::more; ++at) {
    // Byte by byte, so that it does not matter how many of them came at once.
    if (size_ + (at + 1 - begin) > limit_) {
      return first_line_.empty() ? Progress::first_line_too_long : Progress::too_long;
    }
    const char c = input[at];
    const bool after_return = at > begin && input[at - 1] == '\r';
    if (after_return != (c == '\n')) return Progress::malformed;
    if (is_control(c) && c != '\r' && c != '\n') return Progress::malformed;
    if (c != '\n') continue;
    size_ += at + 1 - begin;
    progress = take_line(std::string_view(input).substr(begin, at - 1 - begin));
    begin = at + 1;
  }
  input.erase(0, begin);
  scanned_ = input.size();
  return progress;
}

HeadReader::Progress HeadReader::take_line(std::string_view line) {
  if (!first_line_.empty()) return line.empty() ? Progress::done : take_field(line);
  if (line.empty()) {
    // Some clients end the body of the request before with a line's end too many.
    if (message_ == Message::answer || std::exchange(skipped_, true)) return Progress::malformed;
    return Progress::more;
  }
  first_line_ = line;
  return Progress::more;
}

HeadReader::Progress HeadReader::take_field(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') {
    // The line before goes on: of servers that has to be understood, of clients refused.
    if (message_ == Message::request || fields_.empty()) return Progress::malformed;
    fields_.go_on(trim(line));
    return Progress::more;
  }
  auto field = parse_field(line);
  if (!field) return Progress::malformed;
  fields_.add(*std::move(field));
  return Progress::more;
}

}  // namespace evenkeel::wire
