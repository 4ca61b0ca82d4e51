// config/evenkeel.toml and the table of keys: both say what the code does.

#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <sstream>

#include "agent/settings/keys.hpp"
#include "agent/settings/suggest.hpp"
#include "tests/settings/helpers.hpp"

namespace evenkeel::settings::example_test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kExample = EVENKEEL_SOURCE_DIR "/config/evenkeel.toml";

std::string example_text() {
  std::ostringstream text;
  text << std::ifstream(kExample).rdbuf();
  return text.str();
}

TEST(Example, IsExactlyTheDefaults) {
  const Loaded loaded = load(kExample, {});
  ASSERT_TRUE(loaded) << loaded.error().front().str();
  EXPECT_TRUE(same(*loaded, Settings{}));
}

TEST(Example, WritesEveryKeyWithItsDefaultInTheOrderOfTheTable) {
  const std::string text = example_text();
  std::size_t from = 0;
  for (const Key& key : keys()) {
    if (is_repeated(key.section)) continue;
    const std::string line = key.type == "table of sizes"
                                 ? "\n[" + key.section + "." + key.name + "]\n"
                                 : "\n" + key.name + " = " + key.standard + "\n";
    const std::size_t section = text.find("\n[" + key.section + "]\n");
    ASSERT_NE(section, std::string::npos) << key.section;
    const std::size_t at = text.find(line, std::max(from, section));
    ASSERT_NE(at, std::string::npos) << line;
    from = at;
  }
}

// A window that stands there is open, so the example's is a comment.
TEST(Example, ShowsAWindowWithItsDefaultsAsAComment) {
  std::string text = example_text();
  std::size_t from = text.find("\n# [[windows]]\n");
  ASSERT_NE(from, std::string::npos);
  text.erase(from + 1, 2);
  for (const Key& key : keys()) {
    if (!is_repeated(key.section)) continue;
    const std::size_t at = text.find("\n# " + key.name + " = " + key.standard + "\n", from);
    ASSERT_NE(at, std::string::npos) << key.name;
    text.erase(at + 1, 2);
    from = at;
  }
  const Loaded loaded = parse(text, "f.toml", {});
  ASSERT_TRUE(loaded) << loaded.error().front().str();
  EXPECT_EQ(loaded->windows, std::vector<windows::Window>(1));
}

TEST(Example, ExplainsEachKeyOrGroupOfKeys) {
  std::istringstream lines(example_text());
  std::string before;
  for (std::string line; std::getline(lines, line); before = line) {
    EXPECT_LE(line.size(), 100u) << line;
    if (line.find(" = ") == std::string::npos || line.starts_with("#")) continue;
    EXPECT_THAT(before, Not(IsEmpty())) << line;
    EXPECT_THAT(before, Not(testing::StartsWith("["))) << line;
  }
}

TEST(Example, ShowsCapacitiesThatParseWhenTheyAreUncommented) {
  std::string text = example_text();
  for (const std::string shown :
       {"3 = \"16GiB\"", "\"127.0.0.1:21131\" = \"512MiB\"", "\"querynode-0\" = \"16GiB\"",
        "\"querynode-big-*\" = \"64GiB\"", "\"group:small\" = \"8GiB\""}) {
    const std::size_t at = text.find("# " + shown);
    ASSERT_NE(at, std::string::npos) << shown;
    text.erase(at, 2);
  }
  const Loaded loaded = parse(text, "f.toml", {});
  ASSERT_TRUE(loaded) << loaded.error().front().str();
  EXPECT_EQ(loaded->capacity.node.size(), 5u);
}

TEST(KeyTable, StatesTheRealDefaults) {
  for (const Key& key : keys()) {
    const std::string text = heading(key.section) + "\n" + key.name + " = " + key.standard + "\n";
    const Loaded loaded = parse(text, "f.toml", {});
    ASSERT_TRUE(loaded) << loaded.error().front().str();
    Settings standard;
    if (is_repeated(key.section)) standard.windows.emplace_back();
    EXPECT_TRUE(same(*loaded, standard)) << text;
  }
}

TEST(KeyTable, DocumentsEveryKeyOnce) {
  std::set<std::string> seen;
  for (const Key& key : keys()) {
    EXPECT_TRUE(seen.insert(key.variable).second) << key.variable;
    EXPECT_THAT(key.type, Not(IsEmpty())) << key.name;
    EXPECT_THAT(key.meaning, AllOf(Not(IsEmpty()), Not(EndsWith(".")))) << key.name;
  }
}

TEST(KeyTable, NamesTheVariables) {
  ASSERT_FALSE(keys().empty());
  EXPECT_EQ(keys().front().variable, "EVENKEEL_MILVUS_ADDRESS");
  EXPECT_THAT(example_text(), HasSubstr("EVENKEEL_BALANCE_AUTO_BALANCE=false"));
}

}  // namespace
}  // namespace evenkeel::settings::example_test
