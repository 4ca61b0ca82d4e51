#include "agent/web/page.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>

#include "tests/telemetry/example_snapshot.hpp"

namespace evenkeel::web {
namespace {

using loop::at_second;
using loop::example_snapshot;
using testing::HasSubstr;
using testing::Not;

const rules::TimePoint kNow = at_second(1'700'000'010);

std::string page(const loop::Snapshot& snapshot) {
  return landing_page(&snapshot, kNow);
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

TEST(Page, SaysThatNothingWasObservedYet) {
  EXPECT_THAT(landing_page(nullptr, kNow), HasSubstr("has not been observed yet"));
  EXPECT_THAT(page(loop::Snapshot{}), HasSubstr("has not been observed yet"));
}

TEST(Page, ShowsNodesAsBarsOfTheirOwnCapacity) {
  const auto html = page(example_snapshot());
  EXPECT_THAT(html, HasSubstr("node 3 <span class=\"dim\">10.0.0.3:21123</span>"));
  EXPECT_THAT(html, HasSubstr("<rect class=\"fill\" width=\"96.0"));
  EXPECT_THAT(html, HasSubstr("<rect class=\"fill\" width=\"40.0"));
  EXPECT_THAT(html, HasSubstr("96.0 % <span class=\"dim\">of 1000.0 MiB</span>"));
}

TEST(Page, MarksTheOverloadedAndTheUnreachable) {
  const auto html = page(example_snapshot());
  EXPECT_THAT(html, HasSubstr("<li class=\"bad\"><span>node 3 "));
  EXPECT_THAT(html, HasSubstr("<li class=\"bad\"><span>node 12 "));
  EXPECT_THAT(html, HasSubstr("unreachable: connection refused"));
  EXPECT_THAT(html, HasSubstr("<li class=\"\"><span>node 4 "));
}

TEST(Page, TellsTheLastDecisionsInWordsWithTheirAge) {
  const auto html = page(example_snapshot());
  EXPECT_EQ(count(html, "moved 1 segment (10.0 MiB) from node 3 to node 4"), 2u)
      << "as the status and in the list";
  EXPECT_THAT(html, HasSubstr("8 s ago"));
  EXPECT_THAT(html, HasSubstr("2023-11-14 22:13:22 UTC"));
  EXPECT_THAT(html, HasSubstr(">succeeded</span>"));
}

TEST(Page, TellsReplicasAndWhyOneCannotBeJudged) {
  const auto html = page(example_snapshot());
  EXPECT_THAT(html, HasSubstr("<td class=\"name\">book</td><td>56.0 %</td>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"dim\">470641382500597818</td>"));
  EXPECT_THAT(html, HasSubstr("cannot judge: single node"));
}

TEST(Page, TellsWhenItMovesNothing) {
  auto snapshot = example_snapshot();
  EXPECT_THAT(page(snapshot), Not(HasSubstr("dry run")));
  snapshot.dry_run = true;
  snapshot.auto_balance = false;
  snapshot.coordinator_up = false;
  const auto html = page(snapshot);
  EXPECT_THAT(html, HasSubstr("dry run"));
  EXPECT_THAT(html, HasSubstr("auto balance off"));
  EXPECT_THAT(html, HasSubstr("coordinator unreachable"));
}

TEST(Page, EscapesWhateverTheWorldSays) {
  const std::string evil = "<script>alert('\"1\" & 2')</script>";
  const std::string escaped = "&lt;script&gt;alert(&#39;&quot;1&quot; &amp; 2&#39;)&lt;/script&gt;";
  auto cluster = loop::example_cluster();
  cluster.collections[0].name = evil + "collection";
  cluster.nodes[0].address = evil + "address";
  cluster.nodes[1].problem = evil + "problem";
  cluster.problems = {evil + "unread"};
  auto decision = *loop::example_decision();
  decision.words = evil + "words";
  decision.moves[0].detail = evil + "detail";
  auto snapshot = example_snapshot();
  snapshot.cluster = std::make_shared<const rules::Cluster>(cluster);
  snapshot.decisions = {std::make_shared<const loop::Decision>(decision)};

  const auto html = page(snapshot);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  for (const auto* where : {"collection", "address", "problem", "unread", "words", "detail"}) {
    EXPECT_THAT(html, HasSubstr(escaped + where));
  }
}

TEST(Page, IsUtf8WhateverTheWorldSays) {
  EXPECT_EQ(escape_html("b\xffk"), "b\xEF\xBF\xBDk");
}

TEST(Page, OfALargeClusterIsCutToTheFullestNodesAndSaysSo) {
  auto cluster = loop::example_cluster();
  cluster.nodes.clear();
  for (int i = 1; i <= 1000; ++i) {
    auto& node = cluster.nodes.emplace_back();
    node.id = rules::NodeId{i};
    node.used = i;
    node.capacity = 2000;
    node.sampled_at = kNow;
    node.health = rules::NodeHealth::up;
  }
  auto decision = *loop::example_decision();
  decision.moves.resize(50, decision.moves.front());
  auto snapshot = example_snapshot();
  snapshot.cluster = std::make_shared<const rules::Cluster>(cluster);
  snapshot.judgement = nullptr;
  snapshot.decisions = {std::make_shared<const loop::Decision>(decision)};

  const auto html = page(snapshot);
  EXPECT_EQ(count(html, "class=\"bar\""), 100u);
  EXPECT_THAT(html, HasSubstr("node 1000 "));
  EXPECT_THAT(html, Not(HasSubstr("node 900 ")));
  EXPECT_THAT(html, HasSubstr("… and 900 more"));
  EXPECT_THAT(html, HasSubstr("… and 30 more")) << "moves";
  EXPECT_LT(html.size(), 100'000u);
}

TEST(Page, ShowsWhatIsSetAsideAndNoMoreThanFits) {
  auto snapshot = example_snapshot();
  EXPECT_THAT(page(snapshot), Not(HasSubstr("set aside")));
  auto judgement = *snapshot.judgement;
  for (int i = 0; i < 30; ++i) {
    judgement.set_aside.push_back(
        {rules::ReplicaId{5}, rules::NodeId{70 + i}, rules::Misfit::outside_replica, 2});
  }
  judgement.set_aside_copies = 60;
  snapshot.judgement = std::make_shared<const rules::Judgement>(judgement);
  const auto html = page(snapshot);
  EXPECT_THAT(html, HasSubstr("Segments set aside <span class=\"dim\">60 copies</span>"));
  EXPECT_THAT(html, HasSubstr("2 segments of replica 5 on node 70 set aside: the node is not one "
                              "of their replica&#39;s"));
  EXPECT_THAT(html, HasSubstr("… and 10 more"));
}

TEST(Page, TakesNothingFromElsewhereAndRefreshesItself) {
  const auto html = page(example_snapshot());
  EXPECT_THAT(html, HasSubstr(R"(<meta http-equiv="refresh" content="5">)"));
  EXPECT_THAT(html, HasSubstr(R"(content="width=device-width)"));
  EXPECT_THAT(html, Not(HasSubstr("http://")));
  EXPECT_THAT(html, Not(HasSubstr("https://")));
  EXPECT_THAT(html, Not(HasSubstr("style=\""))) << "the security policy would refuse it";
  EXPECT_THAT(std::string(stylesheet()), HasSubstr("prefers-color-scheme: dark"));
}

}  // namespace
}  // namespace evenkeel::web
