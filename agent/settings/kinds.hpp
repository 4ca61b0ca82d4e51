#pragma once
// The kinds of values that the table of keys is made of. Internal to keys.cpp.

#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "agent/settings/keys.hpp"
#include "agent/settings/readers.hpp"
#include "agent/settings/units.hpp"

namespace evenkeel::settings {

// A kind of value: its name in the documentation, its form in the environment, its reader, and
// whether two settings have the same one.
struct Kind {
  std::string type;
  Form form;
  std::function<void(Settings&, const Value&, Problems&)> set;
  std::function<bool(const Settings&, const Settings&)> same;
};

// Returns an accessor of the field that a chain of members leads to: at(&Settings::log,
// &Log::level).
template <typename... Member>
auto at(Member... members) {
  return [=](auto& settings) -> auto& { return (settings.*....*members); };
}

// Makes a kind that reads a value with `read` and stores a good one in `field`.
template <typename Field, typename Read>
Kind kind(std::string type, Form form, Field field, Read read) {
  return {std::move(type), form,
          [=](Settings& settings, const Value& value, Problems& problems) {
            auto good = read(value, problems);
            if (!good) return;
            auto& target = field(settings);
            // This may narrow 64 bits to a smaller field: the range that was read fits in there.
            target = std::remove_reference_t<decltype(target)>(*std::move(good));
          },
          [=](const Settings& one, const Settings& other) { return field(one) == field(other); }};
}

template <typename Field>
Kind boolean(Field field) {
  return kind("true or false", Form::scalar, field, read_boolean);
}

template <typename Field>
Kind whole(Field field, Range<std::int64_t> range) {
  return kind("whole number", Form::scalar, field,
              [=](const Value& v, Problems& p) { return read_whole(v, range, p); });
}

template <typename Field>
Kind number(Field field, Range<double> range) {
  return kind("number", Form::scalar, field,
              [=](const Value& v, Problems& p) { return read_number(v, range, p); });
}

template <typename Field>
Kind percentage(Field field, Range<double> range) {
  return kind("percentage", Form::scalar, field,
              [=](const Value& v, Problems& p) { return read_percentage(v, range, p); });
}

template <typename Field>
Kind size(Field field, Range<rules::Bytes> range) {
  return kind("size", Form::text, field,
              [=](const Value& v, Problems& p) { return read_size(v, range, p); });
}

template <typename Field>
Kind duration(Field field, Range<Milliseconds> range) {
  return kind("duration", Form::text, field,
              [=](const Value& v, Problems& p) { return read_duration(v, range, p); });
}

template <typename Field>
Kind file_name(Field field) {
  return kind("file name", Form::text, field, read_file_name);
}

template <typename Field>
Kind choice(Field field, const std::vector<std::string>& choices) {
  return kind("one of " + join(choices, ", "), Form::text, field,
              [=](const Value& v, Problems& p) { return read_choice(v, choices, p); });
}

// Returns a function that adds keys to one section.
inline auto adder(std::vector<Entry>& all, std::string section) {
  return [&all, section = std::move(section)](std::string name, std::string standard, Kind kind,
                                              std::string meaning) {
    std::string variable = "EVENKEEL_" + upper(section) + "_" + upper(name);
    Key key{section,
            std::move(name),
            std::move(variable),
            std::move(kind.type),
            std::move(standard),
            std::move(meaning)};
    all.push_back({std::move(key), kind.form, std::move(kind.set), std::move(kind.same)});
  };
}

}  // namespace evenkeel::settings
