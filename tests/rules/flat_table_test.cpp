// The table in which a million segments are found, with hashes as bad as they can be.

#include "rules/flat_table.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/rules/random_world.hpp"

namespace evenkeel::rules::test::flat_table_test {
namespace {

std::uint64_t well(const std::int64_t& key) {
  return mixed(static_cast<std::uint64_t>(key));
}
std::uint64_t all_alike(const std::int64_t& /*key*/) {
  return 3;
}
// The last slots of every size of table, so that what collides goes on at its beginning.
std::uint64_t at_the_end(const std::int64_t& key) {
  return ~static_cast<std::uint64_t>(key % 3);
}

template <std::uint64_t (*Hash)(const std::int64_t&)>
void behaves_like_a_map(std::int64_t keys) {
  FlatTable<std::int64_t, Hash> table;
  std::map<std::int64_t, Position> map;
  RandomWorld random(static_cast<std::uint64_t>(keys));
  for (Position i = 0; i < 4000; ++i) {
    const std::int64_t key = random.between(-keys, keys);
    if (random.chance(45)) {
      table.erase(key);
      map.erase(key);
    } else {
      const auto [found, is_new] = map.try_emplace(key, i);
      ASSERT_EQ(table.insert(key, i), is_new ? kNowhere : found->second);
    }
    if (i % 8 != 0) continue;
    for (std::int64_t each = -keys; each <= keys; ++each) {
      const auto found = map.find(each);
      ASSERT_EQ(table.find(each), found == map.end() ? kNowhere : found->second) << each;
    }
  }
}

TEST(FlatTable, IsEmptyAtFirst) {
  FlatTable<std::int64_t, well> table;
  EXPECT_EQ(table.find(0), kNowhere);
  EXPECT_EQ(table.find(7), kNowhere);
  table.erase(7);
  EXPECT_EQ(table.find(7), kNowhere);
}

TEST(FlatTable, KeepsWhatIsThereAndSaysSo) {
  FlatTable<std::int64_t, well> table;
  EXPECT_EQ(table.insert(7, 1), kNowhere);
  EXPECT_EQ(table.insert(7, 2), 1U);
  EXPECT_EQ(table.find(7), 1U);
  table.erase(7);
  EXPECT_EQ(table.find(7), kNowhere);
  EXPECT_EQ(table.insert(7, 0), kNowhere) << "and 0 is a position";
  EXPECT_EQ(table.find(7), 0U);
}

TEST(FlatTable, GrowsBeyondWhatWasExpected) {
  FlatTable<std::int64_t, well> table(2);
  constexpr std::int64_t kKeys = 10'000;
  for (std::int64_t key = 0; key < kKeys; ++key) {
    ASSERT_EQ(table.insert(key * key, static_cast<Position>(key)), kNowhere);
  }
  for (std::int64_t key = 0; key < kKeys; ++key) {
    ASSERT_EQ(table.find(key * key), static_cast<Position>(key));
  }
  EXPECT_EQ(table.find(2), kNowhere);
}

TEST(FlatTable, ErasingInARunThatGoesRoundTheEndLosesNothing) {
  // Homes 7, 6, 5 of 8 slots: the run of three or four goes on in slots 0 and 1.
  for (const std::int64_t erased : {0, 1, 2, 3}) {
    FlatTable<std::int64_t, at_the_end> table;
    for (const std::int64_t key : {0, 3, 1, 2}) table.insert(key, static_cast<Position>(key));
    table.erase(erased);
    for (const std::int64_t key : {0, 1, 2, 3}) {
      EXPECT_EQ(table.find(key), key == erased ? kNowhere : static_cast<Position>(key)) << erased;
    }
  }
}

TEST(FlatTable, BehavesLikeAMapWhateverTheHash) {
  behaves_like_a_map<well>(100);
  behaves_like_a_map<all_alike>(20);
  behaves_like_a_map<at_the_end>(4);
  behaves_like_a_map<at_the_end>(20);
}

}  // namespace
}  // namespace evenkeel::rules::test::flat_table_test
