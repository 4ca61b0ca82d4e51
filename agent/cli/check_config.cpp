#include <iostream>

#include "agent/cli/session.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/settings/load.hpp"
#include "agent/web/access.hpp"

namespace evenkeel::cli {

int check_config(const std::string& file) {
  const auto loaded = settings::load(file, settings::process_environment());
  if (!loaded) {
    std::cerr << settings::report(loaded.error());
    return kUsage;
  }
  if (const auto access = web::load_access(loaded->web); !access) {
    std::cerr << settings::report(access.error());
    return kUsage;
  }
  if (const auto mistake = login_mistake(*loaded)) {
    std::cerr << settings::report({*mistake});
    return kUsage;
  }
  std::cout << file << ": no mistakes\n";
  return kDone;
}

}  // namespace evenkeel::cli
