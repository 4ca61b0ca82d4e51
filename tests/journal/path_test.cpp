#include "agent/journal/path.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/journal/helpers.hpp"

namespace evenkeel::journal::path_test {
namespace {

Environment with(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

TEST(JournalPath, TheServiceManagersFolderComesFirst) {
  EXPECT_EQ(state_folder(with({{"STATE_DIRECTORY", "/var/lib/evenkeel:/var/lib/other"},
                               {"XDG_STATE_HOME", "/s"},
                               {"HOME", "/h"}})),
            "/var/lib/evenkeel");
  EXPECT_EQ(state_folder(with({{"XDG_STATE_HOME", "/s"}, {"HOME", "/h"}})), "/s/evenkeel");
  EXPECT_EQ(state_folder(with({{"XDG_STATE_HOME", "relative"}, {"HOME", "/h"}})),
            "/h/.local/state/evenkeel");
  EXPECT_EQ(state_folder(with({})), "");
}

TEST(JournalPath, EachMilvusHasAFileOfItsOwn) {
  EXPECT_EQ(file_name("http://127.0.0.1:9091"), "journal-127.0.0.1-9091.db");
  EXPECT_EQ(file_name("https://milvus.example:9091"), "journal-milvus.example-9091.db");
  EXPECT_EQ(file_name("http://[::1]:9091/../x"), "journal----1--9091-..-x.db");
}

TEST(JournalPath, TheFolderIsMade) {
  const test::Folder folder;
  const auto standard =
      standard_path("http://m:1", with({{"XDG_STATE_HOME", folder.file("state")}}));
  EXPECT_EQ(standard.path, folder.file("state/evenkeel/journal-m-1.db"));
  EXPECT_TRUE(std::filesystem::is_directory(folder.file("state/evenkeel")));
}

TEST(JournalPath, WithoutAFolderItSaysWhy) {
  EXPECT_EQ(standard_path("http://m:1", with({})).path, "");
  EXPECT_THAT(standard_path("http://m:1", with({})).why, testing::HasSubstr("no folder"));
  const test::Folder folder;
  std::ofstream(folder.file("state")) << "a file";
  const auto standard =
      standard_path("http://m:1", with({{"XDG_STATE_HOME", folder.file("state")}}));
  EXPECT_EQ(standard.path, "");
  EXPECT_THAT(standard.why, testing::HasSubstr("cannot be made"));
}

}  // namespace
}  // namespace evenkeel::journal::path_test
