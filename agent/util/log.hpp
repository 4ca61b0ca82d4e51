#pragma once
// Structured logging: one line an event, logfmt or JSON, to standard error. Thread-safe. Callers
// wait for the line to be written, unless a Background lives. Each line has ts (RFC 3339, UTC,
// milliseconds), level, msg and the fields in the order given. Texts are escaped, bytes that are
// not UTF-8 become U+FFFD, and a text is cut at 4 KiB.
//   log::info("move done", {{"segment", id}, {"bytes", n}});

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace evenkeel::log {

enum class Level { debug, info, warn, error };
enum class Format { logfmt, json };

// A key and its value.
struct Field {
  std::string key;
  std::string value;
  bool quoted = true;  // a text (true) or a number or boolean (false)

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  Field(std::string_view k, bool v) : key(k), value(v ? "true" : "false"), quoted(false) {}
  Field(std::string_view k, double v);
  template <typename T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  Field(std::string_view k, T v) : key(k), value(std::to_string(v)), quoted(false) {}
  // An id is written as a text, since JSON readers would round a 64-bit number.
  template <typename T>
    requires std::is_enum_v<T>
  Field(std::string_view k, T id) : key(k), value(std::to_string(static_cast<std::int64_t>(id))) {}
};

void configure(Level level, Format format);
[[nodiscard]] bool enabled(Level level);
// Never throws: a line that cannot be made for want of memory counts as dropped.
void write(Level level, std::string_view message,
           std::initializer_list<Field> fields = {}) noexcept;

// Writes lines on a thread of its own while it lives, so that callers do not wait for the reader of
// standard error. Unwritten lines beyond 4 MiB are dropped, those of level error last; a line "N
// lines dropped" says so where they are missing. Only one may live at a time.
class Background {
 public:
  Background();
  // Waits a second at most for unwritten lines.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
};

// Returns once all lines so far are written, or false after this time.
bool flush(std::chrono::milliseconds at_most);

// Lines since the start that could not be made, or that a Background dropped or could not write.
[[nodiscard]] std::uint64_t dropped();

inline void debug(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::debug, m, f);
}
inline void info(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::info, m, f);
}
inline void warn(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::warn, m, f);
}
inline void error(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::error, m, f);
}

// Formats a line as `write` does, without its newline.
[[nodiscard]] std::string format(Format format, std::string_view timestamp, Level level,
                                 std::string_view message, std::initializer_list<Field> fields);

}  // namespace evenkeel::log
