// What holds for any text: it does not matter where it is cut, and no text makes it crash.

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <ostream>
#include <random>

#include "agent/scrape/exposition.hpp"
#include "tests/scrape/texts.hpp"

namespace evenkeel::scrape::exposition_property_test {

// Found by GoogleTest: shows figures that differ.
void PrintTo(const NodeFigures& figures, std::ostream* out) {
  *out << figures.bytes << " bytes, " << figures.malformed_lines << " malformed, "
       << figures.problem.value_or("no problem");
  if (figures.id) *out << ", node " << static_cast<std::int64_t>(*figures.id);
  if (figures.resident) *out << ", resident " << *figures.resident;
  for (const auto& [id, collection] : figures.collections) {
    *out << ", " << static_cast<std::int64_t>(id) << ": " << collection.entity_size << " B "
         << collection.entity_num << " rows " << collection.segment_num << " segments";
  }
}

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t limit) {
  return random() % limit;
}

NodeFigures extract_cut_at(std::string_view text, std::size_t cut) {
  Extractor extractor;
  if (extractor.feed(text.substr(0, cut))) extractor.feed(text.substr(cut));
  return extractor.finish();
}

NodeFigures extract_in_pieces(std::string_view text, Random& random, std::size_t longest) {
  Extractor extractor;
  while (!text.empty()) {
    const std::size_t length = std::min(text.size(), below(random, longest + 1));
    if (!extractor.feed(text.substr(0, length))) break;
    text.remove_prefix(length);
  }
  return extractor.finish();
}

TEST(ExpositionCut, AnywhereInASmallTextChangesNothing) {
  const NodeFigures whole = extract(texts::kSmallText);
  ASSERT_EQ(whole.problem, std::nullopt);
  for (std::size_t cut = 0; cut <= texts::kSmallText.size(); ++cut) {
    ASSERT_EQ(extract_cut_at(texts::kSmallText, cut), whole) << "cut at " << cut;
  }
}

TEST(ExpositionCut, AnywhereInARealTextChangesNothing) {
  const std::string text = texts::sample("2.2.16/querynode-3.metrics");
  const NodeFigures whole = extract(text);
  ASSERT_EQ(whole.problem, std::nullopt);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    ASSERT_EQ(extract_cut_at(text, cut), whole) << "cut at " << cut;
  }
}

TEST(ExpositionCut, IntoRandomPiecesChangesNothing) {
  Random random(20240229);
  for (const std::string& text : texts::all_samples()) {
    const NodeFigures whole = extract(text);
    for (const std::size_t longest : {1, 7, 100, 1500, 16384}) {
      ASSERT_EQ(extract_in_pieces(text, random, longest), whole) << "pieces up to " << longest;
    }
  }
}

TEST(ExpositionCut, AfterAnyByteIsNeverTakenForTheWhole) {
  const std::string_view text = texts::kSmallText;
  const std::size_t memory = text.find("\nprocess_resident_memory_bytes ") + 1;
  const std::size_t known = text.find('\n', memory) + 1;
  for (std::size_t length = 0; length < text.size(); ++length) {
    const NodeFigures figures = extract(text.substr(0, length));
    EXPECT_EQ(figures.problem.has_value(), length != known) << "the first " << length << " bytes";
  }
}

// A text cut short, or with some bytes changed, dropped, doubled, or put in where they may hurt.
std::string mutate(std::string text, Random& random) {
  static constexpr std::string_view kFragments[] = {
      "\n",
      "\"",
      "\\",
      "{",
      "}",
      ",",
      "=",
      " ",
      "\t",
      "\r\n",
      "#",
      "NaN",
      "-",
      "+Inf",
      "e+308",
      "99999999999999999999",
      "process_resident_memory_bytes 5\n",
      "milvus_querynode_",
      "milvus_querynode_segment_num{collection_id=\"7\"} 1\n",
      "milvus_num_node{node_id=\"8\",role_name=\"querynode\"} 1\n",
      std::string_view("\0", 1)};
  for (std::size_t changes = 1 + below(random, 8); changes > 0 && !text.empty(); --changes) {
    const std::size_t at = below(random, text.size());
    const std::size_t dice = below(random, 16);
    if (dice == 0) {
      text.resize(at + 1);
    } else if (dice < 4) {
      text[at] = static_cast<char>(random());
    } else if (dice < 7) {
      text.erase(at, below(random, 40));
    } else if (dice < 10) {
      text.insert(at, text.substr(below(random, text.size()), below(random, 200)));
    } else {
      text.insert(at, kFragments[below(random, std::size(kFragments))]);
    }
  }
  return text;
}

void expect_sane(const NodeFigures& figures, std::size_t size) {
  EXPECT_LE(figures.bytes, size);
  if (figures.problem) {
    EXPECT_FALSE(figures.problem->empty());
  } else {
    EXPECT_EQ(figures.bytes, size);
    EXPECT_TRUE(figures.id);
    EXPECT_GT(figures.resident.value_or(0), 0);
  }
  for (const auto& [id, collection] : figures.collections) {
    EXPECT_GE(collection.entity_size, 0);
    EXPECT_GE(collection.entity_num, 0);
    EXPECT_GE(collection.segment_num, 0);
  }
}

void fuzz(const std::string& seed_text, Random& random, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    const std::string text = mutate(seed_text, random);
    const NodeFigures whole = extract(text);
    expect_sane(whole, text.size());
    ASSERT_EQ(extract_in_pieces(text, random, 1 + below(random, 4000)), whole) << text;
  }
}

TEST(ExpositionFuzz, ChangedSmallTexts) {
  Random random(1);
  fuzz(std::string(texts::kSmallText), random, 20'000);
}

TEST(ExpositionFuzz, ChangedRealTexts) {
  Random random(2);
  for (const std::string& text : texts::all_samples()) fuzz(text, random, 200);
}

TEST(ExpositionFuzz, Noise) {
  Random random(3);
  for (int round = 0; round < 2'000; ++round) {
    std::string text(below(random, 5000), '\0');
    // Without NUL it is not given up at once.
    for (char& c : text) c = static_cast<char>(1 + below(random, 255));
    const NodeFigures figures = extract(text);
    EXPECT_TRUE(figures.problem);
    ASSERT_EQ(extract_in_pieces(text, random, 500), figures);
  }
}

}  // namespace
}  // namespace evenkeel::scrape::exposition_property_test
