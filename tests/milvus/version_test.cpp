#include "agent/milvus/version.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace evenkeel::milvus::version_test {
namespace {

using testing::HasSubstr;

TEST(ParseVersion, ReadsWhatServersSay) {
  EXPECT_EQ(parse_version("2.6.19"), (Version{2, 6, 19}));
  EXPECT_EQ(parse_version("v2.3.5"), (Version{2, 3, 5}));
  EXPECT_EQ(parse_version("v2.3.5-simulated"), (Version{2, 3, 5}));
  EXPECT_EQ(parse_version("2.4.0-rc.1"), (Version{2, 4, 0}));
  EXPECT_EQ(parse_version("3.0"), (Version{3, 0, 0}));
  EXPECT_EQ(parse_version("2.5-20250101-f348bd9441"), (Version{2, 5, 0}));
}

TEST(ParseVersion, RefusesWhatIsNone) {
  for (const auto* text : {"", "v", "2", "unknown", "master-20250101", "2.", "2.x.1", "-2.3.5",
                           "2.3.5.6", "2.3.5 ", "99999999999999999999.1.0", "2.3.5\n", "v2..3"}) {
    EXPECT_EQ(parse_version(text), std::nullopt) << text;
  }
}

TEST(WhyUntested, NothingOfWhatIsKnown) {
  for (const auto* version : {"2.1.4", "v2.2.16", "v2.3.5", "2.4.19", "2.5.27", "2.6.0", "2.6.19",
                              "2.6.99", "3.0.0", "3.0.12"}) {
    EXPECT_EQ(why_untested(version), "") << version;
  }
}

TEST(WhyUntested, OfWhatIsNewerOrSaysNothing) {
  for (const auto* version : {"2.7.0", "3.1.0", "4.0.0", "10.0.0"}) {
    EXPECT_EQ(knowledge_of(version), Knowledge::newer);
    EXPECT_THAT(why_untested(version), HasSubstr("is newer than all that is known here"));
    EXPECT_THAT(why_untested(version), HasSubstr("allow_untested_version = true"));
  }
  EXPECT_THAT(why_untested("2.0.2"), HasSubstr("older"));
  EXPECT_THAT(why_untested(""), HasSubstr("does not say which version it is"));
  EXPECT_THAT(why_untested("master\x1b[31m"), HasSubstr("'master?[31m'")) << "fit to be shown";
}

TEST(Knowledge, SaysHowAVersionIsKnown) {
  EXPECT_EQ(knowledge_of("2.2.16"), Knowledge::live);
  EXPECT_EQ(knowledge_of("2.3.5"), Knowledge::live);
  EXPECT_EQ(knowledge_of("2.4.9"), Knowledge::source);
  EXPECT_EQ(knowledge_of("3.0.0"), Knowledge::source);
}

// What cannot be read may be anything, so whatever is unsafe where it is missed counts as there.
TEST(Versions, ChangeWhatIsThere) {
  EXPECT_FALSE(may_have_lists("2.4.19"));
  EXPECT_TRUE(may_have_lists("2.5.0"));
  EXPECT_TRUE(may_have_lists(""));
  EXPECT_FALSE(may_have_streaming_nodes("2.5.27"));
  EXPECT_TRUE(may_have_streaming_nodes("2.6.0"));
  EXPECT_TRUE(may_have_streaming_nodes("strange"));
  EXPECT_FALSE(names_streaming_nodes("2.6.13"));
  EXPECT_TRUE(names_streaming_nodes("2.6.14"));
  EXPECT_FALSE(names_streaming_nodes(""));
  EXPECT_FALSE(groups_tell_streaming_nodes("2.6.0"));
  EXPECT_TRUE(groups_tell_streaming_nodes("2.6.1"));
  EXPECT_FALSE(entity_size_is_partial("2.3.22"));
  EXPECT_TRUE(entity_size_is_partial("2.4.0"));
  EXPECT_FALSE(maps_vectors("2.5.27"));
  EXPECT_TRUE(maps_vectors("2.6.0"));
}

}  // namespace
}  // namespace evenkeel::milvus::version_test
