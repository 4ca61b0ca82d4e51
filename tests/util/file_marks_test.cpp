#include "agent/util/file_marks.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/folder.hpp"

namespace evenkeel::file_marks_test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class FileMarksTest : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) const {
    const auto path = folder_.file(name);
    std::ofstream(path) << text;
    ::chmod(path.c_str(), 0600);
    return path;
  }
  static std::string mark(const std::string& path) { return marks_of({path}).at(path); }

  tests::Folder folder_;
};

TEST_F(FileMarksTest, AreOfTheContentAlone) {
  const auto path = write("token", "first");
  const auto before = mark(path);
  fs::last_write_time(path, fs::file_time_type::clock::now() + std::chrono::hours(1));
  EXPECT_EQ(mark(path), before);
  EXPECT_EQ(mark(write("same", "first")), before);
  EXPECT_NE(mark(write("token", "other")), before);
}

TEST_F(FileMarksTest, AnotherReadershipIsAnotherMark) {
  const auto path = write("token", "first");
  const auto before = mark(path);
  ::chmod(path.c_str(), 0604);
  EXPECT_NE(mark(path), before) << "it would be refused now";
  ::chmod(path.c_str(), 0640);
  EXPECT_EQ(mark(path), before);
}

TEST_F(FileMarksTest, WhatCannotBeReadHasAMarkToo) {
  const auto path = write("token", "first");
  const auto before = mark(path);
  fs::remove(path);
  EXPECT_THAT(mark(path), HasSubstr("No such file"));
  EXPECT_EQ(mark(write("token", "first")), before);
}

TEST_F(FileMarksTest, APlaceIsTheFilesOwn) {
  EXPECT_THAT(places_of(folder_.file("token")),
              ElementsAre(FilePlace{fs::path(folder_.file("")).parent_path().string(), "token"}));
  EXPECT_THAT(places_of("token"), ElementsAre(FilePlace{".", "token"}));
  EXPECT_THAT(places_of(""), ElementsAre());
}

TEST_F(FileMarksTest, EachLinkOnTheWayIsAPlace) {
  fs::create_directory(folder_.file("..1"));
  write("..1/token", "first");
  fs::create_directory_symlink("..1", folder_.file("..data"));
  fs::create_symlink("..data/token", folder_.file("token"));
  const auto top = fs::path(folder_.file("")).parent_path().string();
  EXPECT_THAT(places_of(folder_.file("token")),
              ElementsAre(FilePlace{top, "token"}, FilePlace{top, "..data"},
                          FilePlace{top + "/..1", "token"}));
}

TEST_F(FileMarksTest, TheFirstNameThatIsMissingIsTheLastPlace) {
  const auto top = fs::path(folder_.file("")).parent_path().string();
  EXPECT_THAT(places_of(folder_.file("away/token")), ElementsAre(FilePlace{top, "away"}));
}

TEST_F(FileMarksTest, LinksInACircleEnd) {
  fs::create_symlink("b", folder_.file("a"));
  fs::create_symlink("a", folder_.file("b"));
  EXPECT_LE(places_of(folder_.file("a")).size(), 41U);
  EXPECT_THAT(mark(folder_.file("a")), HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace evenkeel::file_marks_test
