#pragma once
// The head of an HTTP message, request or response (RFC 9112, sections 2 to 5; RFC 9110, section
// 5): its first line, its fields and the lists that some of them hold, and the reader that makes
// them of bytes as they come. A line ends with CR LF and with nothing else.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evenkeel::http {

struct Version {
  int major = 1, minor = 1;

  [[nodiscard]] bool at_least_1_1() const { return major == 1 && minor >= 1; }
};

// Views into the line.
struct RequestLine {
  std::string_view method;  // a token
  std::string_view target;  // not empty, without a blank, a control or other than ASCII
  Version version;          // of any number
};
struct StatusLine {
  Version version;
  int status = 0;  // 100 to 999
};

// What may stand in a target: the characters of a URI, and those that clients send in one as they
// are. '#' begins what no server is told.
[[nodiscard]] bool is_target_character(char c);

// None where it is malformed.
[[nodiscard]] std::optional<RequestLine> parse_request_line(std::string_view line);
[[nodiscard]] std::optional<StatusLine> parse_status_line(std::string_view line);

struct Field {
  std::string name;   // as sent
  std::string value;  // without the blanks around it
};

class Fields {
 public:
  void add(Field field) { all_.push_back(std::move(field)); }
  // Adds to the value of the last one, after a blank; there is one.
  void go_on(std::string_view more);

  // Names are the same whatever their case.
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] std::string_view value(std::string_view name) const;  // the first; empty: none
  // What stands between the commas of all its lines, in lower case; empty members are dropped.
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
  [[nodiscard]] bool lists(std::string_view name, std::string_view member) const;
  // Every line's value, as sent.
  [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;

  [[nodiscard]] bool empty() const { return all_.empty(); }

 private:
  std::vector<Field> all_;
};

// "Name: value", without the line's end; none where it is malformed.
[[nodiscard]] std::optional<Field> parse_field(std::string_view line);

[[nodiscard]] bool is_token(std::string_view text);  // and not empty
[[nodiscard]] bool is_token_character(char c);
// What may stand in no line of a head: every control character but the tabulator.
[[nodiscard]] bool is_control(char c);
[[nodiscard]] std::string_view trim(std::string_view text);  // blanks and tabulators
[[nodiscard]] std::string lower(std::string_view text);      // ASCII alone

enum class Message { request, response };

// Makes the head of one message.
class HeadReader {
 public:
  enum class Progress {
    more,  // bytes are needed
    done,
    malformed,
    first_line_too_long,
    too_long,
  };

  // `limit`: of all of it, in bytes.
  HeadReader(Message message, std::size_t limit) : message_(message), limit_(limit) {}

  // Takes bytes of the head out of `input`, from its begin; what is left after `done` belongs to
  // what follows. What is wrong is said as soon as it is there.
  [[nodiscard]] Progress take(std::string& input);

  [[nodiscard]] const std::string& first_line() const { return first_line_; }
  [[nodiscard]] const Fields& fields() const { return fields_; }
  [[nodiscard]] std::size_t size() const { return size_; }  // bytes taken

 private:
  [[nodiscard]] Progress take_line(std::string_view line);
  [[nodiscard]] Progress take_field(std::string_view line);

  Message message_;
  std::size_t limit_;
  std::size_t size_ = 0;     // of the lines taken
  std::size_t scanned_ = 0;  // bytes of `input` that are known to end no line
  bool skipped_ = false;     // an empty line before the first one
  std::string first_line_;
  Fields fields_;
};

}  // namespace evenkeel::http
