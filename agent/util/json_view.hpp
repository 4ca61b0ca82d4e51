#pragma once
// Reading JSON that another program wrote: bounded, typed, and every complaint says where.
//
// Milvus leaves out what is zero, so absent and null read as zero, empty or none here. Accessors
// throw Malformed where a value is of another type; who reads an answer catches it once.

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

struct Malformed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline constexpr int kMaxJsonDepth = 64;

// What values in memory may take for each byte of their text and besides, by an estimate on the
// high side, or, where that is more, what any text's may. {}, takes up to 40 times its bytes.
inline constexpr std::size_t kHeldPerByte = 3;
inline constexpr std::size_t kHeldBesides = std::size_t{1} << 20;
inline constexpr std::size_t kHeldAnyway = std::size_t{32} << 20;

class JsonItems;
class JsonView;

// A list that is too long to be held as a whole.
struct JsonList {
  std::string_view member{};  // of the object at the top; empty: the list is the top itself
  // Handed each element in turn, which goes when this returns: the bytes of memory that are kept of
  // it. Until then what is made of it may take as much as itself. None: no list is read so.
  std::function<std::size_t(const JsonView&)> take{};
  std::string_view advice{};  // what to do where the text has too many values
  std::size_t beside{};       // bytes of memory held beside the text, which leave less for values
};

// The error says at which byte, or what else is wrong; nothing is thrown but what `take` throws.
// Text nested deeper than kMaxJsonDepth, and text whose values would take more memory than allowed,
// are refused as soon as that is known. The list that was handed on is an empty one in the result.
[[nodiscard]] tl::expected<nlohmann::json, std::string> parse_json(std::string_view text);
[[nodiscard]] tl::expected<nlohmann::json, std::string> parse_json(std::string_view text,
                                                                   const JsonList& list);

// The beginning of a text for an error message: printable, at most 80 bytes.
[[nodiscard]] std::string beginning_of(std::string_view text);

// A value within a parsed text, and its path ("infos[3]"; empty at the top). Refers to the text's
// value, which must outlive it.
class JsonView {
 public:
  explicit JsonView(const nlohmann::json& value, std::string path = {})
      : value_(&value), path_(std::move(path)) {}

  // A member of this object. A view of null where there is none.
  [[nodiscard]] JsonView operator[](std::string_view key) const;
  [[nodiscard]] bool is_null() const;
  [[nodiscard]] bool is_object() const;
  [[nodiscard]] bool is_list() const;
  [[nodiscard]] bool is_text() const;

  // The elements of the list that this is; null: none.
  [[nodiscard]] JsonItems items() const;
  // The elements of the list of integers that this is, each as required_integer(); null: none.
  [[nodiscard]] std::vector<std::int64_t> integers() const;
  // Hands on the members of the object that this is; null: none.
  void each_member(const std::function<void(const std::string&, const JsonView&)>& take) const;
  // A 64-bit integer, or one in a string, as later versions write ids; null: `absent`.
  [[nodiscard]] std::int64_t integer(std::int64_t absent = 0) const;
  [[nodiscard]] std::int64_t required_integer() const;
  // As integer(), and not below zero.
  [[nodiscard]] std::int64_t count() const;
  [[nodiscard]] std::string text() const;
  // A boolean, or "true" or "false", as the lists of the console write it.
  [[nodiscard]] bool boolean() const;

  // "infos[3].segmentID: expected an integer, got a string"
  [[noreturn]] void expected(std::string_view what) const;

 private:
  const nlohmann::json* value_;
  std::string path_;
};

// The elements of a list. Each view is made when it is asked for: together they would take more
// memory than the values.
class JsonItems {
 public:
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

  // Of a list, or null.
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
