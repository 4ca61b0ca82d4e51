#include <iostream>

#include "agent/cli/verbs.hpp"
#include "agent/settings/report.hpp"
#include "agent/settings/settings.hpp"

namespace evenkeel::cli {

int check_config(const std::string& file) {
  const auto loaded = settings::load(file, settings::process_environment());
  if (!loaded) {
    std::cerr << settings::report(loaded.error());
    return kUsage;
  }
  std::cout << file << ": no mistakes\n";
  return kDone;
}

}  // namespace evenkeel::cli
