#include "agent/settings/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "agent/util/format.hpp"
#include "agent/util/utf8.hpp"

namespace evenkeel::settings {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
  std::string_view meant_by;  // what people write instead, in lower case, between spaces
};

constexpr std::int64_t kKibi = 1024;
constexpr std::int64_t kKilo = 1000;

// A size is written with the first that fits: largest first, binary before decimal.
constexpr std::array kSizeUnits = {
    Unit{"TiB", kKibi* kKibi* kKibi* kKibi, " t ti tib "},
    Unit{"GiB", kKibi* kKibi* kKibi, " g gi gib "},
    Unit{"MiB", kKibi* kKibi, " m mi mib "},
    Unit{"KiB", kKibi, " k ki kib "},
    Unit{"TB", kKilo* kKilo* kKilo* kKilo, " t tb "},
    Unit{"GB", kKilo* kKilo* kKilo, " g gb "},
    Unit{"MB", kKilo* kKilo, " m mb "},
    Unit{"kB", kKilo, " k kb "},
    Unit{"KB", kKilo, ""},
    Unit{"B", 1, " b byte bytes "},
};

constexpr std::array kDurationUnits = {
    Unit{"d", 86'400'000, " d day days "},
    Unit{"h", 3'600'000, " h hr hrs hour hours "},
    Unit{"m", 60'000, " m min mins minute minutes "},
    Unit{"s", 1'000, " s sec secs second seconds "},
    Unit{"ms", 1, " ms msec msecs millisecond milliseconds "},
};

// "1.5GiB" taken apart: `fraction` is from 0 to 1, `unit` as written, perhaps empty.
struct Quantity {
  std::int64_t whole = 0;
  double fraction = 0;
  std::string_view unit;
};

std::size_t digits(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789");
  return end == std::string_view::npos ? text.size() : end;
}

tl::expected<Quantity, std::string> take_apart(std::string_view text, const std::string& expected) {
  if (text.empty()) return tl::unexpected("expected " + expected + ", got nothing");
  if (text.front() == '-') return tl::unexpected("must not be negative; expected " + expected);
  Quantity quantity;
  const std::size_t whole = digits(text);
  if (whole == 0) {
    return tl::unexpected("expected " + expected + ", got \"" + printable(text) + "\"");
  }
  if (std::from_chars(text.data(), text.data() + whole, quantity.whole).ec != std::errc{}) {
    return tl::unexpected("\"" + printable(text) + "\" is too large");
  }
  text.remove_prefix(whole);
  if (!text.empty() && text.front() == '.') {
    const std::size_t decimals = digits(text.substr(1));
    if (decimals == 0)
      return tl::unexpected<std::string>("expected digits after the decimal point");
    // from_chars takes ".5" for a number. It cannot fail: digits only, and too many do no harm.
    std::from_chars(text.data(), text.data() + 1 + decimals, quantity.fraction);
    text.remove_prefix(1 + decimals);
  }
  if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  quantity.unit = text;
  return quantity;
}

std::string unknown_unit(std::string_view written, std::span<const Unit> units) {
  std::string message = "unknown unit '" + printable(written) + "'";
  const std::string word = " " + lower(written) + " ";
  std::string meant;
  std::string all;
  for (const Unit& unit : units) {
    if (unit.meant_by.empty()) continue;
    all += (all.empty() ? "" : ", ") + std::string(unit.name);
    if (unit.meant_by.find(word) != std::string_view::npos) {
      meant += (meant.empty() ? "" : " or ") + std::string(unit.name);
    }
  }
  if (!meant.empty()) return message + "; did you mean " + meant + "?";
  if (written.find_first_of("0123456789") != std::string_view::npos) {
    message += ", only one number and one unit go together";
  }
  return message + "; the units are " + all;
}

tl::expected<std::int64_t, std::string> scale(const Quantity& quantity, const Unit& unit) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (unit.factor == 1 && quantity.fraction > 0) {
    return tl::unexpected("a fraction of 1" + std::string(unit.name) + " cannot be counted");
  }
  // The fraction adds at most `factor`, which is kept free above the whole part.
  if (quantity.whole > kMax / unit.factor - 1) return tl::unexpected<std::string>("is too large");
  return quantity.whole * unit.factor +
         std::llround(quantity.fraction * static_cast<double>(unit.factor));
}

const Unit* find(std::string_view name, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

std::string in_largest_unit(std::int64_t value, std::string_view zero,
                            std::span<const Unit> units) {
  if (value == 0) return std::string(zero);
  for (const Unit& unit : units) {
    if (value % unit.factor == 0)
      return std::to_string(value / unit.factor) + std::string(unit.name);
  }
  return std::to_string(value);
}

}  // namespace

tl::expected<rules::Bytes, std::string> parse_bytes(std::string_view text) {
  const auto quantity = take_apart(text, "a size such as \"16GiB\"");
  if (!quantity) return tl::unexpected(quantity.error());
  const Unit* unit = find(quantity->unit.empty() ? "B" : quantity->unit, kSizeUnits);
  if (unit == nullptr) return tl::unexpected(unknown_unit(quantity->unit, kSizeUnits));
  return scale(*quantity, *unit);
}

tl::expected<std::chrono::milliseconds, std::string> parse_duration(std::string_view text) {
  const auto quantity = take_apart(text, "a duration such as \"10s\"");
  if (!quantity) return tl::unexpected(quantity.error());
  if (quantity->unit.empty()) {
    return tl::unexpected("a duration needs a unit, such as \"" + printable(text) +
                          "s\" (d, h, m, s or ms)");
  }
  const Unit* unit = find(quantity->unit, kDurationUnits);
  if (unit == nullptr) return tl::unexpected(unknown_unit(quantity->unit, kDurationUnits));
  return scale(*quantity, *unit).map([](std::int64_t ms) { return std::chrono::milliseconds(ms); });
}

std::string size_text(rules::Bytes size) {
  return in_largest_unit(size, "0B", kSizeUnits);
}

std::string duration_text(std::chrono::milliseconds duration) {
  return in_largest_unit(duration.count(), "0s", kDurationUnits);
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  std::string result;
  for (const std::string& word : words) {
    if (!result.empty()) result += separator;
    result += word;
  }
  return result;
}

std::string printable(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  const std::string_view beginning = cut_utf8(text, kLongest);
  return evenkeel::printable(beginning) + (beginning.size() < text.size() ? "…" : "");
}

}  // namespace evenkeel::settings
