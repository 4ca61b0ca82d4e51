// GET /history: what it asks of the journal, and what it makes of the answer.

#include <gmock/gmock.h>

#include "tests/api/asked.hpp"

namespace evenkeel::api::history_test {
namespace {

using testing::HasSubstr;

constexpr const char* kHistory = "/api/v1/history";

struct HistoryTest : ApiTest {
  HistoryTest()
      : ApiTest([this](const loop::HistoryQuery& query) {
          asked = query;
          return answer;
        }) {}

  std::optional<loop::HistoryQuery> asked;
  tl::expected<std::vector<std::string>, std::string> answer{
      std::vector<std::string>{R"({"id":"9"})", R"({"id":"8"})"}};
};

TEST_F(HistoryTest, AsksForWhatTheQuerySays) {
  const auto response =
      get(kHistory,
          "since=2026-01-31T10:05:00%2B01:00&node=-3&collection=shop.book&outcome=moved&before=12"
          "&limit=5");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, "{\"decisions\":[{\"id\":\"9\"},{\"id\":\"8\"}],\"more\":false}\n");
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->since->time_since_epoch(), std::chrono::seconds{1'769'850'300});
  EXPECT_EQ(asked->node, rules::NodeId{-3});
  EXPECT_EQ(asked->collection, "shop.book");
  EXPECT_EQ(asked->outcome, "moved");
  EXPECT_EQ(asked->before, 12U);
  EXPECT_EQ(asked->limit, 6U) << "one more tells whether there is one";
}

TEST_F(HistoryTest, LeavesNothingOutIfNothingIsSaid) {
  EXPECT_EQ(get(kHistory, "").status, 200);
  EXPECT_FALSE(asked->since || asked->node || asked->collection || asked->outcome || asked->before);
  EXPECT_EQ(asked->limit, 21U);
}

TEST_F(HistoryTest, SaysThatThereIsMore) {
  EXPECT_EQ(get(kHistory, "limit=1").body, "{\"decisions\":[{\"id\":\"9\"}],\"more\":true}\n");
  answer = std::vector<std::string>{};
  EXPECT_EQ(get(kHistory, "limit=1").body, "{\"decisions\":[],\"more\":false}\n");
}

TEST_F(HistoryTest, BoundsItsLengthAndGivesOneAtLeast) {
  const std::string large = '"' + std::string(std::size_t{5} << 20, 'x') + '"';
  answer = std::vector<std::string>{large, large, large};
  const auto body = nlohmann::json::parse(get(kHistory, "").body);
  EXPECT_EQ(body.at("decisions").size(), 1U);
  EXPECT_EQ(body.at("more"), true);
}

TEST_F(HistoryTest, RefusesWhatMakesNoSense) {
  for (const char* query :
       {"since=yesterday", "since=infinite-future", "since=2026-13-01T00:00:00Z", "node=x",
        "outcome=lost", "before=-1", "limit=0", "limit=101", "until=3"}) {
    EXPECT_EQ(error_of(400, kHistory, query).at("code"), "bad_request") << query;
  }
  EXPECT_FALSE(asked);
}

TEST_F(HistoryTest, SaysWhyTheJournalCannotBeRead) {
  answer = tl::unexpected(std::string("the journal /x cannot be used"));
  const auto error = error_of(503, kHistory, "");
  EXPECT_EQ(error.at("code"), "journal");
  EXPECT_EQ(error.at("message"), "the journal /x cannot be used");
}

TEST_F(ApiTest, HistorySaysThatThereIsNoJournal) {
  const auto error = error_of(409, kHistory, "");
  EXPECT_EQ(error.at("code"), "no_journal");
  EXPECT_THAT(error.at("message").get<std::string>(), HasSubstr("decisions has"));
}

}  // namespace
}  // namespace evenkeel::api::history_test
