#pragma once
// The functions here read the configuration, and nothing else does. The header is light: toml++ is
// in document.cpp alone.
//
// Every key of keys() may stand in the file, and may be overridden by the environment variable
// EVENKEEL_<SECTION>_<KEY>. Nothing is guessed: one mistake anywhere, and there are no Settings,
// only the list of all mistakes.

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "agent/settings/settings.hpp"

namespace evenkeel::settings {

// Access to environment variables. `get` returns a variable's text; none: unset (no function:
// nothing is set). `names` has all set variables that begin with EVENKEEL_, so that a misspelt one
// is found. Those that Kubernetes sets for a service "evenkeel…" are passed over
// (EVENKEEL_SERVICE_HOST, EVENKEEL_PORT_10931_TCP_ADDR, …).
//
// A variable's text is as it would stand in the file, without quotes. Lists are separated by
// commas, and so is EVENKEEL_CAPACITY_NODE: "3=16GiB,127.0.0.1:21131=512MiB". A variable replaces
// the file's whole value, also that of a list or table.
struct Environment {
  std::function<std::optional<std::string>(const std::string&)> get;
  std::vector<std::string> names;
};
[[nodiscard]] Environment process_environment();  // a copy of ::environ
[[nodiscard]] Environment environment_of(std::map<std::string, std::string> variables);

// Settings, or all mistakes at once, sorted by place (the file's before the environment's). After a
// TOML syntax error nothing more of the file is looked at.
using Loaded = tl::expected<Settings, std::vector<Mistake>>;
inline constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;
// `file_name` is only for Mistake::where.
[[nodiscard]] Loaded parse(std::string_view text, const std::string& file_name,
                           const Environment& environment);
// A file that is missing, unreadable, a directory or larger than kMaxFileBytes is a mistake too.
[[nodiscard]] Loaded load(const std::string& path, const Environment& environment);
// Reads the defaults and the environment alone, if no file is given.
[[nodiscard]] Loaded from_environment(const Environment& environment);

// Prints mistakes as compilers do: one line a mistake, "where: what", in the order given, and a
// last one such as "3 mistakes". Every line ends with a newline; no mistakes give an empty text.
[[nodiscard]] std::string report(const std::vector<Mistake>& mistakes);

}  // namespace evenkeel::settings
