#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/settings/helpers.hpp"

namespace evenkeel::settings::file_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class ConfigurationFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "settings.XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string file(const std::string& text) const {
    const std::string path = directory_ + "/evenkeel.toml";
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  // The only mistake of loading `path`, which must be the file's as a whole.
  static std::string failure(const std::string& path) {
    const Loaded loaded = load(path, {});
    if (loaded) return "no mistake";
    EXPECT_THAT(places(loaded.error()), ElementsAre(path));
    return loaded.error().front().what;
  }

  std::string directory_;
};

TEST_F(ConfigurationFile, IsRead) {
  const Loaded loaded = load(file("[log]\nlevel = 'warn'\n"), {});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->log.level, "warn");
}

TEST_F(ConfigurationFile, IsOverriddenByTheEnvironment) {
  const Loaded loaded =
      load(file("[log]\nlevel = 'warn'\n"), environment_of({{"EVENKEEL_LOG_LEVEL", "error"}}));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->log.level, "error");
}

TEST_F(ConfigurationFile, MistakesHaveItsPath) {
  const std::string path = file("[log]\nlevel = 'x'\n");
  const Loaded loaded = load(path, {});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(places(loaded.error()), ElementsAre(path + ":2:9"));
}

TEST_F(ConfigurationFile, MissingIsAMistake) {
  EXPECT_EQ(failure(directory_ + "/none.toml"), "cannot be read: No such file or directory");
}

TEST_F(ConfigurationFile, DirectoryIsAMistake) {
  EXPECT_EQ(failure(directory_), "is a directory, not a file");
}

TEST_F(ConfigurationFile, UnreadableIsAMistake) {
  // A link to itself cannot be opened even by root, whom permissions do not stop.
  const std::string path = directory_ + "/loop.toml";
  std::filesystem::create_symlink(path, path);
  EXPECT_THAT(failure(path), HasSubstr("cannot be read: Too many levels of symbolic links"));
}

TEST_F(ConfigurationFile, LargerThanOneMebibyteIsAMistake) {
  const std::string comment = "# " + std::string(kMaxFileBytes - 3, 'x') + "\n";
  ASSERT_THAT(comment, SizeIs(kMaxFileBytes));
  EXPECT_TRUE(load(file(comment), {}));
  EXPECT_THAT(failure(file(comment + "\n")), HasSubstr("larger than 1 MiB"));
}

TEST_F(ConfigurationFile, EndlessIsAMistakeToo) {
  EXPECT_THAT(failure("/dev/zero"), HasSubstr("larger than 1 MiB"));
}

TEST_F(ConfigurationFile, WithAByteOrderMarkIsRead) {
  const Loaded loaded = load(file("\xef\xbb\xbf[log]\r\nlevel = 'warn'\r\n"), {});
  ASSERT_TRUE(loaded) << loaded.error().front().str();
  EXPECT_EQ(loaded->log.level, "warn");
}

TEST(Report, HasALineForEachMistakeAndTheirNumber) {
  EXPECT_EQ(report({{"a.toml:1:2", "wrong"}, {"a.toml:3:4", "worse"}, {"EVENKEEL_X", "unknown"}}),
            "a.toml:1:2: wrong\na.toml:3:4: worse\nEVENKEEL_X: unknown\n3 mistakes\n");
  EXPECT_EQ(report({{"a.toml", "cannot be read"}}), "a.toml: cannot be read\n1 mistake\n");
}

TEST(Report, IsEmptyWithoutMistakes) {
  EXPECT_EQ(report({}), "");
}

}  // namespace
}  // namespace evenkeel::settings::file_test
