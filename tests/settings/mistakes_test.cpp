// Many mistakes at once, and files that nobody would write on purpose.

#include <gmock/gmock.h>

#include <random>

#include "tests/settings/helpers.hpp"

namespace evenkeel::settings::mistakes_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Mistakes, AreAllReportedFromTopToBottom) {
  const auto mistakes = mistakes_in(R"([web]
listen_address = "nowhere"
[balance]
max_segments_per_call = 9
auto_balance = "yes"; autobalance = 1
)");
  // The semicolon is no TOML: after a syntax error nothing else can be found.
  EXPECT_THAT(places(mistakes), ElementsAre("f.toml:5:21"));

  EXPECT_THAT(places(mistakes_in(R"([web]
listen_address = "nowhere"
[balance]
max_segments_per_call = 9
auto_balance = "yes"
autobalance = 1
[logs]
level = 1
[scrape]
targets = [ "x", "http://a/m", 3,
            "http://a/m" ]
)")),
              ElementsAre("f.toml:2:18", "f.toml:4:25", "f.toml:5:16", "f.toml:6:1", "f.toml:7:2",
                          "f.toml:10:13", "f.toml:10:32", "f.toml:11:13"));
}

TEST(Mistakes, CountColumnsInCharactersNotBytes) {
  EXPECT_THAT(places(mistakes_in("log = { \"ééé\" = 1, level = 'x' }")),
              ElementsAre("f.toml:1:9", "f.toml:1:28"));
}

TEST(Mistakes, NeverRepeatAPassword) {
  const auto mistakes = mistakes_in(R"([milvus]
address = "http://root:secret@h:9091"
[scrape]
targets = ["http://root:secret@h:9091/metrics", "http://root:secret@h"]
)");
  ASSERT_THAT(places(mistakes), ElementsAre("f.toml:2:11", "f.toml:4:12", "f.toml:4:49"));
  for (const Mistake& mistake : mistakes) {
    EXPECT_THAT(mistake.what, HasSubstr("must not hold a user name or password"));
    EXPECT_THAT(mistake.what, Not(HasSubstr("secret")));
  }
}

TEST(Mistakes, OfLongTextsAreShort) {
  const auto mistakes = mistakes_in("[log]\nlevel = '" + std::string(100'000, 'x') + "'\n" +
                                    std::string(100'000, 'y') + " = 1");
  ASSERT_THAT(places(mistakes), ElementsAre("f.toml:2:9", "f.toml:3:1"));
  for (const Mistake& mistake : mistakes) EXPECT_LT(mistake.what.size(), 300u) << mistake.what;
}

TEST(Mistakes, DeepNestingIsRefusedBeforeItCanOverflowTheStack) {
  std::string dots;
  for (int i = 0; i < 200'000; ++i) dots += "a.";
  const std::string inside_arrays =
      "x = ['"
      "''q''''', { " +
      dots + "b = 1 }]";
  for (const std::string& text :
       {dots + "b = 1", "[" + dots + "b]\n", dots + "b = 1\n!", "x = { " + dots + "b = 1 }",
        inside_arrays, "\"\\\".\" = 1 # '\n" + dots + "b = 1"}) {
    const auto mistakes = mistakes_in(text);
    ASSERT_THAT(places(mistakes), ElementsAre("f.toml"));
    EXPECT_THAT(mistakes.front().what, HasSubstr("dots outside strings"));
  }
}

TEST(Mistakes, DotsInStringsAndCommentsAreNoNesting) {
  const std::string dots(5'000, '.');
  EXPECT_THAT(
      mistakes_in("# " + dots + "\n[milvus]\nca_file = \"\\\"" + dots + "\"\ncert_file = '''\n" +
                  dots + "'''\nkey_file = \"\"\"" + dots + "\\\"\"\"\"\"\"\n"),
      IsEmpty());
}

TEST(Mistakes, WhateverTheBytesNothingIsThrown) {
  std::mt19937 random(20'240'229);
  std::string original =
      "[milvus]\naddress = \"http://h:1\"\n[scrape]\ntargets = ['http://h/m', "
      "'''x''']\n[capacity.node]\n3 = \"16GiB\"\n'h:1' = 0x7f\n[balance]\n"
      "loading_peak_factor = 1.5e0\nauto_balance = true # c\n";
  std::size_t refused = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string text = original;
    for (int change = 0; change < 4; ++change) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          text.erase(at, random() % 8);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), 8));
          break;
      }
    }
    const Loaded loaded = parse(text, "f.toml", {});
    if (loaded) continue;
    ++refused;
    for (const Mistake& mistake : loaded.error()) {
      ASSERT_THAT(mistake.where, testing::StartsWith("f.toml")) << text;
      ASSERT_FALSE(mistake.what.empty()) << text;
    }
  }
  EXPECT_GT(refused, 2'000u);
}

}  // namespace
}  // namespace evenkeel::settings::mistakes_test
