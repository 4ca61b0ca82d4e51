#include <gmock/gmock.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <evenkeel_version.hpp>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/telemetry/example_exposition.hpp"

namespace evenkeel::telemetry::telemetry_test {
namespace {

using loop::example_snapshot;
using loop::kMiB;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> all;
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

// The families in the order of their TYPE lines.
std::vector<std::string> family_names(const std::string& text) {
  std::vector<std::string> names;
  for (const auto& line : lines(text)) {
    if (line.starts_with("# TYPE ")) names.push_back(line.substr(7, line.find(' ', 7) - 7));
  }
  return names;
}

// The series of a family: its samples without their values.
std::vector<std::string> series(const std::string& text, const std::string& family) {
  std::vector<std::string> found;
  for (const auto& line : lines(text)) {
    if (line.starts_with(family + '{')) found.push_back(line.substr(0, line.find("} ") + 1));
    if (line.starts_with(family + ' ')) found.push_back(family);
  }
  return found;
}

TEST(Exposition, SaysWhatTheSnapshotSays) {
  const auto text = lines(exposition(example_snapshot()));
  const auto expected = {
      R"(evenkeel_node_memory_used_bytes{node_id="3",address="10.0.0.3:21123"} 996147200)",
      R"(evenkeel_node_memory_expected_bytes{node_id="3",address="10.0.0.3:21123"} 1006632960)",
      R"(evenkeel_node_memory_capacity_bytes{node_id="3",address="10.0.0.3:21123"} 1048576000)",
      R"(evenkeel_node_memory_ratio{node_id="3",address="10.0.0.3:21123"} 0.96)",
      R"(evenkeel_node_sample_timestamp_seconds{node_id="3",address="10.0.0.3:21123"} 1700000000)",
      R"(evenkeel_node_up{node_id="3",address="10.0.0.3:21123"} 1)",
      R"(evenkeel_node_overloaded{node_id="3",address="10.0.0.3:21123"} 1)",
      R"(evenkeel_node_overloaded{node_id="4",address="10.0.0.4:21123"} 0)",
      R"(evenkeel_node_collection_segments{node_id="3",collection="book"} 2)",
      R"(evenkeel_node_collection_rows{node_id="3",collection="book"} 2000)",
      R"(evenkeel_node_collection_bytes{node_id="3",collection="film"} 10485760)",
      R"(evenkeel_replica_spread_ratio{collection="book",replica_id="470641382500597818"} 0.56)",
      R"(evenkeel_replica_highest_ratio{collection="book",replica_id="470641382500597818"} 0.96)",
      R"(evenkeel_replica_lowest_ratio{collection="book",replica_id="470641382500597818"} 0.4)",
      R"(evenkeel_replica_imbalanced{collection="book",replica_id="470641382500597818"} 1)",
      "evenkeel_overload_threshold_ratio 0.9",
      "evenkeel_max_difference_ratio 0.3",
      "evenkeel_balance_interval_seconds 60",
      "evenkeel_auto_balance_enabled 1",
      "evenkeel_dry_run 0",
      R"(evenkeel_decisions_total{outcome="balanced",trigger="interval"} 5)",
      R"(evenkeel_decisions_total{outcome="moved",trigger="alert"} 1)",
      R"(evenkeel_decisions_total{outcome="cannot_judge",trigger="manual"} 0)",
      R"(evenkeel_round_stage_duration_seconds_sum{stage="plan"} 0.5)",
      R"(evenkeel_round_stage_duration_seconds_count{stage="plan"} 4)",
      R"(evenkeel_round_stage_duration_seconds_count{stage="act"} 0)",
      R"(evenkeel_node_health{node_id="12",address="10.0.0.12:21123",health="unreachable"} 1)",
      R"(evenkeel_node_health{node_id="12",address="10.0.0.12:21123",health="up"} 0)",
      R"(evenkeel_node_memory_unexplained_bytes{node_id="3",address="10.0.0.3:21123"} 104857600)",
      R"(evenkeel_node_memory_unexplained_highest_bytes{node_id="3",address="10.0.0.3:21123"} 125829120)",
      R"(evenkeel_node_excess_bytes{node_id="3",address="10.0.0.3:21123"} 62914560)",
      R"(evenkeel_node_excess_bytes{node_id="4",address="10.0.0.4:21123"} 0)",
      R"(evenkeel_node_unfixable{node_id="3",address="10.0.0.3:21123",urgency="overload"} 1)",
      R"(evenkeel_node_unfixable{node_id="3",address="10.0.0.3:21123",urgency="difference"} 0)",
      R"(evenkeel_node_capacity_needed_bytes{node_id="3",address="10.0.0.3:21123",urgency="overload"} 209715200)",
      R"(evenkeel_replica_state{collection="book",replica_id="470641382500597818",state="difference"} 1)",
      R"(evenkeel_replica_state{collection="film",replica_id="470641382500599999",state="cannot_judge"} 1)",
      R"(evenkeel_replica_state{collection="film",replica_id="470641382500599999",state="balanced"} 0)",
      R"(evenkeel_node_memory_growth_bytes_per_second{node_id="4",address="10.0.0.4:21123"} 200000)",
      R"(evenkeel_node_threshold_crossing_timestamp_seconds{node_id="4",address="10.0.0.4:21123",bound="likely"} 1700002620)",
      R"(evenkeel_node_threshold_crossing_timestamp_seconds{node_id="4",address="10.0.0.4:21123",bound="earliest"} 1700002100)",
      R"(evenkeel_node_threshold_crossing_timestamp_seconds{node_id="4",address="10.0.0.4:21123",bound="latest"} 1700005240)",
      "evenkeel_overload_condition 1",
      "evenkeel_difference_condition 1",
      "evenkeel_segments_set_aside 0",
      "evenkeel_stop_difference_ratio 0.15",
      "evenkeel_paused 0",
      R"(evenkeel_builtin_balancer_hold{state="held"} 1)",
      R"(evenkeel_builtin_balancer_hold{state="failed"} 0)",
      R"(evenkeel_builtin_balancer_held_by{by="etcd"} 1)",
      R"(evenkeel_builtin_balancer_held_by{by="suspend"} 0)",
      R"(evenkeel_turn{standing="acting"} 1)",
      R"(evenkeel_turn{standing="watching"} 0)",
      R"(evenkeel_turn_info{actor="keel-0"} 1)",
      "evenkeel_acting 1",
      "evenkeel_journal_writable 1",
      "evenkeel_window_open 1",
      "evenkeel_window_close_timestamp_seconds 1700003600",
      "evenkeel_next_window_timestamp_seconds 1700086400",
      R"(evenkeel_planned_bytes_total{urgency="overload"} 31457280)",
      R"(evenkeel_started_bytes_total{urgency="difference"} 0)",
      "evenkeel_moves_undone_total 2",
      "evenkeel_foreign_moves_total{direction=\"out\",node_id=\"4\"} 1",
      "evenkeel_undone_bytes_total 20971520",
      "evenkeel_in_flight_bytes 10485760",
      "evenkeel_segments_cooling_down 1",
      "evenkeel_segments_resting 1",
      R"(evenkeel_held_moves{gate="data_fresh"} 1)",
      R"(evenkeel_held_moves{gate="auto_balance"} 0)",
      R"(evenkeel_requests_total{kind="pause"} 2)",
      R"(evenkeel_requests_total{kind="alert"} 0)",
      R"(evenkeel_alerts_total{result="duplicate"} 3)",
      R"(evenkeel_alert_decision_timestamp_seconds{alertname="NodeOverloaded",fingerprint="c0ffee"} 1700000002)",
      "evenkeel_rounds_total 6",
      "evenkeel_round_duration_seconds_sum 4.25",
      "evenkeel_round_duration_seconds_count 6",
      R"(evenkeel_round_duration_seconds_bucket{le="0.1"} 0)",
      R"(evenkeel_round_duration_seconds_bucket{le="1"} 5)",
      R"(evenkeel_round_duration_seconds_bucket{le="+Inf"} 6)",
      R"(evenkeel_move_duration_seconds_bucket{result="succeeded",le="3"} 1)",
      R"(evenkeel_move_duration_seconds_sum{result="succeeded"} 2)",
      R"(evenkeel_moves_planned_total{urgency="overload"} 3)",
      R"(evenkeel_moves_started_total{urgency="overload"} 1)",
      R"(evenkeel_moves_total{result="succeeded",urgency="overload"} 1)",
      R"(evenkeel_moved_bytes_total{result="succeeded",urgency="overload"} 10485760)",
      "evenkeel_moves_in_flight 1",
      R"(evenkeel_scrapes_total{target="http://10.0.0.3:9091/metrics"} 20)",
      R"(evenkeel_scrape_failures_total{kind="connect",target="http://10.0.0.12:9091/metrics"} 4)",
      R"(evenkeel_scrape_up{target="http://10.0.0.12:9091/metrics"} 0)",
      R"(evenkeel_scrape_duration_seconds{target="http://10.0.0.3:9091/metrics"} 0.025)",
      "evenkeel_coordinator_up 1",
      "evenkeel_coordinator_calls_total 42",
      R"(evenkeel_coordinator_failures_total{kind="transport"} 2)",
      "evenkeel_last_decision_timestamp_seconds 1700000002",
      "evenkeel_last_move_timestamp_seconds 1700000005",
      R"(evenkeel_gate_open{gate="auto_balance"} 1)",
      R"(evenkeel_gate_open{gate="data_fresh"} 0)",
      "evenkeel_config_reloads_total 2",
      "evenkeel_config_reload_failures_total 1",
      "evenkeel_config_last_reload_successful 1",
      "evenkeel_config_last_reload_success_timestamp_seconds 1699990000",
  };
  for (const auto* line : expected) EXPECT_THAT(text, Contains(line));
}

TEST(Exposition, SaysWhoseMemoryStaysAndWhichCapacitiesHaveNoNode) {
  auto snapshot = example_snapshot();
  const std::string before = exposition(snapshot);
  EXPECT_THAT(before, HasSubstr("evenkeel_capacity_keys_unmatched 0\n"));
  EXPECT_THAT(
      before,
      HasSubstr("evenkeel_node_memory_stays{node_id=\"3\",address=\"10.0.0.3:21123\"} 0\n"));
  auto cluster = loop::example_cluster();
  cluster.capacity_keys_unmatched = {"7", "group:gone"};
  snapshot.cluster = std::make_shared<const rules::Cluster>(cluster);
  auto judgement = loop::example_judgement();
  judgement.nodes.front().memory_stays = true;
  snapshot.judgement = std::make_shared<const rules::Judgement>(judgement);
  const std::string after = exposition(snapshot);
  EXPECT_THAT(after, HasSubstr("evenkeel_capacity_keys_unmatched 2\n"));
  EXPECT_THAT(
      after, HasSubstr("evenkeel_node_memory_stays{node_id=\"3\",address=\"10.0.0.3:21123\"} 1\n"));
}

TEST(Exposition, SaysWhichNodesAreDrained) {
  auto snapshot = example_snapshot();
  auto judgement = loop::example_judgement();
  judgement.nodes.front().drained = true;
  snapshot.judgement = std::make_shared<const rules::Judgement>(judgement);
  const std::string text = exposition(snapshot);
  EXPECT_THAT(text,
              HasSubstr("evenkeel_node_draining{node_id=\"3\",address=\"10.0.0.3:21123\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("evenkeel_node_draining{node_id=\"4\",address=\"10.0.0.4:21123\"} 0\n"));
}

TEST(Exposition, CountsEveryOutcomeUrgencyAndResultFromZero) {
  const auto text = exposition(example_snapshot());
  EXPECT_EQ(series(text, "evenkeel_decisions_total").size(),
            loop::kOutcomes.size() * loop::kTriggers.size());
  EXPECT_EQ(series(text, "evenkeel_moves_total").size(), 16u);
  EXPECT_EQ(series(text, "evenkeel_moved_bytes_total").size(), 16u);
}

TEST(Exposition, SortsNodesByIdAsANumber) {
  const auto up = series(exposition(example_snapshot()), "evenkeel_node_up");
  ASSERT_EQ(up.size(), 3u);
  EXPECT_THAT(up[0], HasSubstr(R"(node_id="3")"));
  EXPECT_THAT(up[1], HasSubstr(R"(node_id="4")"));
  EXPECT_THAT(up[2], HasSubstr(R"(node_id="12")"));
}

TEST(Exposition, LeavesOutAMemoryFigureThatNoLongerStands) {
  const auto text = exposition(example_snapshot());
  EXPECT_THAT(text, HasSubstr(R"(evenkeel_node_up{node_id="12",address="10.0.0.12:21123"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"(evenkeel_node_sample_timestamp_seconds{node_id="12")"));
  for (const auto* family :
       {"evenkeel_node_memory_used_bytes", "evenkeel_node_memory_expected_bytes",
        "evenkeel_node_memory_ratio", "evenkeel_node_overloaded"}) {
    EXPECT_THAT(text, Not(HasSubstr(std::string(family) + R"({node_id="12")")));
  }
}

TEST(Exposition, LeavesOutWhatIsNotKnown) {
  auto cluster = loop::example_cluster();
  cluster.nodes[0].capacity = 0;
  cluster.nodes[2].sampled_at = {};
  auto snapshot = example_snapshot();
  snapshot.cluster = std::make_shared<const rules::Cluster>(cluster);
  snapshot.judgement = nullptr;
  snapshot.decisions.clear();
  snapshot.last_reload = {};
  snapshot.last_move = {};
  const auto text = exposition(snapshot);

  EXPECT_THAT(text, HasSubstr(R"(evenkeel_node_memory_used_bytes{node_id="3")"));
  EXPECT_THAT(text, Not(HasSubstr(R"(evenkeel_node_memory_capacity_bytes{node_id="3")")));
  EXPECT_THAT(text, Not(HasSubstr(R"(evenkeel_node_memory_ratio{node_id="3")")));
  EXPECT_THAT(text, Not(HasSubstr(R"(evenkeel_node_memory_used_bytes{node_id="4")")));
  EXPECT_THAT(text, Not(HasSubstr(R"(evenkeel_node_sample_timestamp_seconds{node_id="4")")));
  for (const auto* family :
       {"evenkeel_node_overloaded", "evenkeel_replica_spread_ratio", "evenkeel_gate_open",
        "evenkeel_last_decision_timestamp_seconds", "evenkeel_last_move_timestamp_seconds",
        "evenkeel_config_last_reload_success_timestamp_seconds"}) {
    EXPECT_TRUE(series(text, family).empty()) << family;
  }
}

TEST(Exposition, LeavesOutAReplicaThatCannotBeJudged) {
  const auto text = exposition(example_snapshot());
  for (const std::string figure : {"spread_ratio", "highest_ratio", "lowest_ratio", "imbalanced"}) {
    EXPECT_THAT(text, Not(HasSubstr("evenkeel_replica_" + figure + R"({collection="film")")));
  }
}

TEST(Exposition, LeavesOutTargetsThatAreReadNoMore) {
  EXPECT_THAT(exposition(example_snapshot()), Not(HasSubstr("10.0.0.99")));
}

TEST(Exposition, ExpectedMemoryIsTheUsedOneWhereNothingCorrectsIt) {
  auto snapshot = example_snapshot();
  snapshot.judgement = nullptr;
  EXPECT_THAT(lines(exposition(snapshot)),
              Contains("evenkeel_node_memory_expected_bytes"
                       R"({node_id="3",address="10.0.0.3:21123"} 996147200)"));
}

TEST(Exposition, WritesEachSeriesOnceWhateverTheClusterRepeats) {
  auto cluster = loop::example_cluster();
  cluster.nodes.push_back(cluster.nodes.front());
  cluster.collections[1].name = "book";  // as in two databases
  auto snapshot = example_snapshot();
  snapshot.cluster = std::make_shared<const rules::Cluster>(cluster);
  snapshot.targets.push_back(snapshot.targets.front());
  const auto text = exposition(snapshot);

  std::set<std::string> seen;
  for (const auto& line : lines(text)) {
    if (line.starts_with('#')) continue;
    EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << line;
  }
  EXPECT_THAT(lines(text),
              Contains(R"(evenkeel_node_collection_segments{node_id="3",collection="book"} 3)"));
}

TEST(Exposition, HasSegmentsOnlyWhereAskedForAndOfSoManyAtTheMost) {
  auto snapshot = example_snapshot();
  snapshot.per_segment = 0;
  EXPECT_THAT(exposition(snapshot), Not(HasSubstr("evenkeel_segment_")));
  EXPECT_THAT(exposition(snapshot), Not(HasSubstr("evenkeel_segments_left_out")));
  snapshot.per_segment = 3;
  const auto text = exposition(snapshot);
  EXPECT_EQ(series(text, "evenkeel_segment_bytes").size(), 3u);
  EXPECT_THAT(
      lines(text),
      Contains(R"(evenkeel_segment_rows{segment_id="1",collection="book",node_id="3"} 1000)"));
  EXPECT_THAT(lines(text), Contains("evenkeel_segments_left_out 1"));
}

TEST(Exposition, NamesACollectionByItsIdWhereItsNameIsNotKnown) {
  auto cluster = loop::example_cluster();
  cluster.collections.clear();
  auto snapshot = example_snapshot();
  snapshot.cluster = std::make_shared<const rules::Cluster>(cluster);
  EXPECT_THAT(exposition(snapshot), HasSubstr(R"(node_id="3",collection="100"})"));
}

TEST(Exposition, IsOfTheBuildAndTheProcessAloneBeforeTheFirstSnapshot) {
  const auto names = family_names(exposition(nullptr, {}));
  EXPECT_THAT(names, Contains("evenkeel_build_info"));
  EXPECT_THAT(names, Contains("process_resident_memory_bytes"));
  EXPECT_THAT(names, Not(Contains("evenkeel_rounds_total")));
}

TEST(Exposition, OfASnapshotWithoutAClusterHasNoNodes) {
  const auto text = exposition(loop::Snapshot{});
  EXPECT_THAT(text, Not(HasSubstr("evenkeel_node_")));
  EXPECT_THAT(text, HasSubstr("evenkeel_paused 0"));
}

TEST(Exposition, TellsTheBuild) {
  EXPECT_THAT(lines(exposition(nullptr, {})),
              Contains(std::string("evenkeel_build_info{version=\"") + kVersion + "\",revision=\"" +
                       kRevision + "\",compiler=\"" + kCompiler + "\"} 1"));
  EXPECT_STRNE(kRevision, "");
  EXPECT_STRNE(kVersion, "");
}

// --- promtool, which also knows the conventions of names and units
// -------------------------------------------------

struct Checked {
  int exit_code = -1;
  std::string output;
};

Checked promtool_check(const std::string& text) {
  const auto file = testing::TempDir() + "exposition-" +
                    testing::UnitTest::GetInstance()->current_test_info()->name() + ".txt";
  std::ofstream(file, std::ios::binary) << text;
  const std::string command = EVENKEEL_PROMTOOL " check metrics < '" + file + "' 2>&1";
  Checked checked;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return checked;
  std::array<char, 4096> piece{};
  while (const auto size = std::fread(piece.data(), 1, piece.size(), pipe)) {
    checked.output.append(piece.data(), size);
  }
  checked.exit_code = WEXITSTATUS(pclose(pipe));
  std::remove(file.c_str());
  return checked;
}

TEST(Promtool, FindsNothingToSay) {
  const auto checked = promtool_check(exposition(example_snapshot()));
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_EQ(checked.output, "");
}

TEST(Promtool, FindsNothingToSayBeforeTheFirstSnapshot) {
  const auto checked = promtool_check(exposition(nullptr, {}));
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_EQ(checked.output, "");
}

TEST(Promtool, ReadsNamesOfAnyBytes) {
  auto cluster = loop::example_cluster();
  cluster.collections[0].name = "a\"b\\c\nd\xff\xc3(\xed\xa0\x80 \xe4\xb9\xa6";
  cluster.collections[1].name = "\u202eshop\u200b.<b>" + std::string(255, 'x');
  cluster.nodes[0].address = std::string("nul\0in\tit", 9);
  auto snapshot = example_snapshot();
  snapshot.cluster = std::make_shared<const rules::Cluster>(cluster);
  const auto checked = promtool_check(exposition(snapshot));
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_EQ(checked.output, "");
}

TEST(Promtool, WouldSayWhatIsWrong) {
  EXPECT_NE(promtool_check("# TYPE bad_total gauge\nbad_total 1\n").exit_code, 0);
}

}  // namespace
}  // namespace evenkeel::telemetry::telemetry_test
