// `evenkeel drain` and `undrain`: what they ask for, what they wait for, and what they say.

#include "tests/cli/served_agent.hpp"
#include "tests/http/scripted_server.hpp"

namespace evenkeel::cli::drain_test {
namespace {

using rules::NodeId;
using testing::HasSubstr;

class DrainVerb : public ServedAgent {
 protected:
  // Node 3 has two segments of 100 MiB, node 4 has none.
  loop::Snapshot two_nodes() {
    auto snapshot = level();
    auto cluster = loop::example_cluster();
    cluster.nodes.erase(cluster.nodes.begin() + 1);
    cluster.replicas[0].nodes = {NodeId{3}, NodeId{4}};
    cluster.segments.resize(1, cluster.segments.front());
    cluster.segments.push_back(cluster.segments.front());
    cluster.segments.back().id = rules::SegmentId{2};
    for (auto& segment : cluster.segments) segment.bytes = 100 * loop::kMiB;
    snapshot.cluster = std::make_shared<const rules::Cluster>(std::move(cluster));
    return snapshot;
  }
  Said drain_said(std::int64_t node, const std::string& timeout = "30m") {
    return said([&] {
      return drain({.agent = agent(), .node = node, .timeout = timeout, .reason = "a rollout"});
    });
  }
};

TEST_F(DrainVerb, IsDoneOnceTheNodeIsEmpty) {
  publish(two_nodes());
  serve();
  const auto drained = drain_said(4);
  EXPECT_EQ(drained.code, kDone) << drained.errors;
  EXPECT_THAT(drained.output, HasSubstr("Node 4 is drained: it takes no segments until "
                                        "`evenkeel undrain 4`, also after a restart"));
  EXPECT_THAT(drained.output, HasSubstr("Node 4 is empty after 0 s"));
  ASSERT_EQ(control_.drains.size(), 1U);
  EXPECT_EQ(control_.drains[0].reason, "a rollout");
}

// A Milvus that answers the switch of a node, and what it was asked.
class SwitchedMilvus {
 public:
  explicit SwitchedMilvus(std::string reply)
      : server_([this, reply = std::move(reply)](auto& peer, int) {
          auto request = peer.read_request();
          asked_ = request.substr(0, request.find(' ', 6)) + " " +
                   request.substr(request.find("\r\n\r\n") + 4);
          peer.write(reply);
        }) {}

  [[nodiscard]] std::string address() const { return server_.url("").str(); }
  [[nodiscard]] const std::string& asked() const { return asked_; }

 private:
  std::string asked_;
  tests::ScriptedServer server_;
};

TEST_F(DrainVerb, SuspendsTheEmptyNodeInMilvus) {
  publish(two_nodes());
  serve();
  const SwitchedMilvus milvus(tests::answer(R"({"msg": "OK"})"));
  auto agent_and_milvus = agent();
  agent_and_milvus.common.milvus_address = milvus.address();
  const auto drained =
      said([&] { return drain({.agent = agent_and_milvus, .node = 4, .suspend = true}); });
  EXPECT_EQ(drained.code, kDone) << drained.errors;
  EXPECT_EQ(milvus.asked(), "POST /management/querycoord/node/suspend node_id=4");
  EXPECT_THAT(drained.output, HasSubstr("Milvus suspended node 4: it gives it nothing until "
                                        "`evenkeel undrain 4 --resume`"));
}

TEST_F(DrainVerb, SaysThatMilvusDidNotSuspendIt) {
  publish(two_nodes());
  serve();
  const SwitchedMilvus milvus(tests::answer("404 page not found", 404));
  auto agent_and_milvus = agent();
  agent_and_milvus.common.milvus_address = milvus.address();
  const auto drained =
      said([&] { return drain({.agent = agent_and_milvus, .node = 4, .suspend = true}); });
  EXPECT_EQ(drained.code, kFailed);
  EXPECT_THAT(drained.output, HasSubstr("Node 4 is empty"));
  EXPECT_THAT(drained.errors, HasSubstr("node 4 is empty, but it is not known to be suspended: "
                                        "POST http://127.0.0.1:"));
  EXPECT_THAT(drained.errors, HasSubstr("404"));
}

TEST_F(DrainVerb, IsNotSuspendedBeforeItIsEmpty) {
  publish(two_nodes());
  serve();
  const SwitchedMilvus milvus(tests::answer(R"({"msg": "OK"})"));
  auto agent_and_milvus = agent();
  agent_and_milvus.common.milvus_address = milvus.address();
  const auto drained = said([&] {
    return drain({.agent = agent_and_milvus, .node = 3, .timeout = "0s", .suspend = true});
  });
  EXPECT_EQ(drained.code, kFailed);
  EXPECT_EQ(milvus.asked(), "");
}

TEST_F(DrainVerb, ATimeoutSaysWhatHoldsOnAndHowToUndoIt) {
  publish(two_nodes());
  serve();
  const auto drained = drain_said(3, "0s");
  EXPECT_EQ(drained.code, kFailed);
  EXPECT_THAT(drained.output, HasSubstr("moved 0 (0 B), 2 segments (200.0 MiB) are left on it"));
  EXPECT_THAT(drained.output, HasSubstr("  waits: no round has been made since\n"));
  EXPECT_THAT(drained.errors, HasSubstr("not empty within 0 s; the agent goes on emptying node 3. "
                                        "`evenkeel undrain 3` ends that"));
}

TEST_F(DrainVerb, AnInterruptSaysTheSame) {
  publish(two_nodes());
  serve();
  const PendingInterrupt interrupt;
  const auto drained = drain_said(3);
  EXPECT_EQ(drained.code, kFailed);
  EXPECT_THAT(drained.errors, HasSubstr("interrupted; the agent goes on emptying node 3"));
}

TEST_F(DrainVerb, NoticesThatSomebodyEndedIt) {
  publish(two_nodes());  // the drain is in the answer to the request alone
  serve();
  const auto drained = drain_said(3);
  EXPECT_EQ(drained.code, kFailed);
  EXPECT_THAT(drained.errors, HasSubstr("node 3 is no longer drained: somebody ended that"));
}

TEST_F(DrainVerb, ANodeThatIsNotThereIsRefused) {
  publish(two_nodes());
  serve();
  const auto drained = drain_said(99);
  EXPECT_EQ(drained.code, kFailed);
  EXPECT_EQ(drained.output, "");
  EXPECT_THAT(drained.errors, HasSubstr("status 422: node: there is no query node 99"));
}

TEST_F(DrainVerb, AWrongTimeoutIsRefused) {
  publish(two_nodes());
  serve();
  const auto drained = drain_said(3, "soon");
  EXPECT_EQ(drained.code, kUsage);
  EXPECT_THAT(drained.errors, HasSubstr("--timeout: "));
  EXPECT_TRUE(control_.drains.empty());
}

TEST_F(DrainVerb, UndrainEndsIt) {
  auto snapshot = two_nodes();
  rules::Ledger ledger;
  ledger.drains().begin(NodeId{3}, {snapshot.at, "ann", "a rollout", snapshot.at});
  snapshot.ledger = std::make_shared<const rules::Ledger>(std::move(ledger));
  publish(std::move(snapshot));
  serve();
  EXPECT_THAT(said([&] { return status({.agent = agent()}); }).output,
              HasSubstr("node 3 is DRAINED since 2023-11-14 22:13:26 UTC by ann, 2 segments (200.0 "
                        "MiB) are left on it: a rollout\n"));
  const auto undrained = said([&] { return undrain({.agent = agent(), .node = 3}); });
  EXPECT_EQ(undrained.code, kDone) << undrained.errors;
  EXPECT_EQ(undrained.output, "Node 3 takes segments again, as the next rounds see fit.\n");
  ASSERT_EQ(control_.drains.size(), 1U);
  EXPECT_FALSE(control_.drains[0].drained);
  const SwitchedMilvus milvus(tests::answer(R"({"msg": "OK"})"));
  auto agent_and_milvus = agent();
  agent_and_milvus.common.milvus_address = milvus.address();
  const auto resumed =
      said([&] { return undrain({.agent = agent_and_milvus, .node = 3, .resume = true}); });
  EXPECT_EQ(resumed.code, kDone) << resumed.errors;
  EXPECT_THAT(resumed.output, HasSubstr("Milvus resumed it."));
  EXPECT_EQ(milvus.asked(), "POST /management/querycoord/node/resume node_id=3");
  const auto again = said([&] { return undrain({.agent = agent(), .node = 4}); });
  EXPECT_EQ(again.code, kFailed);
  EXPECT_THAT(again.errors, HasSubstr("node 4 is not drained"));
}

}  // namespace
}  // namespace evenkeel::cli::drain_test
