// config/SETTINGS.md is made from the table of keys: EVENKEEL_WRITE_PAGE=1 writes it anew (make
// settings).

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "agent/settings/keys.hpp"
#include "agent/settings/suggest.hpp"

namespace evenkeel::settings::page_test {
namespace {

constexpr const char* kPage = EVENKEEL_SOURCE_DIR "/config/SETTINGS.md";

std::string page() {
  std::ostringstream out;
  out << "# Settings\n\n"
         "Made from the program's own table by `make settings`; [evenkeel.toml](evenkeel.toml) has "
         "the same keys with their\n"
         "defaults, ready to be edited. The environment variable overrides the file. `evenkeel "
         "check-config FILE` finds\n"
         "every mistake. The file, and the secrets and certificates that it names, are read again "
         "when "
         "one of them changes (`[reload]`\n"
         "`on_change`), on `SIGHUP` and by `evenkeel reload`. Other values of `[milvus]` without "
         "`verify_timeout` and\n"
         "`allow_untested_version`, of `[scrape] timeout` and `max_body`, `[journal]`, `[etcd]`, "
         "`[builtin_balancer]`, `[turns]` and\n"
         "`[web] listen_address` take effect only after a restart, and the log says so.\n\n"
         "Durations have a unit: `250ms`, `10s`, `5m`, `1h`, `1d`. Sizes are bytes, or `512MiB`, "
         "`16GiB` (powers of 1024),\n"
         "`500MB` (powers of 1000).\n\n"
         "`[[windows]]` may stand in the file more than once: replicas are levelled while one of "
         "them "
         "is open, and always\n"
         "where there is none. Its variables make one window, which replaces all of the file's.\n";
  std::string section;
  for (const auto& key : keys()) {
    if (key.section != section) {
      section = key.section;
      out << "\n## " << heading(section)
          << "\n\n| key | default | what | meaning | variable |\n| --- | --- | --- | --- | --- "
             "|\n";
    }
    out << "| `" << key.name << "` | `" << key.standard << "` | " << key.type << " | "
        << key.meaning << " | `" << key.variable << "` |\n";
  }
  return out.str();
}

TEST(SettingsPage, IsWhatTheTableSays) {
  if (std::getenv("EVENKEEL_WRITE_PAGE") != nullptr) std::ofstream(kPage) << page();
  std::ifstream file(kPage);
  const std::string held{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(held, page()) << "make settings writes " << kPage << " anew";
}

}  // namespace
}  // namespace evenkeel::settings::page_test
