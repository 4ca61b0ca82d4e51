#include <gmock/gmock.h>

#include "agent/settings/keys.hpp"

namespace evenkeel::settings::named_files_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(NamedFiles, AreAllWhoseContentCounts) {
  for (const auto& entry : entries()) {
    if (entry.key.type != "file name" || entry.key.section == "journal") continue;
    Settings settings;
    Problems problems;
    entry.set(settings, {std::string("/run/file"), {}}, problems);
    EXPECT_THAT(named_files(settings), ElementsAre("/run/file"))
        << "[" << entry.key.section << "] " << entry.key.name;
  }
}

TEST(NamedFiles, AreNamedOnce) {
  Settings settings;
  EXPECT_THAT(named_files(settings), IsEmpty());
  settings.milvus.ca_file = settings.etcd.ca_file = "/etc/ca.pem";
  settings.web.token_file = "/run/token";
  settings.journal.path = "/var/lib/journal.db";
  EXPECT_THAT(named_files(settings), ElementsAre("/etc/ca.pem", "/run/token"));
}

}  // namespace
}  // namespace evenkeel::settings::named_files_test
