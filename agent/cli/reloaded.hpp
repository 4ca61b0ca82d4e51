#pragma once
// What a reload of the configuration came to, and how that is told.

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/settings/settings.hpp"
#include "agent/web/handler.hpp"

namespace evenkeel::cli {

struct Reloaded {
  std::vector<std::string> changed;  // keys whose value is another one, as changed_keys() has them
  std::vector<std::string> after_restart;  // keys of changed values that wait for a restart
};

// Compares the settings, and warns of keys whose new value a running agent cannot take up.
[[nodiscard]] Reloaded compare(const settings::Settings& before, const settings::Settings& after);

// For the person who asked for the reload.
[[nodiscard]] web::Response response_of(
    const tl::expected<Reloaded, std::vector<settings::Mistake>>& reloaded);

}  // namespace evenkeel::cli
