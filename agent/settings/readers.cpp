#include "agent/settings/readers.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "agent/settings/address.hpp"
#include "agent/settings/suggest.hpp"
#include "agent/settings/units.hpp"
#include "agent/util/format.hpp"
#include "agent/util/utf8.hpp"

namespace evenkeel::settings {
namespace {

// The lower bound suits the smallest node in a test, yet finds "16" that should be "16GiB".
constexpr Range<rules::Bytes> kCapacities{rules::Bytes{1} << 20, rules::Bytes{1} << 50,
                                          "it is the memory of a whole node"};

std::string number_text(std::int64_t number) {
  return std::to_string(number);
}

std::string number_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  std::string text = std::to_string(number);  // six decimals, and no exponent
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

// The comparison is written so that NaN fails.
template <typename T, typename Text>
bool within(const Range<T>& range, T number, const Text& text, const Value& value,
            Problems& problems, const std::string& hint = {}) {
  if (number >= range.lowest && number <= range.highest) return true;
  std::string what = "must be between " + text(range.lowest) + " and " + text(range.highest) +
                     ", got " + text(number);
  if (!range.reason.empty()) what += " (" + std::string(range.reason) + ")";
  complain(problems, value, what + hint);
  return false;
}

std::optional<double> as_number(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) {
    return static_cast<double>(*whole);
  }
  if (const auto* number = std::get_if<double>(&value.data)) return *number;
  return std::nullopt;
}

// Reads a list of texts; `list` and `one` say what is expected of it and of an element. `take`
// checks each and reports its mistakes. False: something was reported.
bool read_texts(const Value& value, Problems& problems, const char* list, const char* one,
                const std::function<void(const Value& element, const std::string& text)>& take) {
  const auto* elements = std::get_if<Value::List>(&value.data);
  if (elements == nullptr) {
    wrong_type(problems, value, list);
    return false;
  }
  const std::size_t before = problems.size();
  for (const Value& element : *elements) {
    if (const auto* text = std::get_if<std::string>(&element.data)) {
      take(element, *text);
    } else {
      wrong_type(problems, element, one);
    }
  }
  return problems.size() == before;
}

// Checks a name as Milvus does, with what proxy.nameValidationAllowedChars is known to add.
bool is_database_name(std::string_view name) {
  constexpr std::size_t kLongest = 255;
  constexpr std::string_view kDigits = "0123456789$-";
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  if (name.empty() || name.size() > kLongest) return false;
  if (kDigits.find(name.front()) != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return kLetters.find(c) != std::string_view::npos || kDigits.find(c) != std::string_view::npos;
  });
}

}  // namespace

void complain(Problems& problems, const Value& value, std::string what) {
  problems.push_back({value.at, std::move(what)});
}

void wrong_type(Problems& problems, const Value& value, const std::string& expected) {
  complain(problems, value, "expected " + expected + ", got " + describe(value));
}

std::optional<bool> read_boolean(const Value& value, Problems& problems) {
  if (const auto* boolean = std::get_if<bool>(&value.data)) return *boolean;
  wrong_type(problems, value, "true or false");
  return std::nullopt;
}

std::optional<std::int64_t> read_whole(const Value& value, const Range<std::int64_t>& range,
                                       Problems& problems) {
  const auto* number = std::get_if<std::int64_t>(&value.data);
  if (number == nullptr) {
    wrong_type(problems, value, "a whole number");
    return std::nullopt;
  }
  const auto text = [](std::int64_t n) { return number_text(n); };
  if (!within(range, *number, text, value, problems)) return std::nullopt;
  return *number;
}

std::optional<double> read_number(const Value& value, const Range<double>& range,
                                  Problems& problems) {
  const auto number = as_number(value);
  if (!number) {
    wrong_type(problems, value, "a number");
    return std::nullopt;
  }
  const auto text = [](double n) { return number_text(n); };
  if (!within(range, *number, text, value, problems)) return std::nullopt;
  return *number;
}

std::optional<double> read_percentage(const Value& value, const Range<double>& range,
                                      Problems& problems) {
  const auto percent = as_number(value);
  if (!percent) {
    wrong_type(problems, value, "a percentage such as 90");
    return std::nullopt;
  }
  const bool ratio = *percent > 0 && *percent < 1;
  const std::string hint =
      ratio ? "; did you mean the percentage " + number_text(*percent * 100) + "?" : "";
  const auto text = [](double n) { return number_text(n); };
  if (!within(range, *percent, text, value, problems, hint)) return std::nullopt;
  return *percent / 100;
}

std::optional<rules::Bytes> read_size(const Value& value, const Range<rules::Bytes>& range,
                                      Problems& problems) {
  std::optional<rules::Bytes> size;
  if (const auto* bytes = std::get_if<std::int64_t>(&value.data)) {
    if (*bytes < 0) {
      complain(problems, value, "a size must not be negative, got " + number_text(*bytes));
      return std::nullopt;
    }
    size = *bytes;
  } else if (const auto* text = std::get_if<std::string>(&value.data)) {
    const auto parsed = parse_bytes(*text);
    if (!parsed) {
      complain(problems, value, parsed.error());
      return std::nullopt;
    }
    size = *parsed;
  } else {
    wrong_type(problems, value, "a size such as \"16GiB\"");
    return std::nullopt;
  }
  if (!within(range, *size, size_text, value, problems)) return std::nullopt;
  return size;
}

std::optional<Milliseconds> read_duration(const Value& value, const Range<Milliseconds>& range,
                                          Problems& problems) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    const auto* number = std::get_if<std::int64_t>(&value.data);
    wrong_type(problems, value,
               number != nullptr && *number >= 0
                   ? "a duration with a unit, such as \"" + number_text(*number) + "s\""
                   : std::string("a duration such as \"10s\""));
    return std::nullopt;
  }
  const auto parsed = parse_duration(*text);
  if (!parsed) {
    complain(problems, value, parsed.error());
    return std::nullopt;
  }
  if (!within(range, *parsed, duration_text, value, problems)) return std::nullopt;
  return *parsed;
}

std::optional<std::string> read_file_name(const Value& value, Problems& problems) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    wrong_type(problems, value, "the name of a file");
    return std::nullopt;
  }
  if (text->find('\0') != std::string::npos) {
    complain(problems, value, "the name of a file must not contain a NUL character");
    return std::nullopt;
  }
  return *text;
}

std::optional<std::string> read_choice(const Value& value, const std::vector<std::string>& choices,
                                       Problems& problems) {
  const std::string expected = "one of \"" + join(choices, "\", \"") + "\"";
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    wrong_type(problems, value, expected);
    return std::nullopt;
  }
  for (const std::string& choice : choices) {
    if (choice == *text) return choice;
  }
  complain(problems, value,
           "expected " + expected + ", got \"" + printable(*text) + "\"" +
               did_you_mean(nearest(*text, choices)));
  return std::nullopt;
}

std::optional<std::vector<std::string>> read_servers(const Value& value, Problems& problems) {
  std::vector<std::string> servers;
  std::map<HttpUrl, Place> seen;
  const auto take = [&](const Value& element, const std::string& text) {
    if (!read_server(element, problems)) return;
    const auto [first, fresh] = seen.emplace(*split_url(text), element.at);
    if (!fresh) {
      return complain(problems, element,
                      "the same server stands at " + first->second.str() + " already");
    }
    servers.push_back(text);
  };
  const bool good = read_texts(value, problems, "a list of URLs such as [\"http://etcd:2379\"]",
                               "a URL such as \"http://etcd:2379\"", take);
  return good ? std::optional(servers) : std::nullopt;
}

std::optional<std::string> read_root_path(const Value& value, Problems& problems) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    wrong_type(problems, value, "a path such as \"by-dev\"");
    return std::nullopt;
  }
  const auto plain = [](char c) { return c > ' ' && c < '\x7f'; };
  if (text->empty() || text->starts_with('/') || text->ends_with('/') ||
      !std::all_of(text->begin(), text->end(), plain)) {
    complain(
        problems, value,
        "expected what Milvus has as etcd.rootPath, such as \"by-dev\", without a slash at its "
        "ends and without blanks");
    return std::nullopt;
  }
  return *text;
}

std::optional<std::string> read_user_name(const Value& value, Problems& problems) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    wrong_type(problems, value, "the name of a user");
    return std::nullopt;
  }
  // The words do not repeat the name: somebody may have written "user:password" here.
  if (text->find(':') != std::string::npos) {
    complain(problems, value,
             "the name of a user has no colon; the password belongs in password_file");
    return std::nullopt;
  }
  if (std::any_of(text->begin(), text->end(), is_control)) {
    complain(problems, value, "the name of a user must not contain control characters");
    return std::nullopt;
  }
  return *text;
}

std::optional<std::string> read_short_text(const Value& value, Problems& problems) {
  constexpr std::size_t kMost = 100;
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    wrong_type(problems, value, "a short text");
    return std::nullopt;
  }
  if (text->size() > kMost || std::any_of(text->begin(), text->end(), is_control)) {
    complain(problems, value,
             "expected at most " + std::to_string(kMost) + " bytes without control characters");
    return std::nullopt;
  }
  return *text;
}

std::optional<std::string> read_listen_address(const Value& value, Problems& problems) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    wrong_type(problems, value, "an address such as \"127.0.0.1:10931\"");
    return std::nullopt;
  }
  const auto listen = parse_listen(*text);
  if (!listen) {
    complain(problems, value, listen.error());
    return std::nullopt;
  }
  return *text;
}

std::optional<std::vector<std::string>> read_hosts(const Value& value, Problems& problems) {
  std::vector<std::string> hosts;
  const auto take = [&](const Value& element, const std::string& text) {
    const auto name = split_host_port(text);
    if (!name || name->host.empty() || name->has_port) {
      return complain(problems, element,
                      "expected a name alone, without scheme, port and path, such as "
                      "\"evenkeel.example.com\", got \"" +
                          printable(text.substr(0, 80)) + "\"");
    }
    hosts.push_back(lower(name->host));
  };
  const bool good =
      read_texts(value, problems, "a list of names such as [\"evenkeel.example.com\"]",
                 "a name such as \"evenkeel.example.com\"", take);
  return good ? std::optional(hosts) : std::nullopt;
}

std::optional<std::vector<std::string>> read_targets(const Value& value, Problems& problems) {
  std::vector<std::string> targets;
  std::map<HttpUrl, Place> seen;
  const auto take = [&](const Value& element, const std::string& text) {
    const auto url = split_url(text);
    if (!url) return complain(problems, element, url.error());
    if (url->target.empty()) {
      return complain(problems, element,
                      "the URL has no path; did you mean \"" + printable(text) + "/metrics\"?");
    }
    const auto [first, fresh] = seen.emplace(*url, element.at);
    if (!fresh) {
      return complain(problems, element,
                      "the same target stands at " + first->second.str() + " already");
    }
    targets.push_back(text);
  };
  const bool good =
      read_texts(value, problems, "a list of URLs such as [\"http://127.0.0.1:9101/metrics\"]",
                 "a URL such as \"http://127.0.0.1:9101/metrics\"", take);
  return good ? std::optional(targets) : std::nullopt;
}

std::optional<std::vector<std::string>> read_databases(const Value& value, Problems& problems) {
  std::vector<std::string> names;
  std::map<std::string, Place> seen;
  const auto take = [&](const Value& element, const std::string& name) {
    if (!is_database_name(name)) {
      return complain(
          problems, element,
          "\"" + printable(name.substr(0, 80)) +
              "\" is no name of a database: it begins with a letter or an underscore, goes on "
              "with letters, digits, underscores, $ and -, and has at most 255 of them");
    }
    const auto [first, fresh] = seen.emplace(name, element.at);
    if (!fresh) {
      return complain(problems, element,
                      "the same database stands at " + first->second.str() + " already");
    }
    names.push_back(name);
  };
  const bool good = read_texts(value, problems, "a list of names such as [\"default\"]",
                               "the name of a database", take);
  return good ? std::optional(names) : std::nullopt;
}

std::optional<std::optional<rules::Bytes>> read_capacity(const Value& value, Problems& problems) {
  if (const auto* text = std::get_if<std::string>(&value.data)) {
    if (*text == "auto") return std::optional<rules::Bytes>{};
    const bool word = !text->empty() && text->find_first_of("0123456789") == std::string::npos;
    if (word) {
      complain(problems, value,
               "expected \"auto\" or a size such as \"16GiB\", got \"" + printable(*text) + "\"" +
                   did_you_mean(nearest(*text, {"auto"})));
      return std::nullopt;
    }
  }
  const auto size = read_size(value, kCapacities, problems);
  if (!size) return std::nullopt;
  return std::optional<rules::Bytes>{*size};
}

std::optional<std::map<std::string, rules::Bytes>> read_node_capacities(const Value& value,
                                                                        Problems& problems) {
  const auto* table = std::get_if<Value::Table>(&value.data);
  if (table == nullptr) {
    wrong_type(problems, value, "a table of sizes by node, [capacity.node]");
    return std::nullopt;
  }
  const std::size_t before = problems.size();
  std::map<std::string, rules::Bytes> capacities;
  for (const Member& member : *table) {
    if (std::holds_alternative<Value::Table>(member.value.data)) {
      // This is an address without quotes: TOML takes each of its dots for a table.
      problems.push_back({member.at, "expected a size by node, got the table '" +
                                         printable(member.name) +
                                         "'; an address must stand in quotes"});
      continue;
    }
    if (const auto good = parse_node_key(member.name); !good) {
      problems.push_back(
          {member.at, "'" + printable(member.name) + "' names no node: " + good.error()});
      continue;
    }
    const auto size = read_size(member.value, kCapacities, problems);
    if (!size) continue;
    if (!capacities.emplace(member.name, *size).second) {
      problems.push_back({member.at, "node '" + member.name + "' stands here twice"});
    }
  }
  if (problems.size() != before) return std::nullopt;
  return capacities;
}

}  // namespace evenkeel::settings
