#include <iostream>

#include "agent/cli/configuration.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/settings/load.hpp"

namespace evenkeel::cli {

int check_config(const std::string& file) {
  const auto loaded = settings::load(file, settings::process_environment());
  if (!loaded) {
    std::cerr << settings::report(loaded.error());
    return kUsage;
  }
  if (const auto files = read_named_files(*loaded); !files) {
    std::cerr << settings::report(files.error());
    return kUsage;
  }
  std::cout << file << ": no mistakes\n";
  return kDone;
}

}  // namespace evenkeel::cli
