// parse_json: nlohmann's reader of texts, and a builder of values that counts their memory.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/util/format.hpp"
#include "agent/util/json_view.hpp"

namespace evenkeel {

namespace {

using nlohmann::json;

// The memory of values, with the allocator's overhead. A list that grows exists twice for a moment,
// and is then half empty.
constexpr std::size_t kValue = 3 * sizeof(json);
constexpr std::size_t kContainer = 64;
constexpr std::size_t kMember = 112;  // a node of a map, and its key
constexpr std::size_t kString = 48;

// Returns the most bytes between the beginnings of one string or number and the next.
std::size_t longest_stretch(std::string_view text) {
  std::size_t longest = 0;
  std::size_t begin = 0;
  bool in_string = false;
  bool in_number = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      in_string = c != '"';
      continue;
    }
    in_string = c == '"';
    const bool number_begins = !in_number && (is_digit(c) || c == '-');
    if (in_string || number_begins) longest = std::max(longest, at - std::exchange(begin, at));
    in_number = is_digit(c);
  }
  return std::max(longest, text.size() - begin);
}

std::size_t budget_for(std::size_t text_bytes, std::size_t beside) {
  const auto by_text = kHeldPerByte * text_bytes + kHeldBesides;
  return std::max(by_text - std::min(by_text, beside), kHeldAnyway);
}

class Builder {
 public:
  Builder(std::string_view text, const JsonList& list)
      : budget_(budget_for(text.size(), list.beside)),
        text_bytes_(text.size()),
        list_(list),
        // nlohmann's reader buffers what it has read since a string or a number began, in a block
        // that exists twice for a moment when it grows.
        held_(std::min(2 * longest_stretch(text), budget_)) {}

  // nlohmann's reader calls these; false ends it.
  bool null() { return scalar(nullptr); }
  bool boolean(bool value) { return scalar(value); }
  bool number_integer(json::number_integer_t value) { return scalar(value); }
  bool number_unsigned(json::number_unsigned_t value) { return scalar(value); }
  bool number_float(json::number_float_t value, const std::string&) { return scalar(value); }
  bool string(std::string& value) {
    return charge(kString + value.size()) && scalar(std::move(value));
  }
  bool binary(json::binary_t&) { return false; }  // JSON has none
  bool start_object(std::size_t) { return open(json::value_t::object); }
  bool start_array(std::size_t) { return open(json::value_t::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    if (!charge(kMember + name.size())) return false;
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t at, const std::string&, const json::exception& error) {
    if (dynamic_cast<const json::out_of_range*>(&error) != nullptr) {
      error_ = "a number that no double holds";
    } else {
      error_ = "not JSON, or cut short: it makes no sense at byte " +
               std::to_string(std::min(at, text_bytes_)) + " of " + std::to_string(text_bytes_);
    }
    return false;
  }

  [[nodiscard]] bool whole() const { return error_.empty(); }
  [[nodiscard]] std::string& error() { return error_; }
  [[nodiscard]] json& root() { return root_; }

 private:
  // An element of the list costs twice, for what `take` makes of it.
  bool charge(std::size_t bytes) { return keep(list_depth_ == 0 ? bytes : 2 * bytes); }

  bool keep(std::size_t bytes) {
    held_ += bytes;
    if (held_ <= budget_) return true;
    error_ = "too many values for its " + std::to_string(text_bytes_) +
             " bytes: in memory they would take more than " + std::to_string(budget_ >> 20) +
             " MiB";
    if (!list_.advice.empty()) error_.append(" (").append(list_.advice).append(")");
    return false;
  }

  // True if the list that is handed on is open, but none of its elements.
  [[nodiscard]] bool between_elements() const {
    return list_depth_ != 0 && open_.size() == list_depth_;
  }

  json& put(json&& value) {
    if (open_.empty()) return root_ = std::move(value);
    if (between_elements()) return element_ = std::move(value);
    json& parent = *open_.back();
    if (parent.is_object()) return parent[key_] = std::move(value);
    parent.push_back(std::move(value));
    return parent.back();
  }

  template <typename Value>
  bool scalar(Value&& value) {
    if (!charge(kValue)) return false;
    put(json(std::forward<Value>(value)));
    return !between_elements() || hand_on();
  }

  bool open(json::value_t type) {
    if (open_.size() == static_cast<std::size_t>(kMaxJsonDepth)) {
      error_ = "JSON nested deeper than " + std::to_string(kMaxJsonDepth) + " levels";
      return false;
    }
    if (!charge(kValue + kContainer)) return false;
    const bool here =
        list_.take &&
        (list_.member.empty() ? open_.empty()
                              : open_.size() == 1 && root_.is_object() && key_ == list_.member);
    open_.push_back(&put(json(type)));
    if (!here || type != json::value_t::array) return true;
    if (std::exchange(seen_, true)) {
      error_ = std::string(list_.member) + ": given twice";
      return false;
    }
    list_depth_ = open_.size();
    held_besides_ = held_;
    return true;
  }

  bool close() {
    const bool was_list = between_elements();
    open_.pop_back();
    if (was_list) list_depth_ = 0;
    return was_list || !between_elements() || hand_on();
  }

  bool hand_on() {
    const auto kept = list_.take(
        JsonView(element_, std::string(list_.member) + "[" + std::to_string(count_) + "]"));
    ++count_;
    element_ = nullptr;
    held_ = held_besides_;
    const bool has_room = keep(kept);
    held_besides_ = held_;
    return has_room;
  }

  std::size_t budget_;
  std::size_t text_bytes_;
  const JsonList& list_;
  std::size_t held_;
  json root_;
  std::vector<json*> open_;  // lists and objects, the innermost last
  std::string key_;          // the last one
  std::string error_;

  bool seen_ = false;
  std::size_t list_depth_ = 0;    // containers open, the list included; 0: it is not open
  std::size_t count_ = 0;         // elements handed on
  std::size_t held_besides_ = 0;  // bytes without the current element
  json element_;
};

}  // namespace

tl::expected<json, std::string> parse_json(std::string_view text) {
  return parse_json(text, {});
}

tl::expected<json, std::string> parse_json(std::string_view text, const JsonList& list) {
  Builder builder(text, list);
  try {
    json::sax_parse(text, &builder);
  } catch (const json::exception& error) {
    return tl::unexpected("JSON that cannot be read: " + beginning_of(error.what()));
  }
  if (!builder.whole()) return tl::unexpected(std::move(builder.error()));
  return std::move(builder.root());
}

}  // namespace evenkeel
