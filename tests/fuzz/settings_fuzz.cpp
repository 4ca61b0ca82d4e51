// A configuration file: settings, or mistakes with their places; and what check-config prints.

#include "agent/settings/load.hpp"
#include "tests/fuzz/fuzz.hpp"

using evenkeel::fuzz::require;
namespace settings = evenkeel::settings;

void evenkeel::fuzz::one_input(std::string_view text) {
  const auto loaded = settings::parse(text, "f.toml", {});
  if (loaded) {
    require(loaded->balance.policy.overload_threshold <= 1, "a threshold over the whole node");
    require(loaded->scrape.timeout <= loaded->scrape.interval, "a scrape longer than its interval");
    require(loaded->milvus.max_answer > 0, "no answer could be taken");
    return;
  }
  require(!loaded.error().empty(), "neither settings nor mistakes");
  for (const auto& mistake : loaded.error()) {
    require(mistake.where.starts_with("f.toml") && !mistake.what.empty(), "a mistake in no place");
  }
  require(!settings::report(loaded.error()).empty(), "nothing to print");
}
