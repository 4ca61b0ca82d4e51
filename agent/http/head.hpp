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

// An HTTP version.
struct Version {
  int major = 1, minor = 1;

  [[nodiscard]] bool at_least_1_1() const { return major == 1 && minor >= 1; }
};

// The first line of a request, as views into it.
struct RequestLine {
  std::string_view method;  // a token
  std::string_view target;  // not empty, no blanks or controls, ASCII only
  Version version;          // any two digits
};
// The first line of a response.
struct StatusLine {
  Version version;
  int status = 0;  // 100 to 999
};

// These return nullopt for a malformed line.
[[nodiscard]] std::optional<RequestLine> parse_request_line(std::string_view line);
[[nodiscard]] std::optional<StatusLine> parse_status_line(std::string_view line);

// A header field.
struct Field {
  std::string name;   // as sent
  std::string value;  // without the blanks around it
};

// The header fields of a message, in their order. Names are compared without case.
class Fields {
 public:
  void add(Field field) { all_.push_back(std::move(field)); }
  // Appends to the last field's value, after a blank. There must be one.
  void go_on(std::string_view more);

  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] std::string_view value(std::string_view name) const;  // the first one; empty: none
  // The comma-separated members of all its lines, in lower case; empty ones are dropped.
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
  [[nodiscard]] bool lists(std::string_view name, std::string_view member) const;
  // Every line's value, as sent.
  [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;

  [[nodiscard]] bool empty() const { return all_.empty(); }

 private:
  std::vector<Field> all_;
};

// Parses "Name: value", without the line's end; nullopt if it is malformed.
[[nodiscard]] std::optional<Field> parse_field(std::string_view line);

[[nodiscard]] bool is_token(std::string_view text);  // and not empty
[[nodiscard]] bool is_token_character(char c);
// True for the characters that no line of a head may have: all control characters except the tab.
[[nodiscard]] bool is_control(char c);

enum class Message { request, response };

// Parser of one message's head, for bytes as they come.
class HeadReader {
 public:
  enum class Progress {
    more,  // bytes are needed
    done,
    malformed,
    first_line_too_long,
    too_long,
  };

  // `limit`: most bytes of the whole head.
  HeadReader(Message message, std::size_t limit) : message_(message), limit_(limit) {}

  // Takes bytes of the head off the front of `input`; after `done`, what is left follows the head.
  // An error is returned as soon as its bytes are there.
  [[nodiscard]] Progress take(std::string& input);

  [[nodiscard]] const std::string& first_line() const { return first_line_; }
  [[nodiscard]] const Fields& fields() const { return fields_; }
  [[nodiscard]] std::size_t size() const { return size_; }  // bytes taken

 private:
  [[nodiscard]] Progress take_line(std::string_view line);
  [[nodiscard]] Progress take_field(std::string_view line);

  Message message_;
  std::size_t limit_;
  std::size_t size_ = 0;     // bytes of the lines taken
  std::size_t scanned_ = 0;  // bytes of `input` that are known to end no line
  bool skipped_ = false;     // an empty line before the first one
  std::string first_line_;
  Fields fields_;
};

}  // namespace evenkeel::http
