#pragma once
// Makes the head of an HTTP message, its first line and its fields, of bytes as they come (RFC
// 9112, sections 2 to 5). A line ends with CR LF and with nothing else.

#include <cstddef>
#include <string>

#include "agent/wire/fields.hpp"

namespace evenkeel::wire {

enum class Message { request, answer };

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

}  // namespace evenkeel::wire
