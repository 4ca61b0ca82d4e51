// A coordinator that lists its collections and then leaves every question about them unanswered.

#include <gmock/gmock.h>

#include "tests/loop/agent_fixture.hpp"

namespace evenkeel::test::hanging_coordinator_test {
namespace {

using testing::Contains;
using testing::HasSubstr;

// Collections besides "book", on the same nodes, and time-outs as a client has them.
class HangingCluster final : public milvus::Coordinator {
 public:
  HangingCluster(FakeCluster& other, loop::Clock& clock, rules::Duration timeout)
      : other_(other), clock_(clock), timeout_(timeout) {}

  bool hangs = false;
  int more = 0;  // collections
  int unanswered = 0;

  Awaitable<milvus::Result<milvus::SystemInfo>> system_info() override {
    return other_.system_info();
  }
  Awaitable<milvus::Result<milvus::Databases>> databases() override { return other_.databases(); }
  Awaitable<milvus::Result<std::vector<milvus::CollectionInfo>>> collections(
      const std::string& database) override {
    auto listed = co_await other_.collections(database);
    for (int i = 0; listed && i < more; ++i) {
      listed->push_back({rules::CollectionId{100 + i}, "more" + std::to_string(i)});
    }
    co_return listed;
  }
  Awaitable<milvus::Result<std::vector<milvus::ReplicaInfo>>> replicas(
      const milvus::CollectionInfo& collection) override {
    if (hangs) {
      ++unanswered;
      co_await clock_.sleep(timeout_);
      co_return tl::unexpected(milvus::Failure{
          .kind = milvus::FailureKind::transport, .message = "no answer", .timed_out = true});
    }
    if (collection.id != kBook) co_return std::vector<milvus::ReplicaInfo>{};
    co_return co_await other_.replicas(collection);
  }
  Awaitable<milvus::Result<std::vector<milvus::SegmentInfo>>> segments(
      const milvus::CollectionInfo& collection) override {
    if (collection.id != kBook) co_return std::vector<milvus::SegmentInfo>{};
    co_return co_await other_.segments(collection);
  }
  Awaitable<milvus::Result<Bytes>> row_bytes(const milvus::CollectionInfo& collection) override {
    return other_.row_bytes(collection);
  }
  Awaitable<milvus::Result<void>> load_balance(const milvus::LoadBalance& request) override {
    return other_.load_balance(request);
  }

 private:
  FakeCluster& other_;
  loop::Clock& clock_;
  rules::Duration timeout_;
};

struct HangingCoordinator : AgentTest {
  HangingCoordinator() {
    settings.balance.auto_balance = false;
    hanging.more = 200;
  }
  ~HangingCoordinator() override {
    if (!agent) return;
    agent->stop();
    EXPECT_TRUE(clock.drive(io, 10s, [this] { return ended; }));
    agent.reset();
  }
  HangingCoordinator(const HangingCoordinator&) = delete;
  HangingCoordinator& operator=(const HangingCoordinator&) = delete;
  void start_it() {
    agent = std::make_unique<loop::Agent>(io.get_executor(), loop::Parts{hanging, cluster, clock},
                                          settings, false);
    asio::co_spawn(io, agent->run(), [this](const std::exception_ptr&) { ended = true; });
  }
  [[nodiscard]] rules::Duration oldest_sample() const {
    const auto snapshot = agent->snapshot();
    rules::Duration oldest{};
    for (const auto& node : snapshot->cluster->nodes) {
      oldest = std::max<rules::Duration>(oldest, clock.now() - node.sampled_at);
    }
    return oldest;
  }
  HangingCluster hanging{cluster, clock, settings.milvus.timeout};
};

TEST_F(HangingCoordinator, IsAskedNoMoreThanAFewTimesALook) {
  start_it();
  pass(2min);
  hanging.hangs = true;
  pass(10min);
  EXPECT_GT(hanging.unanswered, 0);
  EXPECT_LE(hanging.unanswered, 4 * 60)
      << "of 201 collections four a look, which takes ten seconds";
}

TEST_F(HangingCoordinator, IsSaidToBeDownAndNodesStayFresh) {
  start_it();
  pass(2min);
  EXPECT_TRUE(agent->snapshot()->coordinator_up);
  hanging.hangs = true;
  pass(1min);
  for (int i = 0; i < 60; ++i) {
    pass(10s);
    EXPECT_LE(oldest_sample(), settings.scrape.interval + 1s);
    EXPECT_FALSE(agent->snapshot()->coordinator_up);
    EXPECT_EQ(agent->unwell(), "");
  }
  const auto problems = rules::texts(agent->snapshot()->cluster->problems);
  EXPECT_THAT(problems, Contains(HasSubstr("questions in a row without an answer")));
  EXPECT_LE(problems.size(), 8U) << "not one for each collection";
}

TEST_F(HangingCoordinator, IsBelievedAgainWhenItAnswersAgain) {
  start_it();
  pass(2min);
  hanging.hangs = true;
  pass(3min);
  hanging.hangs = false;
  pass(2min);
  EXPECT_TRUE(agent->snapshot()->coordinator_up);
  EXPECT_TRUE(agent->snapshot()->cluster->problems.empty());
}

// An answer that takes longer than the scrape interval, each time, and is whole.
TEST_F(HangingCoordinator, ASlowOneKeepsNobodyFromTheNodes) {
  settings.milvus.timeout = 60s;
  hanging.more = 0;
  int slow = 0;
  start_it();
  pass(2min);
  cluster.node_list_delay = 40s;
  for (int i = 0; i < 60; ++i) {
    pass(10s);
    if (clock.now() - agent->snapshot()->cluster->observed_at > 20s) ++slow;
    EXPECT_LE(oldest_sample(), settings.scrape.interval + 1s);
    EXPECT_TRUE(agent->snapshot()->coordinator_up);
  }
  EXPECT_GT(slow, 5) << "looks did take long";
}

}  // namespace
}  // namespace evenkeel::test::hanging_coordinator_test
