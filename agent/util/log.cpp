#include "agent/util/log.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <memory>
#include <mutex>
#include <system_error>
#include <utility>

#include "agent/util/log_queue.hpp"
#include "agent/util/time.hpp"
#include "agent/util/utf8.hpp"

namespace evenkeel::log {

namespace {

constexpr std::size_t kLongestText = 4096;                // bytes of one message or value
constexpr std::size_t kMaxQueued = std::size_t{4} << 20;  // bytes of lines that are not written yet
constexpr std::chrono::milliseconds kLastFlush{1'000};

std::atomic<Level> g_level{Level::info};
std::atomic<Format> g_format{Format::logfmt};
std::atomic<std::uint64_t> g_lost = 0;  // lines that could not be made

std::string_view name(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "error";
}

// A character of the basic plane.
void append_escaped(std::string& out, char32_t point) {
  switch (point) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      append_json_escape(out, point);
  }
}

// Quotes and escapes the text so that both a JSON and a logfmt reader get it back, and people see
// what is in it. Bytes that are not UTF-8 become U+FFFD; a text beyond kLongestText is cut and ends
// in "…".
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const auto character = first_character(text.substr(at));
    const std::size_t length = character ? character->bytes : 1;
    if (at + length > kLongestText) {
      out += "…";
      break;
    }
    const auto first = static_cast<unsigned char>(text[at]);
    if (!character) {
      out += "\xEF\xBF\xBD";
    } else if (first == '"' || first == '\\') {
      out += '\\';
      out += text[at];
    } else if (is_control(first) || is_hidden(character->point)) {
      append_escaped(out, character->point);
    } else {
      out += text.substr(at, length);
    }
    at += length;
  }
  out += '"';
}

bool is_bare(std::string_view text) {
  if (text.empty() || text.size() > kLongestText) return false;
  for (const char c : text) {
    if (c <= ' ' || c >= '\x7f' || c == '"' || c == '=' || c == '\\') return false;
  }
  return true;
}

void append_logfmt(std::string& out, std::string_view key, std::string_view value) {
  if (!out.empty()) out += ' ';
  out += key;
  out += '=';
  if (is_bare(value)) {
    out += value;
  } else {
    append_quoted(out, value);
  }
}

void append_json(std::string& out, std::string_view key, std::string_view value, bool quoted) {
  out += out.empty() ? '{' : ',';
  append_quoted(out, key);
  out += ':';
  if (quoted) {
    append_quoted(out, value);
  } else {
    out += value;
  }
}

std::string timestamp_now() {
  return rfc3339(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
}

// Lines go into the queue if there is one, else to standard error.
struct Sink {
  std::mutex mutex;
  std::shared_ptr<Queue> queue;
  std::uint64_t dropped_before = 0;  // by queues that are gone
};

Sink& sink() {
  static Sink the_sink;
  return the_sink;
}

std::shared_ptr<Queue> current_queue() {
  const std::lock_guard lock(sink().mutex);
  return sink().queue;
}

std::string dropped_line(std::uint64_t lines) {
  return format(g_format.load(), timestamp_now(), Level::warn,
                std::to_string(lines) + " lines dropped",
                {{"because", "the reader of standard error did not keep up"}}) +
         '\n';
}

}  // namespace

Field::Field(std::string_view k, double v) : key(k), quoted(false) {
  if (!std::isfinite(v)) {
    quoted = true;  // JSON has no number for it
    value = std::isnan(v) ? "NaN" : (v > 0 ? "+Inf" : "-Inf");
    return;
  }
  std::array<char, 32> text{};
  const auto result = std::to_chars(text.data(), text.data() + text.size(), v);
  value.assign(text.data(), result.ptr);
}

void configure(Level level, Format format) {
  g_level = level;
  g_format = format;
}

bool enabled(Level level) {
  return level >= g_level.load();
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) noexcept
    try {
  if (!enabled(level)) return;
  auto line = format(g_format.load(), timestamp_now(), level, message, fields);
  line += '\n';
  std::unique_lock lock(sink().mutex);
  if (const auto queue = sink().queue) {
    lock.unlock();
    queue->put(std::move(line), level == Level::error);
  } else {
    write_all(STDERR_FILENO, line);
  }
} catch (...) {
  ++g_lost;  // out of memory, say: the caller goes on
}

Background::Background() {
  const std::lock_guard lock(sink().mutex);
  if (sink().queue) sink().dropped_before += sink().queue->dropped();
  try {
    sink().queue = std::make_shared<Queue>(STDERR_FILENO, kMaxQueued, dropped_line);
  } catch (const std::system_error&) {
    // Without a thread, lines are written where they arise.
  }
}

Background::~Background() {
  // If the reader has stopped, the queue stays: later callers must not wait for it, either.
  if (!flush(kLastFlush)) return;
  const std::lock_guard lock(sink().mutex);
  if (!sink().queue) return;
  sink().dropped_before += sink().queue->dropped();
  sink().queue.reset();
}

bool flush(std::chrono::milliseconds at_most) {
  const auto queue = current_queue();
  return !queue || queue->flush(at_most);
}

std::uint64_t dropped() {
  const std::lock_guard lock(sink().mutex);
  return g_lost + sink().dropped_before + (sink().queue ? sink().queue->dropped() : 0);
}

std::string format(Format format, std::string_view timestamp, Level level, std::string_view message,
                   std::initializer_list<Field> fields) {
  std::string line;
  if (format == Format::logfmt) {
    append_logfmt(line, "ts", timestamp);
    append_logfmt(line, "level", name(level));
    append_logfmt(line, "msg", message);
    for (const auto& field : fields) append_logfmt(line, field.key, field.value);
    return line;
  }
  append_json(line, "ts", timestamp, true);
  append_json(line, "level", name(level), true);
  append_json(line, "msg", message, true);
  for (const auto& field : fields) append_json(line, field.key, field.value, field.quoted);
  return line + '}';
}

}  // namespace evenkeel::log
