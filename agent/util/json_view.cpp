#include "agent/util/json_view.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

namespace evenkeel {

namespace {

using nlohmann::json;

const json kNull;

std::string_view type_in_words(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "nothing";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "a list";
    case json::value_t::string:
      return "a string";
    case json::value_t::boolean:
      return "a boolean";
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
      return "an integer";
    case json::value_t::number_float:
      return "a number with a fraction or beyond 64 bits";
    default:
      return "something else";
  }
}

}  // namespace

std::string beginning_of(std::string_view text) {
  constexpr std::size_t kShown = 80;
  std::string shown;
  for (const char c : text.substr(0, kShown)) shown += c >= ' ' && c < '\x7f' ? c : ' ';
  if (text.size() > kShown) shown += "...";
  return shown;
}

JsonView JsonView::operator[](std::string_view key) const {
  const std::string path = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  if (value_->is_null()) return JsonView(kNull, path);
  if (!value_->is_object()) expected("an object");
  const auto member = value_->find(key);
  return JsonView(member == value_->end() ? kNull : *member, path);
}

bool JsonView::is_null() const {
  return value_->is_null();
}

bool JsonView::is_object() const {
  return value_->is_object();
}

bool JsonView::is_list() const {
  return value_->is_array();
}

bool JsonView::is_text() const {
  return value_->is_string();
}

JsonItems JsonView::items() const {
  if (!value_->is_null() && !value_->is_array()) expected("a list");
  return {*value_, path_};
}

JsonItems::JsonItems(const nlohmann::json& list, std::string path)
    : list_(&list), path_(std::move(path)), size_(list.size()) {}

JsonView JsonItems::operator[](std::size_t at) const {
  return JsonView((*list_)[at], path_ + "[" + std::to_string(at) + "]");
}

std::vector<std::int64_t> JsonView::integers() const {
  std::vector<std::int64_t> values;
  if (value_->is_null()) return values;
  if (!value_->is_array()) expected("a list");
  values.reserve(value_->size());
  // A path costs more than a number, so that simple numbers get none.
  for (const auto& element : *value_) {
    const bool simple = element.is_number_integer() && !element.is_number_unsigned();
    const bool small = element.is_number_unsigned() &&
                       element.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max();
    values.push_back(simple || small
                         ? element.get<std::int64_t>()
                         : JsonView(element, path_ + "[" + std::to_string(values.size()) + "]")
                               .required_integer());
  }
  return values;
}

void JsonView::each_member(
    const std::function<void(const std::string&, const JsonView&)>& take) const {
  if (value_->is_null()) return;
  if (!value_->is_object()) expected("an object");
  for (const auto& [name, member] : value_->items()) {
    take(name, JsonView(member, path_.empty() ? name : path_ + "." + name));
  }
}

std::int64_t JsonView::integer(std::int64_t absent) const {
  if (value_->is_null()) return absent;
  if (value_->is_number_unsigned()) {
    const auto value = value_->get<std::uint64_t>();
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      throw Malformed(path_ + ": " + std::to_string(value) + " is beyond a 64-bit integer");
    }
    return static_cast<std::int64_t>(value);
  }
  if (value_->is_number_integer()) return value_->get<std::int64_t>();
  if (!value_->is_string()) expected("an integer");
  const auto& digits = value_->get_ref<const std::string&>();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range) {
    throw Malformed(path_ + ": '" + beginning_of(digits) + "' is beyond a 64-bit integer");
  }
  if (error != std::errc{} || end != digits.data() + digits.size()) expected("an integer");
  return value;
}

std::int64_t JsonView::required_integer() const {
  if (value_->is_null()) expected("an integer");
  return integer();
}

std::int64_t JsonView::count() const {
  const auto value = integer();
  if (value < 0) throw Malformed(path_ + ": " + std::to_string(value) + " is below zero");
  return value;
}

std::string JsonView::text() const {
  if (value_->is_null()) return {};
  if (!value_->is_string()) expected("a string");
  return value_->get<std::string>();
}

bool JsonView::boolean() const {
  if (value_->is_null()) return false;
  if (value_->is_string()) {
    const auto& word = value_->get_ref<const std::string&>();
    if (word == "true" || word == "false") return word == "true";
  }
  if (!value_->is_boolean()) expected("a boolean");
  return value_->get<bool>();
}

void JsonView::expected(std::string_view what) const {
  std::string message = path_.empty() ? std::string("the answer") : path_;
  message += ": expected ";
  message += what;
  message += ", got ";
  message += type_in_words(*value_);
  throw Malformed(message);
}

}  // namespace evenkeel
