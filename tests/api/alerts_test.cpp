// Alertmanager's webhook, in all the shapes it may come in.

#include "agent/api/alerts.hpp"

#include <gmock/gmock.h>

#include "agent/util/time.hpp"
#include "tests/api/asked.hpp"

namespace evenkeel::api::alerts_test {
namespace {

using loop::AlertResult;
using rules::CollectionId;
using rules::NodeId;
using rules::ReplicaId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr const char* kPath = "/api/v1/alerts";

Json alert(const std::string& fingerprint, const Json& labels = Json::object()) {
  Json all = {{"alertname", "NodeOverloaded"}};
  all.update(labels);
  return {{"status", "firing"},
          {"labels", all},
          {"annotations", {{"summary", "a node is overloaded"}}},
          {"startsAt", "2026-01-31T09:05:00.25Z"},
          {"endsAt", "0001-01-01T00:00:00Z"},
          {"generatorURL", "http://prometheus:9090/graph"},
          {"fingerprint", fingerprint}};
}

Json webhook(const std::vector<Json>& alerts) {
  return {{"version", "4"},
          {"groupKey", "{}:{alertname=\"NodeOverloaded\"}"},
          {"truncatedAlerts", 0},
          {"status", "firing"},
          {"receiver", "evenkeel"},
          {"groupLabels", {{"alertname", "NodeOverloaded"}}},
          {"commonLabels", Json::object()},
          {"commonAnnotations", Json::object()},
          {"externalURL", "http://alertmanager:9093"},
          {"alerts", Json(alerts)}};
}

struct AlertsTest : ApiTest {
  Json accepted(const Json& body) {
    const auto response = post(kPath, body.dump());
    EXPECT_EQ(response.status, 202) << response.body;
    return Json::parse(response.body);
  }
  static Json counts(int accepted, int duplicates, int ignored) {
    return {{"accepted", accepted}, {"duplicates", duplicates}, {"ignored", ignored}};
  }
};

TEST_F(AlertsTest, AFiringAlertAsksForARoundAboutWhatItsLabelsName) {
  const auto labels =
      Json{{"collection", "book"}, {"node_id", "3"}, {"replica_id", "470641382500597818"}};
  EXPECT_EQ(accepted(webhook({alert("f1", labels)})), counts(1, 0, 0));
  ASSERT_THAT(control.rounds, SizeIs(1));
  EXPECT_THAT(control.rounds[0].alerts, ElementsAre(loop::Alert{"NodeOverloaded", "f1"}));
  EXPECT_THAT(
      control.rounds[0].focus.scopes(),
      ElementsAre(rules::Scope{CollectionId{100}, NodeId{3}, ReplicaId{470641382500597818}}));
  EXPECT_EQ(control.counts.at(AlertResult::accepted), 1U);
}

TEST_F(AlertsTest, SeveralAlertsAreOneRoundAboutAllOfThem) {
  accepted(webhook({alert("f1", {{"node_id", "3"}}), alert("f2", {{"node_id", "4"}})}));
  ASSERT_THAT(control.rounds, SizeIs(1));
  EXPECT_THAT(control.rounds[0].alerts, SizeIs(2));
  EXPECT_THAT(control.rounds[0].focus.scopes(), SizeIs(2));
  accepted(webhook({alert("f3", {{"node_id", "3"}}), alert("f4")}));
  EXPECT_TRUE(control.rounds.at(1).focus.everything()) << "one of them is about anything";
}

TEST_F(AlertsTest, LabelsThatNameNothingKnownNarrowNothing) {
  accepted(webhook({alert("f1", {{"node_id", "99"}, {"collection", "no"}, {"replica_id", "x"}})}));
  EXPECT_TRUE(control.rounds.at(0).focus.everything());
}

TEST_F(AlertsTest, TheSameAlertAsksOnce) {
  EXPECT_EQ(accepted(webhook({alert("f1"), alert("f1")})), counts(1, 1, 0));
  EXPECT_EQ(accepted(webhook({alert("f1")})), counts(0, 1, 0));
  EXPECT_THAT(control.rounds, SizeIs(1));
  EXPECT_EQ(control.counts.at(AlertResult::duplicate), 2U);
}

TEST_F(AlertsTest, AnotherGroupFingerprintOrStartIsAnotherAlert) {
  accepted(webhook({alert("f1")}));
  auto other_group = webhook({alert("f1")});
  other_group["groupKey"] = "other";
  EXPECT_EQ(accepted(other_group), counts(1, 0, 0));
  auto later = alert("f1");
  later["startsAt"] = "2026-01-31T10:00:00Z";
  EXPECT_EQ(accepted(webhook({later})), counts(1, 0, 0));
  EXPECT_EQ(accepted(webhook({alert("f2")})), counts(1, 0, 0));
}

// What the journal remembers of alerts.
TEST_F(AlertsTest, WhatWasAnsweredBeforeARestartAsksAgainOnlyIfItFiresAnew) {
  auto restarted = example();
  restarted.started = rules::TimePoint{10h};
  const rules::TimePoint answered = restarted.started - 10min;
  restarted.alert_decisions = {{{"NodeOverloaded", "f1"}, answered}};
  now = restarted.started + 1min;
  publish(restarted);
  const auto since = [&](rules::TimePoint at) {
    auto one = alert("f1");
    one["startsAt"] = rfc3339(wall_time(at));
    return webhook({one});
  };
  EXPECT_EQ(accepted(since(answered - 5min)), counts(0, 1, 0));
  EXPECT_THAT(control.rounds, IsEmpty());
  EXPECT_EQ(accepted(since(answered + 5min)), counts(1, 0, 0)) << "another time";
  EXPECT_EQ(accepted(webhook({alert("f2")})), counts(1, 0, 0)) << "another alert";
  now = answered + 4h;
  EXPECT_EQ(accepted(since(answered - 6min)), counts(1, 0, 0)) << "long ago";
}

TEST_F(AlertsTest, WhatStillFiresAfterFourHoursMayAskOnceMore) {
  accepted(webhook({alert("f1")}));
  now += 4h - 1ms;
  EXPECT_EQ(accepted(webhook({alert("f1")})), counts(0, 1, 0));
  now += 1ms;
  EXPECT_EQ(accepted(webhook({alert("f1")})), counts(1, 0, 0));
}

TEST_F(AlertsTest, ResolvedAndUnknownStatesAskForNothing) {
  auto resolved = alert("f1");
  resolved["status"] = "resolved";
  auto strange = alert("f2");
  strange["status"] = "suppressed";
  EXPECT_EQ(accepted(webhook({resolved, strange})), counts(0, 0, 2));
  EXPECT_THAT(control.rounds, IsEmpty());
  EXPECT_EQ(control.counts.at(AlertResult::resolved), 1U);
  EXPECT_EQ(control.counts.at(AlertResult::ignored), 1U);
}

TEST_F(AlertsTest, AnAlertWithoutAStatusHasItsGroups) {
  auto plain = alert("f1");
  plain.erase("status");
  auto group = webhook({plain});
  group["status"] = "resolved";
  EXPECT_EQ(accepted(group), counts(0, 0, 1));
  group["status"] = "firing";
  EXPECT_EQ(accepted(group), counts(1, 0, 0));
}

TEST_F(AlertsTest, LaterVersionsAndUnknownMembersAreTolerated) {
  auto body = webhook({alert("f1")});
  body["version"] = "5";
  body["more"] = {{"nested", {1, 2, 3}}};
  body["alerts"][0]["silencedBy"] = Json::array();
  EXPECT_EQ(accepted(body), counts(1, 0, 0));
  const Json least = Json::parse(R"({"alerts":[{"status":"firing"}]})");
  EXPECT_EQ(accepted(least), counts(1, 0, 0));
  EXPECT_EQ(accepted(least), counts(0, 1, 0)) << "without a fingerprint its labels are one";
  EXPECT_EQ(accepted({{"alerts", Json::array()}}), counts(0, 0, 0));
}

TEST_F(AlertsTest, WhatWillNeverBeRightIsABadRequest) {
  const auto whole = webhook({alert("f1")}).dump();
  std::vector<std::string> bodies{"",
                                  "[]",
                                  "null",
                                  "{}",
                                  R"({"alerts":null})",
                                  R"({"alerts":{}})",
                                  R"({"alerts":"firing"})",
                                  R"({"alerts":[1]})",
                                  R"({"alerts":[null]})",
                                  R"({"alerts":[[]]})",
                                  R"({"alerts":[{"status":"firing","labels":[]}]})",
                                  R"({"alerts":[{"status":"firing","labels":{"a":1}}]})",
                                  R"({"alerts":[{"status":1}]})",
                                  R"({"groupKey":1,"alerts":[]})",
                                  "{\"alerts\":[{\"labels\":{\"a\":\"\xc3\x28\"}}]}"};
  for (std::size_t length = 1; length < whole.size(); length += 7) {
    bodies.push_back(whole.substr(0, length));
  }
  for (const auto& body : bodies) {
    EXPECT_EQ(problem_of(400, kPath, body).at("code"), "bad_request") << body;
  }
  EXPECT_THAT(control.rounds, IsEmpty());
  EXPECT_EQ(control.counts.at(AlertResult::refused), bodies.size());
}

TEST_F(AlertsTest, NestingTenThousandDeepIsRefusedBeforeItIsRead) {
  const std::string deep =
      "{\"alerts\":" + std::string(10'000, '[') + std::string(10'000, ']') + "}";
  EXPECT_THAT(problem_of(400, kPath, deep).at("message").get<std::string>(),
              testing::HasSubstr("nested deeper"));
  std::string objects;
  for (int i = 0; i < 10'000; ++i) objects += "{\"a\":";
  EXPECT_EQ(problem_of(400, kPath, objects).at("code"), "bad_request");
}

TEST_F(AlertsTest, TenThousandAlertsAreOneRound) {
  std::vector<Json> all;
  for (int i = 0; i < 10'000; ++i) {
    all.push_back(alert("f" + std::to_string(i), {{"node_id", i % 2 == 0 ? "3" : "4"}}));
  }
  EXPECT_EQ(accepted(webhook(all)), counts(10'000, 0, 0));
  EXPECT_EQ(accepted(webhook(all)), counts(0, 10'000, 0));
  ASSERT_THAT(control.rounds, SizeIs(1));
  EXPECT_THAT(control.rounds[0].alerts, SizeIs(loop::RoundRequest::kMaxAlerts));
  EXPECT_THAT(control.rounds[0].focus.scopes(), SizeIs(2));
}

TEST_F(AlertsTest, LabelsMayHoldAnyText) {
  auto cluster = loop::example_cluster();
  const std::string name = "<script>alert(\"1\")</script>\nä";
  cluster.collections[0].name = name;
  auto changed = example();
  changed.cluster = std::make_shared<const rules::Cluster>(cluster);
  publish(std::move(changed));
  const std::string odd = "a \"b\"\n\t<i>\\ \xe2\x82\xac";
  accepted(webhook({alert("f1", {{"collection", name}, {"alertname", odd}})}));
  EXPECT_EQ(control.rounds.at(0).alerts.at(0).name, odd);
  EXPECT_THAT(control.rounds[0].focus.scopes(),
              ElementsAre(rules::Scope{.collection = CollectionId{100}}));
}

TEST_F(AlertsTest, LongNamesAreCutBetweenCharacters) {
  std::string long_name(199, 'x');
  long_name += "\xe2\x82\xac tail";
  accepted(webhook({alert(std::string(100'000, 'f'), {{"alertname", long_name}})}));
  EXPECT_EQ(control.rounds.at(0).alerts.at(0).name, std::string(199, 'x'));
  EXPECT_THAT(control.rounds[0].alerts[0].fingerprint, SizeIs(200));
}

TEST_F(AlertsTest, WhatIsNotTakenIsNotRememberedEither) {
  for (const auto denial : {loop::Denial::not_ready, loop::Denial::stopping, loop::Denial::full}) {
    control.denial = denial;
    EXPECT_EQ(post(kPath, webhook({alert("f1")}).dump()).status, 503);
  }
  control.denial.reset();
  EXPECT_EQ(accepted(webhook({alert("f1")})), counts(1, 0, 0)) << "Alertmanager sends it again";
  EXPECT_EQ(control.counts.at(AlertResult::refused), 3U);
}

TEST(SeenAlerts, AreBounded) {
  SeenAlerts seen;
  const rules::TimePoint now{1h};
  for (std::uint64_t key = 0; key < 2 * SeenAlerts::kMost; ++key) seen.add(key, now);
  EXPECT_EQ(seen.size(), SeenAlerts::kMost);
  EXPECT_FALSE(seen.contains(0, now)) << "the oldest are forgotten";
  EXPECT_TRUE(seen.contains(2 * SeenAlerts::kMost - 1, now));
}

TEST(SeenAlerts, AreForgottenInTime) {
  SeenAlerts seen;
  seen.add(1, rules::TimePoint{});
  seen.add(2, rules::TimePoint{SeenAlerts::kMemory});
  EXPECT_EQ(seen.size(), 1U);
  seen.add(2, rules::TimePoint{SeenAlerts::kMemory + 1h});
  seen.add(3, rules::TimePoint{2 * SeenAlerts::kMemory});
  EXPECT_TRUE(seen.contains(2, rules::TimePoint{2 * SeenAlerts::kMemory})) << "its second time";
}

}  // namespace
}  // namespace evenkeel::api::alerts_test
