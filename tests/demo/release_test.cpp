#include "agent/demo/release.hpp"

#include <gtest/gtest.h>

#include "tests/demo/recorded_cluster.hpp"

namespace evenkeel::demo::release_test {
namespace {

TEST(Releases, AreReadFromTheirVersions) {
  EXPECT_EQ(parse_release("2.6.19"), (Release{2, 6, 19}));
  EXPECT_EQ(parse_release("v2.5.6-dev"), (Release{2, 5, 6}));
  EXPECT_EQ(parse_release("3.0"), (Release{3, 0, 0}));
  for (const char* wrong : {"", "2", "v", "2.x", "2.6.", "2.6x", "-2.6", "x2.6"}) {
    EXPECT_FALSE(parse_release(wrong)) << wrong;
  }
  auto world = recorded_world();
  world.version = "newest";
  EXPECT_THROW(Cluster{world}, std::invalid_argument);
}

TEST(Releases, AskForALoginSinceTheirFixes) {
  for (const char* asks : {"2.5.27", "2.5.30", "2.6.10", "2.6.19", "3.0.0"}) {
    EXPECT_TRUE(parse_release(asks)->asks_for_login()) << asks;
  }
  for (const char* open : {"2.3.5", "2.4.30", "2.5.26", "2.6.0", "2.6.9"}) {
    EXPECT_FALSE(parse_release(open)->asks_for_login()) << open;
  }
}

TEST(Releases, HaveStreamingNodesFrom2_6On) {
  auto world = recorded_world();
  world.version = "2.5.6";
  EXPECT_THROW(Cluster{world}, std::invalid_argument);
}

}  // namespace
}  // namespace evenkeel::demo::release_test
