// The rounds that `evenkeel history` and `explain` show.

#include <nlohmann/json.hpp>

#include "agent/cli/printable_output.hpp"
#include "tests/cli/served_agent.hpp"
#include "tests/http/scripted_server.hpp"

namespace evenkeel::cli {
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
              HasSubstr("The agent remembers 2 rounds, back to 2023-11-14 22:13:22 UTC"));
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

TEST_F(History, SaysThatAnAnswerIsNotJson) {
  tests::ScriptedServer server(tests::always(tests::answer("Evenkeel is healthy.\n")));
  const auto refused = said([&] { return history({.agent = agent_at(server.port())}); });
  EXPECT_EQ(refused.code, kFailed);
  EXPECT_THAT(refused.errors, HasSubstr("the answer is no JSON of Evenkeel's: "));
}

}  // namespace
}  // namespace evenkeel::cli
