#pragma once
// Values to JSON and back, by the members that they name themselves (a static function template
// `members` of each struct). Strict: a member that is missing, of another type or out of range
// makes the whole unreadable. Times and durations are whole numbers of their unit; maps are lists
// of pairs.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace evenkeel::journal {

using Json = nlohmann::json;

namespace codec_detail {

struct AnyVisitor {
  template <typename T>
  void operator()(const char* /*name*/, T& /*member*/) const {}
};

template <typename T>
concept Described = requires(T& value) { T::members(value, AnyVisitor{}); };

// How each kind of value is written and read. write() returns its JSON; read() throws what is
// wrong.
template <typename T>
struct Codec;

template <typename T>
[[nodiscard]] Json write(const T& value) {
  return Codec<T>::write(value);
}

template <typename T>
void read(const Json& json, T& value) {
  Codec<T>::read(json, value);
}

inline void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

template <typename T>
  requires std::is_arithmetic_v<T>
struct Codec<T> {
  static Json write(T value) { return value; }
  static void read(const Json& json, T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      require(json.is_boolean(), "not true or false");
      value = json.get<bool>();
    } else if constexpr (std::is_floating_point_v<T>) {
      require(json.is_number(), "not a number");
      value = json.get<T>();
    } else {
      require(json.is_number_integer(), "not a whole number");
      const bool fits = json.is_number_unsigned() ? std::in_range<T>(json.get<std::uint64_t>())
                                                  : std::in_range<T>(json.get<std::int64_t>());
      require(fits, "out of range");
      value = json.get<T>();
    }
  }
};

template <typename T>
  requires std::is_enum_v<T>
struct Codec<T> {
  using Underlying = std::underlying_type_t<T>;
  static Json write(T value) { return static_cast<Underlying>(value); }
  static void read(const Json& json, T& value) {
    Underlying number{};
    Codec<Underlying>::read(json, number);
    value = T{number};
  }
};

template <>
struct Codec<std::string> {
  static Json write(const std::string& value) { return value; }
  static void read(const Json& json, std::string& value) {
    require(json.is_string(), "not a text");
    value = json.get<std::string>();
  }
};

template <typename Rep, typename Period>
struct Codec<std::chrono::duration<Rep, Period>> {
  static Json write(std::chrono::duration<Rep, Period> value) { return value.count(); }
  static void read(const Json& json, std::chrono::duration<Rep, Period>& value) {
    Rep count{};
    Codec<Rep>::read(json, count);
    value = std::chrono::duration<Rep, Period>{count};
  }
};

template <typename Clock, typename Duration>
struct Codec<std::chrono::time_point<Clock, Duration>> {
  static Json write(std::chrono::time_point<Clock, Duration> value) {
    return Codec<Duration>::write(value.time_since_epoch());
  }
  static void read(const Json& json, std::chrono::time_point<Clock, Duration>& value) {
    Duration since{};
    Codec<Duration>::read(json, since);
    value = std::chrono::time_point<Clock, Duration>{since};
  }
};

template <typename T>
struct Codec<std::optional<T>> {
  static Json write(const std::optional<T>& value) {
    return value ? codec_detail::write(*value) : Json(nullptr);
  }
  static void read(const Json& json, std::optional<T>& value) {
    value.reset();
    if (!json.is_null()) codec_detail::read(json, value.emplace());
  }
};

template <typename A, typename B>
struct Codec<std::pair<A, B>> {
  static Json write(const std::pair<A, B>& value) {
    return Json::array({codec_detail::write(value.first), codec_detail::write(value.second)});
  }
  static void read(const Json& json, std::pair<A, B>& value) {
    require(json.is_array() && json.size() == 2, "not a pair");
    codec_detail::read(json[0], value.first);
    codec_detail::read(json[1], value.second);
  }
};

// The values of a range, one after the other; `take` gets each when it is read.
template <typename Range>
[[nodiscard]] Json write_all(const Range& values) {
  Json json = Json::array();
  for (const auto& value : values) json.push_back(codec_detail::write(value));
  return json;
}

template <typename Value, typename Take>
void read_all(const Json& json, Take take) {
  require(json.is_array(), "not a list");
  for (const Json& each : json) {
    Value value{};
    codec_detail::read(each, value);
    take(std::move(value));
  }
}

template <typename Sequence>
struct SequenceCodec {
  static Json write(const Sequence& values) { return write_all(values); }
  static void read(const Json& json, Sequence& values) {
    values.clear();
    read_all<typename Sequence::value_type>(
        json, [&](auto value) { values.push_back(std::move(value)); });
  }
};
template <typename T>
struct Codec<std::vector<T>> : SequenceCodec<std::vector<T>> {};
template <typename T>
struct Codec<std::deque<T>> : SequenceCodec<std::deque<T>> {};

template <typename T>
struct Codec<std::set<T>> {
  static Json write(const std::set<T>& values) { return write_all(values); }
  static void read(const Json& json, std::set<T>& values) {
    values.clear();
    read_all<T>(json, [&](T value) {
      require(values.insert(std::move(value)).second, "the same twice in a set");
    });
  }
};

template <typename Key, typename T>
struct Codec<std::map<Key, T>> {
  static Json write(const std::map<Key, T>& values) { return write_all(values); }
  static void read(const Json& json, std::map<Key, T>& values) {
    values.clear();
    read_all<std::pair<Key, T>>(json, [&](std::pair<Key, T> value) {
      require(values.insert(std::move(value)).second, "the same key twice");
    });
  }
};

template <Described T>
struct Codec<T> {
  static Json write(const T& value) {
    Json json = Json::object();
    T::members(value, [&](const char* name, const auto& member) {
      json[name] = codec_detail::write(member);
    });
    return json;
  }
  static void read(const Json& json, T& value) {
    require(json.is_object(), "not an object");
    T::members(value, [&](const char* name, auto& member) {
      const auto found = json.find(name);
      try {
        require(found != json.end(), "missing");
        codec_detail::read(*found, member);
      } catch (const std::exception& error) {
        throw std::runtime_error(std::string(name) + ": " + error.what());
      }
    });
  }
};

}  // namespace codec_detail

// The value as text. No member may be an infinite number or none.
template <typename T>
[[nodiscard]] std::string encode(const T& value) {
  return codec_detail::write(value).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Reads what encode() wrote; else says what is wrong, with the names of the members on the way:
// "ledger: flights: not a list".
template <typename T>
[[nodiscard]] tl::expected<T, std::string> decode(const std::string& text) {
  try {
    T value{};
    codec_detail::read(Json::parse(text), value);
    return value;
  } catch (const std::exception& error) {
    return tl::unexpected(std::string(error.what()));
  }
}

}  // namespace evenkeel::journal
