// dashboards/METRICS.md and the program tell the same: every family, its type and its labels.

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "tests/telemetry/example_exposition.hpp"

namespace evenkeel::telemetry::metrics_table_test {
namespace {

struct Family {
  std::string type;
  std::set<std::string> labels;

  bool operator==(const Family&) const = default;
};

void PrintTo(const Family& family, std::ostream* out) {
  *out << family.type << " with";
  for (const auto& label : family.labels) *out << ' ' << label;
}

std::set<std::string> all_of(const std::string& text, const std::regex& what) {
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), what), end; at != end; ++at) {
    found.insert((*at)[1]);
  }
  return found;
}

std::map<std::string, Family> documented() {
  std::ifstream file(EVENKEEL_SOURCE_DIR "/dashboards/METRICS.md");
  const std::regex row(R"(\| `([a-z0-9_]+)` \| ([a-z]+)[^|]*\| ([^|]*)\| [^|]+ \| [^|]+ \|)");
  const std::regex label("`([a-z_]+)`");
  std::map<std::string, Family> families;
  for (std::string line; std::getline(file, line);) {
    std::smatch parts;
    if (!std::regex_match(line, parts, row)) {
      EXPECT_FALSE(line.starts_with("| `")) << "cannot be read as a row: " << line;
      continue;
    }
    EXPECT_FALSE(families.contains(parts[1])) << parts[1] << " twice";
    families[parts[1]] = {parts[2], all_of(parts[3], label)};
  }
  return families;
}

std::map<std::string, Family> exported() {
  std::istringstream text(exposition(loop::example_snapshot()));
  const std::regex label(R"re([{,]([a-z_]+)=")re");
  std::map<std::string, Family> families;
  std::string name;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("# TYPE ")) {
      std::string hash, type, kind;
      std::istringstream(line) >> hash >> type >> name >> kind;
      families[name].type = kind;
    } else if (!line.starts_with('#')) {
      families[name].labels.merge(all_of(line.substr(0, line.find("} ")), label));
      families[name].labels.erase("le");  // of every histogram
    }
  }
  return families;
}

TEST(MetricsTable, TellsJustWhatTheProgramExports) {
  const auto table = documented();
  const auto program = exported();
  for (const auto& [name, family] : program) {
    ASSERT_TRUE(table.contains(name)) << name << " is not in dashboards/METRICS.md";
    EXPECT_EQ(table.at(name), family) << name;
  }
  for (const auto& [name, family] : table) {
    EXPECT_TRUE(program.contains(name)) << "the program does not export " << name;
  }
  EXPECT_GT(table.size(), 70U);
}

// An example without a sample of a family would show nothing about its labels.
TEST(MetricsTable, TheExampleHasASampleOfEachFamily) {
  const std::string text = exposition(loop::example_snapshot());
  for (const auto& [name, family] : exported()) {
    EXPECT_TRUE(std::regex_search(text, std::regex("\n" + name + "(_sum|_count)?[ {]"))) << name;
  }
}

}  // namespace
}  // namespace evenkeel::telemetry::metrics_table_test
