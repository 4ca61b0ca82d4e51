// The rounds that `evenkeel history` and `explain` show.

#include <nlohmann/json.hpp>

#include "agent/cli/printable_output.hpp"
#include "tests/cli/served_agent.hpp"
#include "tests/http/scripted_server.hpp"

namespace evenkeel::cli::history_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

class History : public ServedAgent {
 protected:
  History() {
    auto snapshot = api::example();
    auto held = *loop::example_decision();
    held.id = 8;
    held.at = loop::at_second(1'700'000'062);
    held.outcome = loop::Outcome::held;
    held.trigger = loop::Trigger::manual;
    held.requested_by = "anna";
    held.requests = {4, 5};
    held.alerts.clear();
    held.focus = "collection book";
    held.words = "held, by \"data_fresh\"";
    held.moves.clear();
    snapshot.decisions.insert(snapshot.decisions.begin(),
                              std::make_shared<const loop::Decision>(held));
    publish(std::move(snapshot));
    serve();
  }
  Said history_said(HistoryOptions options) {
    options.agent = agent();
    return said([&] { return history(options); });
  }
  // The ids of the rounds that are shown.
  std::vector<std::string> ids(HistoryOptions options) {
    options.format = ListFormat::json;
    std::vector<std::string> ids;
    const auto shown = json::parse(history_said(std::move(options)).output);
    for (const auto& each : shown.at("decisions")) ids.push_back(each.at("id"));
    return ids;
  }
  Said explained(std::uint64_t decision, OutputFormat format = OutputFormat::text) {
    return said(
        [&] { return explain({.agent = agent(), .format = format, .decision = decision}); });
  }
};

TEST_F(History, IsATableThatSaysHowFarItGoesBack) {
  const auto shown = history_said({});
  EXPECT_EQ(shown.code, kDone);
  EXPECT_THAT(shown.output, HasSubstr("OUTCOME"));
  EXPECT_THAT(shown.output, HasSubstr(" 8  2023-11-14 22:14:22 UTC  manual"));
  EXPECT_THAT(shown.output, HasSubstr(" 7  2023-11-14 22:13:22 UTC  interval"));
  EXPECT_THAT(shown.output,
              HasSubstr("The agent remembers 2 rounds, back to 2023-11-14 22:13:22 UTC: at most "
                        "the newest 100 since it started, for it keeps no journal."));
}

TEST_F(History, TakesTheRoundsThatAreAskedFor) {
  using testing::ElementsAre;
  EXPECT_THAT(ids({}), ElementsAre("8", "7"));
  EXPECT_THAT(ids({.limit = 1}), ElementsAre("8"));
  EXPECT_THAT(ids({.outcome = "moved"}), ElementsAre("7"));
  EXPECT_THAT(ids({.node = 3}), ElementsAre("7"));
  EXPECT_THAT(ids({.node = 12}), IsEmpty());
  EXPECT_THAT(ids({.collection = "book"}), ElementsAre("7"));
  EXPECT_THAT(ids({.collection = "100"}), ElementsAre("7"));
  EXPECT_THAT(ids({.collection = "film"}), IsEmpty());
  EXPECT_THAT(ids({.since = "1h"}), IsEmpty()) << "they are of 2023";
  EXPECT_THAT(ids({.since = "100000d"}), ElementsAre("8", "7"));
  EXPECT_THAT(history_said({.since = "1h"}).output, HasSubstr("No round is like that."));
  const auto wrong = history_said({.since = "yesterday"});
  EXPECT_EQ(wrong.code, kUsage);
  EXPECT_THAT(wrong.errors, HasSubstr("--since: "));
}

TEST_F(History, IsCsvAsRfc4180HasIt) {
  const auto shown = history_said({.format = ListFormat::csv}).output;
  EXPECT_EQ(
      shown,
      "id,at,trigger,requested_by,focus,outcome,planned,moves,succeeded,bytes,seconds,words\r\n"
      "8,2023-11-14T22:14:22.000Z,manual,anna,collection book,held,0,0,0,0,3.5,"
      "\"held, by \"\"data_fresh\"\"\"\r\n"
      "7,2023-11-14T22:13:22.000Z,interval,,,moved,0,1,1,10485760,3.5,"
      "moved 1 segment (10.0 MiB) from node 3 to node 4\r\n");
  EXPECT_EQ(printable_records("a\x1b,\"b\r\nc\"\r\n"), "a?,\"b\r\nc\"\r\n");
}

TEST_F(History, ExplainsARoundThatMoved) {
  const auto shown = explained(7);
  EXPECT_EQ(shown.code, kDone);
  for (const char* words :
       {"Decision 7, 2023-11-14 22:13:22 UTC: moved\n", "moved 1 segment (10.0 MiB)",
        "Why there was a round: its time had come.", "  - data_fresh: old\n",
        "  - succeeded: segment 1 (10.0 MiB)",
        "of collection book, from 2023-11-14 22:13:23 UTC"}) {
    EXPECT_THAT(shown.output, HasSubstr(words));
  }
}

TEST_F(History, ExplainsARoundThatSomebodyAskedFor) {
  const auto shown = explained(8).output;
  EXPECT_THAT(shown, HasSubstr("somebody asked for it, by anna, request 4, 5."));
  EXPECT_THAT(shown, HasSubstr("It was about collection book alone."));
  EXPECT_THAT(shown, HasSubstr("No move was sent."));
  EXPECT_EQ(json::parse(explained(8, OutputFormat::json).output).at("id"), "8");
}

TEST_F(History, ExplainsNoRoundThatIsForgotten) {
  const auto refused = explained(3);
  EXPECT_EQ(refused.code, kFailed);
  EXPECT_THAT(refused.errors, HasSubstr("there is no decision 3. The agent remembers 2 rounds"));
}

// An agent with a journal of so many rounds, in which round 7 is as the example's.
class KeptHistory : public ServedAgent {
 protected:
  KeptHistory() {
    api_options_.history = [this](const loop::HistoryQuery& query) { return read(query); };
    publish(api::example());
    serve();
  }
  tl::expected<std::vector<std::string>, std::string> read(const loop::HistoryQuery& query) {
    asked_.push_back(query);
    if (!trouble_.empty()) return tl::unexpected(trouble_);
    std::vector<std::string> records;
    const auto newest = query.before ? std::min(*query.before - 1, rounds_) : rounds_;
    for (auto id = newest; id > 0 && records.size() < query.limit; --id) {
      records.push_back(R"({"id":")" + std::to_string(id) +
                        R"(","at":"2023-11-14T22:13:22.000Z","trigger":"interval",)" +
                        R"("outcome":"balanced","planned":0,"seconds":1,"words":"all is well"})");
    }
    return records;
  }
  Said history_said(HistoryOptions options) {
    options.agent = agent();
    return said([&] { return history(options); });
  }

  std::uint64_t rounds_ = 3;
  std::string trouble_;
  std::vector<loop::HistoryQuery> asked_;
};

TEST_F(KeptHistory, IsAskedForWhatIsWanted) {
  const auto shown = history_said(
      {.since = "2h", .node = 3, .collection = "a b&limit=9", .outcome = "interrupted"});
  EXPECT_EQ(shown.code, kDone) << shown.errors;
  ASSERT_EQ(asked_.size(), 1U);
  const auto& query = asked_.front();
  EXPECT_LE(std::chrono::abs(api::ApiOptions::system_time() - *query.since - std::chrono::hours{2}),
            std::chrono::minutes{1});
  EXPECT_EQ(query.node, rules::NodeId{3});
  EXPECT_EQ(query.collection, "a b&limit=9");
  EXPECT_EQ(query.outcome, "interrupted");
  EXPECT_EQ(query.limit, 21U);
}

TEST_F(KeptHistory, IsShownWithoutAWordOfWhatTheAgentRemembers) {
  const auto shown = history_said({});
  EXPECT_THAT(shown.output, HasSubstr(" 3  2023-11-14 22:13:22 UTC"));
  EXPECT_THAT(shown.output, HasSubstr(" 1  2023-11-14 22:13:22 UTC"));
  EXPECT_THAT(shown.output, testing::Not(HasSubstr("remembers")));
  EXPECT_THAT(history_said({.limit = 2}).output, HasSubstr("There are older ones: --limit."));
  rounds_ = 0;
  EXPECT_EQ(history_said({}).output, "The agent's journal has no such round.\n");
}

TEST_F(KeptHistory, IsReadPageByPage) {
  rounds_ = 250;
  const auto shown = history_said({.format = ListFormat::json, .limit = 220});
  const auto decisions = json::parse(shown.output).at("decisions");
  ASSERT_EQ(decisions.size(), 220U);
  EXPECT_EQ(decisions.front().at("id"), "250");
  EXPECT_EQ(decisions.back().at("id"), "31");
  ASSERT_EQ(asked_.size(), 3U);
  EXPECT_EQ(asked_[1].before, 151U);
  EXPECT_EQ(asked_[2].limit, 21U);
}

TEST_F(KeptHistory, ExplainsARoundOfLongAgo) {
  rounds_ = 100'000;
  const auto explained = [&](std::uint64_t id) {
    return said([&] { return explain({.agent = agent(), .decision = id}); });
  };
  EXPECT_THAT(explained(12).output, HasSubstr("Decision 12, 2023-11-14 22:13:22 UTC: balanced"));
  const auto none = explained(100'001);
  EXPECT_EQ(none.code, kFailed);
  EXPECT_THAT(none.errors, HasSubstr("The agent's journal has none of that number."));
}

TEST_F(KeptHistory, ThatCannotBeReadSaysWhy) {
  trouble_ = "the journal /x cannot be used: its disk has not answered for 3 s; look at the disk";
  const auto failed = history_said({});
  EXPECT_EQ(failed.code, kFailed);
  EXPECT_THAT(failed.errors, HasSubstr(trouble_));
}

TEST_F(History, SaysThatAnAnswerIsNotJson) {
  tests::ScriptedServer server(tests::always(tests::answer("Evenkeel is healthy.\n")));
  const auto refused = said([&] { return history({.agent = agent_at(server.port())}); });
  EXPECT_EQ(refused.code, kFailed);
  EXPECT_THAT(refused.errors, HasSubstr("the answer is no JSON of Evenkeel's: "));
}

}  // namespace
}  // namespace evenkeel::cli::history_test
