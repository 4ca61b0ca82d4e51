#pragma once
// Reads JSON that another program wrote: bounded, typed, and every complaint says where.
//
// Milvus leaves out zeros, so absent and null read as zero, empty or none. Accessors throw
// Malformed for a value of another type; the reader of an answer catches it once.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace evenkeel {

// A value that cannot be read, and its path.
struct Malformed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline constexpr int kMaxJsonDepth = 64;

// The values of a text may take kHeldPerByte bytes for each of its bytes and kHeldBesides more, or
// kHeldAnyway if that is more. The estimate is high: "{}," takes up to 40 times its bytes.
inline constexpr std::size_t kHeldPerByte = 3;
inline constexpr std::size_t kHeldBesides = std::size_t{1} << 20;
inline constexpr std::size_t kHeldAnyway = std::size_t{32} << 20;

class JsonItems;
class JsonView;

// A list that is read element by element: it is too long to be held.
struct JsonList {
  std::string_view member{};  // member of the top object; empty: the list is the top itself
  // Gets each element, which goes when this returns, and returns the bytes of memory kept of it.
  // Until then the results may take as much as the element. Empty: no list is read so.
  std::function<std::size_t(const JsonView&)> take{};
  std::string_view advice{};  // for the error about too many values
  std::size_t beside{};       // bytes of memory held beside the text, which leave less for values
};

// The error says at which byte, or what else is wrong; only `take` may throw. Text nested deeper
// than kMaxJsonDepth, and text whose values would take more memory than allowed, are refused as
// soon as that is known. The list that was handed on is empty in the result.
[[nodiscard]] tl::expected<nlohmann::json, std::string> parse_json(std::string_view text);
[[nodiscard]] tl::expected<nlohmann::json, std::string> parse_json(std::string_view text,
                                                                   const JsonList& list);

// Returns the beginning of a text for an error message: printable, at most 80 bytes.
[[nodiscard]] std::string beginning_of(std::string_view text);

// A value within a parsed text, which must outlive it, and its path ("infos[3]"; empty at the top).
class JsonView {
 public:
  explicit JsonView(const nlohmann::json& value, std::string path = {})
      : value_(&value), path_(std::move(path)) {}

  // Returns a member of this object; a view of null if there is none.
  [[nodiscard]] JsonView operator[](std::string_view key) const;
  [[nodiscard]] bool is_null() const;
  [[nodiscard]] bool is_object() const;
  [[nodiscard]] bool is_list() const;
  [[nodiscard]] bool is_text() const;

  // Returns the elements of this list; null has none.
  [[nodiscard]] JsonItems items() const;
  // Returns the elements of this list, each as required_integer(); null has none.
  [[nodiscard]] std::vector<std::int64_t> integers() const;
  // Hands on the members of this object; null has none.
  void each_member(const std::function<void(const std::string&, const JsonView&)>& take) const;
  // Takes a 64-bit integer, also in a string, as later versions write ids; null: `absent`.
  [[nodiscard]] std::int64_t integer(std::int64_t absent = 0) const;
  [[nodiscard]] std::int64_t required_integer() const;
  // Works as integer(), but throws below zero.
  [[nodiscard]] std::int64_t count() const;
  [[nodiscard]] std::string text() const;
  // Takes a boolean, or "true" or "false", as the console's lists write it.
  [[nodiscard]] bool boolean() const;

  // Throws "infos[3].segmentID: expected an integer, got a string".
  [[noreturn]] void expected(std::string_view what) const;

 private:
  const nlohmann::json* value_;
  std::string path_;
};

// The elements of a list. Views are made one by one: all would take more memory than the values.
class JsonItems {
 public:
  // Steps through the elements.
  class Iterator {
   public:
    Iterator(const JsonItems& items, std::size_t at) : items_(&items), at_(at) {}
    JsonView operator*() const { return (*items_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const JsonItems* items_;
    std::size_t at_;
  };

  // `list` is a list or null.
  JsonItems(const nlohmann::json& list, std::string path);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] JsonView operator[](std::size_t at) const;
  [[nodiscard]] Iterator begin() const { return {*this, 0}; }
  [[nodiscard]] Iterator end() const { return {*this, size_}; }

 private:
  const nlohmann::json* list_;
  std::string path_;
  std::size_t size_;
};

}  // namespace evenkeel
