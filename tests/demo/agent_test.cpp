// The simulated cluster as the agent's own parts meet it, over real sockets.

#include "agent/util/asio.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "agent/demo/simulated_milvus.hpp"
#include "agent/http/client.hpp"
#include "agent/loop/agent.hpp"
#include "agent/loop/observer.hpp"
#include "agent/milvus/wrapped_coordinator.hpp"
#include "agent/scrape/scraper.hpp"
#include "agent/util/log.hpp"
#include "tests/counted.hpp"
#include "tests/demo/on_road.hpp"
#include "tests/demo/small_world.hpp"
#include "tests/demo/talk.hpp"

namespace evenkeel::demo::agent_test {
namespace {

using namespace std::chrono_literals;
using milvus::Road;
using testing::ElementsAre;
using testing::SizeIs;

// One executor with everything on it. The simulation's time passes by being looked at, a
// millisecond each.
struct Bench {
  explicit Bench(const World& world, Road road = Road::http)
      : milvus(io.get_executor(), world, [this] { return now += 1ms; }),
        on_road(road, io.get_executor(), milvus, client),
        scraper(client, {}, [this] { return clock.now(); }) {}

  asio::io_context io{1};
  std::chrono::steady_clock::time_point now{};
  SimulatedMilvus milvus;
  http::Client client{io.get_executor()};
  loop::SystemClock clock;
  OnRoad on_road;
  milvus::Coordinator& coordinator = on_road.coordinator();
  scrape::HttpScraper scraper;
};

class CoordinatorOfTheSimulation : public testing::TestWithParam<Road> {};
class ObserverOfTheSimulation : public testing::TestWithParam<Road> {};
INSTANTIATE_TEST_SUITE_P(Over, CoordinatorOfTheSimulation, milvus::roads(), milvus::road_name);
INSTANTIATE_TEST_SUITE_P(Over, ObserverOfTheSimulation, milvus::roads(), milvus::road_name);

TEST_P(CoordinatorOfTheSimulation, ReadsEverythingItAsksFor) {
  Bench bench(small_world(), GetParam());
  const auto nodes = run(bench.io, bench.coordinator.system_info());
  ASSERT_TRUE(nodes) << nodes.error().message;
  ASSERT_THAT(nodes->nodes, SizeIs(4));
  EXPECT_EQ(nodes->nodes.at(0).id, node(1));
  EXPECT_EQ(nodes->nodes.at(0).memory, 100'000'000);
  EXPECT_EQ(nodes->nodes.at(0).memory_used, 14'000'000);

  const auto collections = run(bench.io, bench.coordinator.collections("default"));
  ASSERT_TRUE(collections) << collections.error().message;
  ASSERT_THAT(*collections, SizeIs(2));
  const auto& film = collections->at(1);
  EXPECT_EQ(film.name, "film");

  const auto replicas = run(bench.io, bench.coordinator.replicas(film));
  ASSERT_TRUE(replicas) << replicas.error().message;
  ASSERT_THAT(*replicas, SizeIs(2));
  EXPECT_THAT(replicas->at(1).nodes, ElementsAre(node(3), node(4)));

  const auto segments = run(bench.io, bench.coordinator.segments(film));
  ASSERT_TRUE(segments) << segments.error().message;
  ASSERT_THAT(*segments, SizeIs(1));
  EXPECT_EQ(segments->at(0).rows, 2'000);
  EXPECT_EQ(segments->at(0).state, rules::SegmentState::sealed);
  EXPECT_THAT(segments->at(0).nodes, ElementsAre(node(1), node(3)));

  const auto row = run(bench.io, bench.coordinator.row_bytes(film));
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_GE(*row, kDimOfKilobyteRows * 4 + 8);
}

TEST_P(CoordinatorOfTheSimulation, MovesASegmentAndIsRefusedAcrossReplicas) {
  auto world = small_world();
  world.move_bytes_per_second = 1e12;
  Bench bench(world, GetParam());
  const milvus::LoadBalance move{"film", node(3), {node(4)}, {segment(11)}};
  const auto done = run(bench.io, bench.coordinator.load_balance(move));
  EXPECT_TRUE(done) << done.error().message;
  EXPECT_EQ(bench.milvus.world().collections[1].segments.at(1).node, node(4));

  const milvus::LoadBalance across{"film", node(1), {node(3)}, {segment(11)}};
  const auto refused = run(bench.io, bench.coordinator.load_balance(across));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, milvus::FailureKind::refused);
  EXPECT_THAT(refused.error().message,
              testing::HasSubstr("destination node not found in the same replica"));
}

// The second look asks again only for what has changed.
TEST_P(ObserverOfTheSimulation, AsksAgainOnlyForWhatHasChanged) {
  auto world = demo_world(1, Era::v2_6);
  world.move_bytes_per_second = 1e12;
  Bench bench(world, GetParam());
  std::uint64_t asked = 0;
  milvus::CountedCoordinator counted(bench.coordinator, [&](const milvus::Failure* failure) {
    ++asked;
    EXPECT_EQ(failure, nullptr) << failure->message;
  });
  loop::Instruments instruments;
  loop::Observer observer(
      counted, bench.scraper, [&] { return bench.clock.now(); }, instruments);
  settings::Settings settings;
  settings.scrape.targets = bench.milvus.metrics_targets();
  const auto look = [&] {
    asked = 0;
    return run(bench.io, observer.observe(settings)).cluster;
  };
  const auto first = look();
  EXPECT_TRUE(first->coordinator_complete);
  EXPECT_THAT(first->problems, testing::IsEmpty());
  EXPECT_GT(first->databases.size(), 1U);
  const std::uint64_t of_all = asked;
  const auto second = look();
  EXPECT_LT(asked, of_all - 2 * first->collections.size() + 1);
  EXPECT_EQ(second->segments.size(), first->segments.size());

  // One segment of one collection moves.
  const rules::Segment& moved = first->segments.front();
  const auto& info =
      *std::find_if(first->collections.begin(), first->collections.end(),
                    [&](const auto& collection) { return collection.id == moved.collection; });
  const auto& replica = *std::find_if(first->replicas.begin(), first->replicas.end(),
                                      [&](const auto& each) { return each.id == moved.replica; });
  const auto to = *std::find_if(replica.nodes.begin(), replica.nodes.end(),
                                [&](const auto node) { return node != moved.node; });
  const std::uint64_t of_none = asked;
  const auto done = run(
      bench.io,
      bench.coordinator.load_balance({info.own_name, moved.node, {to}, {moved.id}, info.database}));
  ASSERT_TRUE(done) << done.error().message;
  const auto third = look();
  EXPECT_EQ(asked, of_none + 2) << "its replicas and its segments";
  const auto now = std::find_if(third->segments.begin(), third->segments.end(), [&](const auto& s) {
    return s.id == moved.id && s.replica == moved.replica;
  });
  ASSERT_NE(now, third->segments.end());
  EXPECT_EQ(now->node, to);
}

TEST(ScraperOfTheSimulation, FindsEveryFigure) {
  Bench bench(small_world());
  std::vector<http::Url> targets;
  for (const auto& target : bench.milvus.metrics_targets()) {
    targets.push_back(*http::parse_url(target));
  }
  const auto results = run(bench.io, bench.scraper.scrape(targets));
  ASSERT_THAT(results, SizeIs(4));
  for (const auto& result : results) EXPECT_TRUE(result.good()) << result.failure();
  EXPECT_EQ(results[0].figures.id, node(1));
  EXPECT_EQ(results[0].figures.resident, 14'000'000);
  const auto& book = results[0].figures.collections.at(rules::CollectionId{100});
  EXPECT_EQ(book.entity_num, 2'000);
  EXPECT_EQ(book.entity_size, 2'000'000);
  EXPECT_EQ(book.segment_num, 2);
}

class AgentOnTheDemoWorld : public testing::TestWithParam<std::tuple<Era, Road>> {};

std::string era_and_road(const testing::TestParamInfo<std::tuple<Era, Road>>& info) {
  std::string name = std::string("v") + build_version(std::get<Era>(info.param));
  std::replace(name.begin(), name.end(), '.', '_');
  return name + milvus::road_name({std::get<Road>(info.param), info.index});
}

INSTANTIATE_TEST_SUITE_P(
    OfEachEra, AgentOnTheDemoWorld,
    testing::Combine(testing::Values(Era::v2_3, Era::v2_5, Era::v2_6, Era::v3_0), milvus::roads()),
    era_and_road);

// The demo's own world, with everything that takes time made short.
TEST_P(AgentOnTheDemoWorld, LevelsItAndCrossesNoReplica) {
  log::configure(log::Level::warn, log::Format::logfmt);
  auto world = demo_world(1, std::get<Era>(GetParam()));
  world.move_bytes_per_second = 1e12;
  world.lag = 5ms;
  asio::io_context io{1};
  auto milvus = std::make_unique<SimulatedMilvus>(io.get_executor(), world);
  settings::Settings settings;
  settings.milvus.address = milvus->address();
  settings.scrape.targets = milvus->metrics_targets();
  settings.scrape.interval = 20ms;
  settings.balance.interval = 1s;
  settings.balance.policy.max_moves_per_round = 100;
  settings.memory.source = "resident";  // Milvus's own figures come every seven seconds alone
  http::Client client(io.get_executor());
  loop::SystemClock clock;
  auto on_road =
      std::make_unique<OnRoad>(std::get<Road>(GetParam()), io.get_executor(), *milvus, client);
  scrape::HttpScraper scraper(client, {}, [&] { return clock.now(); });
  loop::Agent agent(io.get_executor(), {on_road->coordinator(), scraper, clock}, settings, false);
  std::size_t told = 0;
  agent.on_move([&](const loop::MoveRecord& record) {
    EXPECT_EQ(record.result, loop::MoveResult::succeeded) << record.detail;
    ++told;
  });
  agent.on_publish([&](const loop::SnapshotPtr& snapshot) {
    const auto& decisions = snapshot->decisions;
    const bool balanced =
        !decisions.empty() && decisions.front()->outcome == loop::Outcome::balanced;
    if (balanced || decisions.size() > 20) agent.stop();
  });
  World after;
  asio::co_spawn(io, agent.run(), [&](const std::exception_ptr& error) {
    EXPECT_FALSE(error);
    after = milvus->world();
    client.close_idle();
    on_road.reset();
    milvus.reset();
  });
  io.run();

  const auto last = agent.snapshot();
  ASSERT_FALSE(last->decisions.empty());
  EXPECT_EQ(last->decisions.front()->outcome, loop::Outcome::balanced);
  EXPECT_GT(told, 10U);
  EXPECT_EQ(told, tests::count_of(*agent.instruments(), "evenkeel_moves_started_total"))
      << "every move was told";
  EXPECT_LT(last->judgement->worst_spread(), 0.15 + 0.02) << "the stop mark, and noise";
  for (const auto& collection : after.collections) {
    for (const auto& replica : collection.replicas) {
      std::multiset<rules::SegmentId> held;
      for (const auto& each : collection.segments) {
        if (std::count(replica.nodes.begin(), replica.nodes.end(), each.node) > 0) {
          held.insert(each.id);
        }
      }
      std::set<rules::SegmentId> all;
      for (const auto& each : collection.segments) all.insert(each.id);
      EXPECT_EQ(held.size(), all.size()) << collection.name << ": one copy of each a replica";
    }
  }
}

}  // namespace
}  // namespace evenkeel::demo::agent_test
