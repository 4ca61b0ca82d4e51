#include "agent/util/asio.hpp"

#include "agent/loop/executor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loop/fake_cluster.hpp"

namespace evenkeel::loop::executor_test {
namespace {

using namespace std::chrono_literals;
using test::FakeCluster;
using test::kBook;
using test::kMiB;
using test::kReplica;
using test::NodeId;
using test::SegmentId;

struct ExecutorTest : testing::Test {
  ExecutorTest() {
    for (const int id : {1, 2, 3}) cluster.nodes[NodeId{id}] = {1000 * kMiB, 10 * kMiB, false};
    for (const int id : {11, 12, 13}) cluster.placed[SegmentId{id}] = {NodeId{1}, 20};
  }

  static rules::Call call(std::initializer_list<int> segments, int from, int to) {
    rules::Call made{kBook, kReplica, NodeId{from}, NodeId{to}, {}};
    for (const int id : segments) {
      rules::Move move;
      move.segment = SegmentId{id};
      move.collection = kBook;
      move.replica = kReplica;
      move.from = NodeId{from};
      move.to = NodeId{to};
      move.bytes = 20 * kMiB;
      made.moves.push_back(move);
    }
    return made;
  }

  Awaitable<std::optional<std::string>> answer(std::optional<std::string> text) {
    if (hang_in_guard) co_await clock.sleep(1h);
    co_return text;
  }

  // Runs the calls; `until` limits the virtual time.
  bool run(std::vector<rules::Call> calls, rules::Duration until = 10min) {
    ExecutorInput input;
    input.calls = std::move(calls);
    input.collection = [](rules::CollectionId id) {
      return milvus::CollectionInfo{id, "book", 100, "shop"};
    };
    input.guard = [this](rules::Call) { return answer(guard); };
    input.on_refused = [this](const rules::Call&, const std::string& reason) { refusal = reason; };
    input.on_start = [this](const rules::Call&) { flights_seen = ledger.flights().size(); };
    input.on_end = [this](const MoveRecord& record) { ended.push_back(record); };
    bool done = false;
    asio::co_spawn(io, executor.run(std::move(input), options, policy),
                   [&](const std::exception_ptr& error, std::vector<MoveRecord> moves) {
                     EXPECT_FALSE(error);
                     records = std::move(moves);
                     done = true;
                   });
    return clock.drive(io, until, [&] { return done; });
  }

  asio::io_context io{1};
  test::JumpingClock clock;
  FakeCluster cluster{clock};
  Event stopping{io.get_executor()};
  rules::Ledger ledger;
  rules::Policy policy;
  ExecutorOptions options;
  Executor executor{cluster, clock, stopping, ledger};
  std::optional<std::string> guard;
  bool hang_in_guard = false;
  std::string refusal;
  std::size_t flights_seen = 0;
  std::vector<MoveRecord> records, ended;
};

TEST_F(ExecutorTest, MovesSegmentsAndVerifiesThemInTheDistribution) {
  ASSERT_TRUE(run({call({11, 12}, 1, 2)}));
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].result, MoveResult::succeeded);
  EXPECT_EQ(records[1].result, MoveResult::succeeded);
  EXPECT_EQ(ended.size(), 2u);
  EXPECT_EQ(cluster.placed[SegmentId{11}].first, NodeId{2});
  EXPECT_EQ(cluster.placed[SegmentId{13}].first, NodeId{1});
  EXPECT_EQ(flights_seen, 2u) << "a move is in the ledger while it is under way";
  EXPECT_TRUE(ledger.flights().empty());
  ASSERT_NE(ledger.history({SegmentId{11}, kReplica}), nullptr);
  EXPECT_EQ(ledger.history({SegmentId{11}, kReplica})->last_from, NodeId{1});
}

TEST_F(ExecutorTest, NamesCollectionSourceDestinationAndSegmentsInTheCall) {
  ASSERT_TRUE(run({call({12}, 1, 3)}));
  ASSERT_EQ(cluster.calls.size(), 1u);
  EXPECT_EQ(cluster.calls[0].collection, "book");
  EXPECT_EQ(cluster.calls[0].database, "shop");
  EXPECT_EQ(cluster.calls[0].source, NodeId{1});
  EXPECT_EQ(cluster.calls[0].destinations, std::vector{NodeId{3}});
  EXPECT_EQ(cluster.calls[0].segments, std::vector{SegmentId{12}});
}

TEST(CollectionInfoOf, IsItsOwnNameInItsDatabase) {
  rules::Cluster cluster;
  cluster.collections = {{.id = rules::CollectionId{8},
                          .name = "shop.book",
                          .complete = true,
                          .problem = "",
                          .database = "shop",
                          .own_name = "book"}};
  const auto info = collection_info(cluster, rules::CollectionId{8});
  EXPECT_EQ(info.name, "book");
  EXPECT_EQ(info.database, "shop");
  EXPECT_EQ(info.id, rules::CollectionId{8});
  EXPECT_EQ(collection_info(cluster, rules::CollectionId{9}).name, "");
}

TEST_F(ExecutorTest, ADestinationThatIsReadOnlyRestsAndTheSegmentIsNotToBlame) {
  cluster.reply = FakeCluster::Reply::refuse;
  cluster.refusal = {.kind = milvus::FailureKind::refused,
                     .message = "node state unexpected[node=2][state=node becomes ro node]",
                     .code = milvus::kCodeNodeStateUnexpected};
  ASSERT_TRUE(run({call({11}, 1, 2)}));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].result, MoveResult::failed);
  EXPECT_TRUE(ledger.destination_rests(NodeId{2}, clock.now()));
  EXPECT_EQ(ledger.history({SegmentId{11}, kReplica}), nullptr);
  EXPECT_TRUE(ledger.flights().empty());
}

// The proxy retries for 53 s, then says 103; by then no list has its segments.
TEST_F(ExecutorTest, ACollectionThatIsReleasedEndsItsOwnMovesAlone) {
  cluster.reply = FakeCluster::Reply::refuse;
  cluster.refusal = {.kind = milvus::FailureKind::not_loaded,
                     .message = "collection not fully loaded",
                     .code = milvus::kCodeCollectionNotFullyLoaded};
  cluster.before_move = [&] { cluster.lists_nothing = true; };
  cluster.after_refusal = [&] {
    cluster.reply = FakeCluster::Reply::obey;
    cluster.before_move = nullptr;
  };
  rules::Call other = call({13}, 1, 3);
  other.collection = rules::CollectionId{8};
  // The other collection's list is there again when it is asked for.
  cluster.before_call = [&](const std::string& what) {
    if (what == "replicas") cluster.lists_nothing = false;
  };
  ASSERT_TRUE(run({call({11}, 1, 2), call({12}, 1, 2), other}));
  ASSERT_EQ(records.size(), 2u) << "its second call is not sent, the other collection's is";
  EXPECT_EQ(records[0].result, MoveResult::gone);
  EXPECT_EQ(records[1].move.segment, SegmentId{13});
  EXPECT_EQ(records[1].result, MoveResult::succeeded);
  EXPECT_EQ(cluster.calls.size(), 2u);
}

// Milvus answers {} when its own two minutes for a task run out, too.
TEST_F(ExecutorTest, AnAnswerOfDoneIsNotBelievedWhereTheSegmentStayed) {
  cluster.reply = FakeCluster::Reply::half;  // "done", with the first segment alone
  ASSERT_TRUE(run({call({11, 12}, 1, 2)}));
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].result, MoveResult::failed);
  EXPECT_NE(records[1].detail.find("answered as done"), std::string::npos) << records[1].detail;
}

TEST_F(ExecutorTest, Trap01AnErrorDoesNotMeanThatNothingHappened) {
  cluster.reply = FakeCluster::Reply::error_but_moves;
  ASSERT_TRUE(run({call({11}, 1, 2), call({12}, 1, 3)}));
  ASSERT_EQ(records.size(), 2u)
      << "the first call moved its segment, so the second is sent as planned";
  EXPECT_EQ(records[0].result, MoveResult::succeeded);
  EXPECT_EQ(records[1].result, MoveResult::succeeded);
}

TEST_F(ExecutorTest, ARefusedCallFailsOnceTheDistributionHasHadItsTime) {
  cluster.reply = FakeCluster::Reply::refuse;
  const auto before = clock.now();
  ASSERT_TRUE(run({call({11}, 1, 2), call({12}, 1, 3)}));
  ASSERT_EQ(records.size(), 1u) << "the round stops at the first move that did not succeed";
  EXPECT_EQ(records[0].result, MoveResult::failed);
  EXPECT_NE(records[0].detail.find("not enough memory"), std::string::npos) << records[0].detail;
  EXPECT_GE(clock.now() - before, options.refused_timeout);
  EXPECT_EQ(cluster.calls.size(), 1u);
  EXPECT_EQ(ledger.history({SegmentId{11}, kReplica})->failures, 1);
}

TEST_F(ExecutorTest, ACallWithoutAnAnswerIsWatchedUntilItTakesEffect) {
  cluster.reply = FakeCluster::Reply::obey_late;
  cluster.before_move = [&] {
    asio::co_spawn(
        io,
        [this]() -> Awaitable<void> {
          co_await clock.sleep(30s);
          cluster.move(cluster.calls.back(), 1);
        },
        asio::detached);
  };
  ASSERT_TRUE(run({call({11}, 1, 2)}));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].result, MoveResult::succeeded);
}

TEST_F(ExecutorTest, AMoveStillOnBothNodesAtTheDeadlineIsUnknownAndStaysInFlight) {
  cluster.reply = FakeCluster::Reply::obey_late;
  cluster.before_move = [&] { cluster.put_in_transit(SegmentId{11}, NodeId{2}); };
  ASSERT_TRUE(run({call({11}, 1, 2)}));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].result, MoveResult::unknown);
  ASSERT_EQ(ledger.flights().size(), 1u);
  EXPECT_EQ(ledger.flights()[0].to, NodeId{2});
}

TEST_F(ExecutorTest, HalfAnAnswerIsToldApartSegmentBySegment) {
  cluster.reply = FakeCluster::Reply::half;
  ASSERT_TRUE(run({call({11, 12}, 1, 2)}));
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].result, MoveResult::succeeded);
  EXPECT_EQ(records[1].result, MoveResult::failed);
}

TEST_F(ExecutorTest, Trap07ASegmentThatCompactionRemovedIsGoneNotFailed) {
  cluster.reply = FakeCluster::Reply::obey_late;
  cluster.before_move = [&] { cluster.placed.erase(SegmentId{11}); };
  ASSERT_TRUE(run({call({11}, 1, 2)}));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].result, MoveResult::gone);
  EXPECT_TRUE(ledger.flights().empty());
  const auto* history = ledger.history({SegmentId{11}, kReplica});
  EXPECT_TRUE(history == nullptr || history->failures == 0);
}

TEST_F(ExecutorTest, Trap19ACoordinatorThatListsNothingIsNotTakenAtItsWord) {
  cluster.reply = FakeCluster::Reply::error_but_moves;
  cluster.before_move = [this] { cluster.lists_nothing = true; };
  ASSERT_TRUE(run({call({11}, 1, 2)}));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].result, MoveResult::unknown);
  EXPECT_EQ(ledger.flights().size(), 1u) << "until the query coordinator knows its segments again";
}

TEST_F(ExecutorTest, ACollectionDroppedDuringAMoveMeansItsSegmentsAreGone) {
  cluster.reply = FakeCluster::Reply::obey_late;
  cluster.before_move = [&] { cluster.collection_dropped = true; };
  ASSERT_TRUE(run({call({11, 12}, 1, 2)}));
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].result, MoveResult::gone);
  EXPECT_EQ(records[1].result, MoveResult::gone);
}

TEST_F(ExecutorTest, NothingIsSentWhereASegmentIsNoLongerWhereThePlanSawIt) {
  cluster.placed[SegmentId{11}].first = NodeId{3};
  ASSERT_TRUE(run({call({11}, 1, 2), call({12}, 1, 2)}));
  EXPECT_TRUE(records.empty());
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_NE(refusal.find("segment 11"), std::string::npos) << refusal;
}

TEST_F(ExecutorTest, NothingIsSentToANodeThatLeftTheReplica) {
  cluster.outside_replica.insert(NodeId{2});
  ASSERT_TRUE(run({call({11}, 1, 2)}));
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_NE(refusal.find("node 2 left replica"), std::string::npos) << refusal;
}

TEST_F(ExecutorTest, NothingIsSentToANodeThatAnotherIsFilling) {
  cluster.put_in_transit(SegmentId{13}, NodeId{2});
  ASSERT_TRUE(run({call({11}, 1, 2)}));
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_THAT(refusal, testing::HasSubstr("node 2 is taking segment 13 by another's hand"));
  ASSERT_TRUE(run({call({11}, 1, 3)}));
  EXPECT_EQ(cluster.calls.size(), 1U) << "node 3 takes nothing";
}

TEST_F(ExecutorTest, NothingIsSentWhereTheGuardObjects) {
  guard = "node 2 is dead";
  ASSERT_TRUE(run({call({11}, 1, 2)}));
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_EQ(refusal, "node 2 is dead");
  EXPECT_TRUE(ledger.flights().empty());
}

TEST_F(ExecutorTest, NothingIsSentWhileTheCoordinatorDoesNotAnswer) {
  cluster.coordinator_down = true;
  ASSERT_TRUE(run({call({11}, 1, 2)}));
  EXPECT_TRUE(cluster.calls.empty());
}

TEST_F(ExecutorTest, ACoordinatorThatDiesDuringAMoveLeavesItUnknown) {
  cluster.reply = FakeCluster::Reply::obey_late;
  cluster.before_move = [&] { cluster.coordinator_down = true; };
  ASSERT_TRUE(run({call({11}, 1, 2)}));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].result, MoveResult::unknown);
  EXPECT_EQ(ledger.flights().size(), 1u);
}

TEST_F(ExecutorTest, StoppingDuringAMoveRecordsItAsUnknownWithinFiveSeconds) {
  cluster.reply = FakeCluster::Reply::hang;
  rules::TimePoint stopped_at{};
  asio::co_spawn(
      io,
      [&]() -> Awaitable<void> {
        co_await clock.sleep(10s);
        stopped_at = clock.now();
        stopping.set();
      },
      asio::detached);
  ASSERT_TRUE(run({call({11}, 1, 2), call({12}, 1, 2)}));
  EXPECT_LT(clock.now() - stopped_at, 5s);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].result, MoveResult::unknown);
  EXPECT_EQ(cluster.calls.size(), 1u) << "no new call is sent";
}

TEST_F(ExecutorTest, StoppingDoesNotWaitForAGuardThatHangs) {
  hang_in_guard = true;
  asio::co_spawn(
      io,
      [&]() -> Awaitable<void> {
        co_await clock.sleep(1s);
        stopping.set();
      },
      asio::detached);
  ASSERT_TRUE(run({call({11}, 1, 2)}, 5s));
  EXPECT_TRUE(cluster.calls.empty());
  EXPECT_TRUE(records.empty());
}

TEST_F(ExecutorTest, StoppingLetsACallThatIsAboutToEndEnd) {
  cluster.move_time = 3s;
  asio::co_spawn(
      io,
      [&]() -> Awaitable<void> {
        co_await clock.sleep(2s);
        stopping.set();
      },
      asio::detached);
  ASSERT_TRUE(run({call({11}, 1, 2), call({12}, 1, 2)}));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].result, MoveResult::succeeded);
}

TEST(Sight, TellsTheFiveCasesApart) {
  milvus::SegmentInfo segment;
  segment.id = SegmentId{11};
  const std::vector replica{NodeId{1}, NodeId{2}, NodeId{3}};
  const auto seen_on = [&](std::vector<NodeId> nodes) {
    segment.nodes = std::move(nodes);
    return sight({segment}, SegmentId{11}, NodeId{1}, NodeId{2}, replica);
  };
  EXPECT_EQ(seen_on({NodeId{2}}), Sighting::landed);
  EXPECT_EQ(seen_on({NodeId{1}}), Sighting::on_source);
  EXPECT_EQ(seen_on({NodeId{1}, NodeId{2}}), Sighting::in_transit);
  EXPECT_EQ(seen_on({NodeId{3}}), Sighting::elsewhere);
  EXPECT_EQ(seen_on({NodeId{9}}), Sighting::gone) << "only another replica's copy is left";
  EXPECT_EQ(seen_on({}), Sighting::gone);
  EXPECT_EQ(sight({}, SegmentId{11}, NodeId{1}, NodeId{2}, replica), Sighting::gone);
}

}  // namespace
}  // namespace evenkeel::loop::executor_test
