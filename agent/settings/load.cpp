#include "agent/settings/load.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <system_error>
#include <utility>

#include "agent/settings/document.hpp"
#include "agent/settings/keys.hpp"
#include "agent/settings/suggest.hpp"
#include "agent/settings/units.hpp"
#include "agent/util/format.hpp"

namespace evenkeel::settings {
namespace {

constexpr std::string_view kPrefix = "EVENKEEL_";

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  if (trim(text).empty()) return parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.push_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

// Reads the text as TOML without quotes: as a boolean or number if it looks like one.
Value scalar(std::string_view text, const Place& at) {
  if (text == "true" || text == "false") return {text == "true", at};
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto [rest, error] = std::from_chars(text.data(), end, whole);
      error == std::errc{} && rest == end) {
    return {whole, at};
  }
  double number = 0;
  if (const auto [rest, error] = std::from_chars(text.data(), end, number);
      error == std::errc{} && rest == end) {
    return {number, at};
  }
  return {std::string(text), at};
}

Value list(std::string_view text, const Place& at) {
  Value::List elements;
  for (const std::string_view part : split(text)) elements.push_back({std::string(part), at});
  return {std::move(elements), at};
}

// Reads "3=16GiB,127.0.0.1:21131=512MiB". A part without "=" is a name with an empty value, which
// the reader of the value then refuses.
Value table(std::string_view text, const Place& at) {
  Value::Table members;
  for (const std::string_view part : split(text)) {
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view value = equals < part.size() ? part.substr(equals + 1) : "";
    members.push_back(
        {std::string(trim(part.substr(0, equals))), at, Value{std::string(trim(value)), at}});
  }
  return {std::move(members), at};
}

// Container links name a port PORT_10931_TCP, PORT_10931_TCP_ADDR, … after their prefix.
bool names_linked_port(std::string_view text) {
  if (!text.starts_with("PORT_")) return false;
  text.remove_prefix(5);
  const std::size_t digits = std::min(text.find('_'), text.size());
  if (!all_digits(text.substr(0, digits))) return false;
  const std::string_view rest = text.substr(digits);
  return rest.starts_with("_TCP") || rest.starts_with("_UDP") || rest.starts_with("_SCTP");
}

// Kubernetes sets variables for every service of a namespace in all its pods. Those of a service
// named "evenkeel" or "evenkeel-…" have our prefix and are no settings.
bool is_service_variable(std::string_view name, const Environment& environment) {
  name.remove_prefix(kPrefix.size());
  for (std::size_t at = 0; at < name.size();) {
    const std::string_view part = name.substr(at);
    if (part == "SERVICE_HOST" || part == "SERVICE_PORT" || part.starts_with("SERVICE_PORT_") ||
        names_linked_port(part)) {
      return true;
    }
    if (part == "PORT") {
      const auto value = environment.get(std::string(kPrefix) + std::string(name));
      return value && value->find("://") != std::string::npos;
    }
    const std::size_t underscore = name.find('_', at);
    if (underscore == std::string_view::npos) return false;
    at = underscore + 1;
  }
  return false;
}

// Returns the value of `entry`'s variable; none if that is not set.
std::optional<Value> read_variable(const Entry& entry, const Environment& environment) {
  if (!environment.get) return std::nullopt;
  const std::string name = entry.key.variable;
  const auto text = environment.get(name);
  if (!text) return std::nullopt;
  const Place at{name};
  switch (entry.form) {
    case Form::scalar:
      return scalar(trim(*text), at);
    case Form::list:
      return list(*text, at);
    case Form::table:
      return table(*text, at);
    case Form::text:
      break;
  }
  return Value{*text, at};
}

// Reports the variables that begin with EVENKEEL_ and set nothing.
void report_unknown_variables(const Environment& environment, Problems& problems) {
  for (const std::string& name : environment.names) {
    const bool known = std::any_of(entries().begin(), entries().end(),
                                   [&](const Entry& entry) { return entry.key.variable == name; });
    if (known || !name.starts_with(kPrefix)) continue;
    if (environment.get && is_service_variable(name, environment)) continue;
    problems.push_back({{name}, unknown_variable(keys(), name)});
  }
}

// The source of a value; a key without one has its default.
struct Origin {
  Place at;
  bool good = true;  // false: the value was refused, and the one in Settings means nothing
};

// Puts Settings together and collects mistakes.
class Assembly {
 public:
  void add_file(std::string_view text, const std::string& file_name) {
    if (text.size() > kMaxFileBytes) {
      problems_.push_back({{file_name}, "larger than 1 MiB, which no configuration is"});
      file_is_known_ = false;
      return;
    }
    const auto root = read_document(text, file_name);
    if (!root) {
      problems_.push_back(root.error());
      file_is_known_ = false;
      return;
    }
    for (const Member& member : *root) add_section(member);
  }

  void add_environment(const Environment& environment) {
    bool window = false;
    for (const Entry& entry : entries()) {
      const auto value = read_variable(entry, environment);
      if (!value) continue;
      // Variables describe one window, which replaces those of the file.
      if (is_repeated(entry.key.section) && !std::exchange(window, true)) {
        settings_.windows.assign(1, {});
      }
      set(entry, *value);
    }
    if (window) check_window({std::string(kPrefix) + "WINDOWS_FROM"});
    report_unknown_variables(environment, problems_);
  }

  [[nodiscard]] Loaded result() {
    // Without the file its keys have defaults, whose contradictions prove nothing.
    if (file_is_known_) {
      for (const Contradiction& found : contradictions(settings_)) add_contradiction(found);
    }
    if (problems_.empty()) return settings_;
    std::stable_sort(problems_.begin(), problems_.end(),
                     [](const Problem& a, const Problem& b) { return a.at < b.at; });
    std::vector<Mistake> mistakes;
    for (Problem& problem : problems_) {
      mistakes.push_back({problem.at.str(), std::move(problem.what)});
    }
    return tl::unexpected(std::move(mistakes));
  }

 private:
  void add_section(const Member& section) {
    if (is_repeated(section.name)) return add_repeated(section);
    const auto* table = std::get_if<Value::Table>(&section.value.data);
    if (table == nullptr) {
      problems_.push_back({section.at, is_section(section.name)
                                           ? "expected the section [" + section.name + "], got " +
                                                 describe(section.value)
                                           : unknown_key(keys(), "", section.name)});
      return;
    }
    if (!is_section(section.name)) {
      problems_.push_back({section.at, unknown_section(keys(), section.name)});
      return;
    }
    add_keys(section.name, *table);
  }

  // Reads [[windows]], the one section that may stand in the file more than once.
  void add_repeated(const Member& section) {
    const auto* tables = std::get_if<Value::List>(&section.value.data);
    if (tables == nullptr) {
      problems_.push_back({section.at, "expected [[" + section.name + "]] with two brackets, got " +
                                           describe(section.value)});
      return;
    }
    for (const Value& element : *tables) {
      const auto* table = std::get_if<Value::Table>(&element.data);
      if (table == nullptr) {
        problems_.push_back(
            {element.at, "expected [[" + section.name + "]], got " + describe(element)});
        continue;
      }
      if (settings_.windows.size() == kMostWindows) {
        problems_.push_back({element.at, "more than " + std::to_string(kMostWindows) +
                                             " windows; one window may be of several days"});
        return;
      }
      settings_.windows.emplace_back();
      add_keys(section.name, *table);
      check_window(element.at);
    }
  }

  void add_keys(const std::string& section, const Value::Table& table) {
    for (const Member& member : table) {
      const Entry* entry = find_entry(section, member.name);
      if (entry == nullptr) {
        problems_.push_back({member.at, unknown_key(keys(), section, member.name)});
      } else {
        set(*entry, member.value);
      }
    }
  }

  void check_window(const Place& at) {
    const windows::Window& window = settings_.windows.back();
    if (window.from != window.to) return;
    problems_.push_back({at,
                         "a window must not end when it begins; from = \"00:00\" and to = "
                         "\"24:00\" are a whole day"});
  }

  void set(const Entry& entry, const Value& value) {
    const std::size_t before = problems_.size();
    entry.set(settings_, value, problems_);
    // A variable's name says which key it is; a line and column do not.
    const bool in_file = value.at.line != 0;
    for (std::size_t i = before; in_file && i < problems_.size(); ++i) {
      problems_[i].what = entry.key.name + ": " + problems_[i].what;
    }
    origins_[entry.key.section + "." + entry.key.name] = {value.at, problems_.size() == before};
  }

  // Reports it at the first of its keys that is written, with the place of the other.
  void add_contradiction(const Contradiction& found) {
    const Origin* one = origin(found.one);
    const Origin* other = origin(found.other);
    if ((one != nullptr && !one->good) || (other != nullptr && !other->good)) return;
    if (one != nullptr) {
      problems_.push_back(
          {one->at, found.what + " (" + found.other + " is " + whence(other) + ")"});
    } else if (other != nullptr) {
      problems_.push_back({other->at, found.what + " (" + found.one + " is " + whence(one) + ")"});
    }
  }

  [[nodiscard]] const Origin* origin(const std::string& key) const {
    const auto found = origins_.find(key);
    return found == origins_.end() ? nullptr : &found->second;
  }

  static std::string whence(const Origin* origin) {
    return origin == nullptr ? "the default" : "set at " + origin->at.str();
  }

  bool file_is_known_ = true;
  Settings settings_;
  std::map<std::string, Origin> origins_;  // by "section.key"
  Problems problems_;
};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Reads the file, up to one byte more than the largest size allowed.
tl::expected<std::string, std::string> read_file(const std::string& path) {
  std::error_code ignored;  // fopen says better what is wrong
  if (std::filesystem::is_directory(path, ignored)) {
    return tl::unexpected<std::string>("is a directory, not a file");
  }
  const auto failure = [](int error) {
    return tl::unexpected("cannot be read: " + std::generic_category().message(error));
  };
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (!file) return failure(errno);
  std::string text(kMaxFileBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return failure(errno);
  return text;
}

}  // namespace

Environment process_environment() {
  std::map<std::string, std::string> variables;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::size_t equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    // The first of two variables with one name counts, as for getenv.
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment_of(std::move(variables));
}

Environment environment_of(std::map<std::string, std::string> variables) {
  Environment environment;
  for (const auto& [name, value] : variables) environment.names.push_back(name);
  environment.get =
      [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  return environment;
}

Loaded parse(std::string_view text, const std::string& file_name, const Environment& environment) {
  Assembly assembly;
  assembly.add_file(text, file_name);
  assembly.add_environment(environment);
  return assembly.result();
}

Loaded load(const std::string& path, const Environment& environment) {
  const auto text = read_file(path);
  if (!text) return tl::unexpected(std::vector<Mistake>{{path, text.error()}});
  return parse(*text, path, environment);
}

Loaded from_environment(const Environment& environment) {
  Assembly assembly;
  assembly.add_environment(environment);
  return assembly.result();
}

std::string report(const std::vector<Mistake>& mistakes) {
  if (mistakes.empty()) return {};
  std::string text;
  for (const Mistake& mistake : mistakes) text += mistake.str() + "\n";
  return text + std::to_string(mistakes.size()) +
         (mistakes.size() == 1 ? " mistake" : " mistakes") + "\n";
}

}  // namespace evenkeel::settings
