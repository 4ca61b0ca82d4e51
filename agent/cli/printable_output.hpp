#pragma once
// Output of verbs for people, without the control characters that names from outside may hold.

#include <iostream>
#include <streambuf>
#include <string>
#include <string_view>

#include "agent/util/columns.hpp"
#include "agent/util/utf8.hpp"

namespace evenkeel::cli {

// Marks that cannot be seen are shown by their numbers, but for those of tables.
[[nodiscard]] inline std::string printable_lines(std::string_view text) {
  constexpr char32_t kKept[] = {kFirstStrongIsolate, kPopIsolate, 0};
  return visible(printable(text, "\n\t"), kKept);
}

// Lines that may end by CR LF, as those of CSV do.
[[nodiscard]] inline std::string printable_records(std::string_view text) {
  return printable(text, "\n\r\t");
}

// A filter that makes what goes to `stream` printable, line by line, for as long as it lives.
class PrintableOutput final : private std::streambuf {
 public:
  using Show = std::string (*)(std::string_view);

  explicit PrintableOutput(std::ostream& stream, Show show = printable_lines)
      : stream_(stream), to_(stream.rdbuf(this)), show_(show) {}
  ~PrintableOutput() override {
    const bool whole = sync() == 0 && stream_.good();
    stream_.rdbuf(to_);
    if (!whole) stream_.setstate(std::ios::badbit);
  }
  PrintableOutput(const PrintableOutput&) = delete;
  PrintableOutput& operator=(const PrintableOutput&) = delete;

 private:
  int_type overflow(int_type c) override {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    line_ += traits_type::to_char_type(c);
    return c != '\n' || put() ? c : traits_type::eof();
  }
  int sync() override { return put() && to_->pubsync() == 0 ? 0 : -1; }
  bool put() {
    const auto shown = show_(line_);
    line_.clear();
    return to_->sputn(shown.data(), static_cast<std::streamsize>(shown.size())) ==
           static_cast<std::streamsize>(shown.size());
  }

  std::ostream& stream_;
  std::streambuf* to_;
  Show show_;
  std::string line_;
};

}  // namespace evenkeel::cli
