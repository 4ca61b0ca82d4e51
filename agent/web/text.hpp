#pragma once
// A text that is made once and shared by whoever sends it.

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

namespace evenkeel::web {

class Text {
 public:
  Text() = default;
  // Implicit: a text is a string that costs nothing to copy.
  Text(std::string text)  // NOLINT(google-explicit-constructor)
      : text_(std::make_shared<const std::string>(fitted(std::move(text)))) {}
  Text(const char* text) : Text(std::string(text)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] const std::string& str() const {
    static const std::string nothing;
    return text_ ? *text_ : nothing;
  }
  operator const std::string&() const { return str(); }  // NOLINT(google-explicit-constructor)
  [[nodiscard]] std::size_t size() const { return str().size(); }
  [[nodiscard]] auto begin() const { return str().begin(); }
  [[nodiscard]] auto end() const { return str().end(); }
  // The same for all that share it.
  [[nodiscard]] const void* id() const { return text_.get(); }

  friend bool operator==(const Text& a, const Text& b) { return a.str() == b.str(); }
  friend std::ostream& operator<<(std::ostream& out, const Text& text) { return out << text.str(); }

 private:
  // What grew piece by piece may take twice its size, and is kept as long as the slowest takes it.
  [[nodiscard]] static std::string fitted(std::string text) {
    constexpr std::size_t kWaste = 64u << 10;
    if (text.capacity() - text.size() > kWaste) text.shrink_to_fit();
    return text;
  }

  std::shared_ptr<const std::string> text_;
};

}  // namespace evenkeel::web
