// The lists that only some versions have: where each is asked for, and what stands in for it.
#include "tests/milvus/coordinator_fixture.hpp"
#include "tests/milvus/samples.hpp"

namespace evenkeel::milvus::coordinator_lists_test {
namespace {

using evenkeel::tests::always;
using evenkeel::tests::answer;
using evenkeel::tests::ScriptedServer;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

const std::string kDatabases = "/api/v1/_db/list";
const std::string kRest = "/v2/vectordb/databases/list";

class CoordinatorLists : public CoordinatorTest {
 protected:
  Databases databases() {
    const auto result = run(coordinator_->databases());
    if (!result) throw std::runtime_error(result.error().message);
    return *result;
  }
};

TEST_F(CoordinatorLists, EachIsAskedForWhereItIs) {
  const auto of = [](const char* name) { return exchange(name).answer; };
  serve_each(
      {{"/api/v1/_qc/replica", of("auth-root/webui-_qc_replica.txt")},
       {"/api/v1/_qc/resource_group", of("auth-root/webui-_qc_resource_group.txt")},
       {"/api/v1/_qn/segments", of("auth-root/webui-_qn_segments.txt")},
       {"/api/v1/_qc/segments?in=qc", of("auth-root/webui-_qc_segments_in_qc.txt")},
       {"/management/querycoord/balance/status", of("management/balance-status-suspended.txt")}});
  EXPECT_EQ(run(coordinator_->replica_roles())->size(), 2U);
  EXPECT_EQ(request_line(), "GET /api/v1/_qc/replica HTTP/1.1");
  EXPECT_EQ(request_header("Content-Type"), "") << "there is no body";
  EXPECT_EQ(run(coordinator_->resource_groups())->size(), 1U);
  EXPECT_EQ(run(coordinator_->segment_sizes())->size(), 10U);
  EXPECT_EQ(run(coordinator_->segment_channels())->size(), 10U);
  EXPECT_FALSE(*run(coordinator_->balancer_active()));
}

TEST_F(CoordinatorLists, TheBalancerIsSwitchedAsRealServersWantIt) {
  serve(exchange("management/balance-suspend.txt").answer);
  EXPECT_TRUE(run(coordinator_->switch_balancer({.on = false})));
  EXPECT_EQ(request_line(), "POST /management/querycoord/balance/suspend HTTP/1.1");
  EXPECT_TRUE(run(coordinator_->switch_balancer({.on = true})));
  EXPECT_EQ(request_line(), "POST /management/querycoord/balance/resume HTTP/1.1");
  const int sent = times();
  EXPECT_FALSE(run(coordinator_->switch_balancer({.on = true, .may_send = [] { return false; }})));
  EXPECT_EQ(times(), sent);
}

TEST_F(CoordinatorLists, ANodeIsSwitchedAsRealServersWantIt) {
  const auto suspend = exchange("management/node-suspend.txt");
  serve(suspend.answer);
  EXPECT_TRUE(run(coordinator_->switch_node({.node = rules::NodeId{12}, .on = false})));
  EXPECT_EQ(request_line(), "POST " + suspend.path + " HTTP/1.1");
  EXPECT_EQ(request_text(), suspend.body);
  EXPECT_EQ(request_header("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_TRUE(run(coordinator_->switch_node({.node = rules::NodeId{12}, .on = true})));
  EXPECT_EQ(request_line(), "POST " + exchange("management/node-resume.txt").path + " HTTP/1.1");
  serve("404 page not found", 404);
  EXPECT_EQ(failure_of(coordinator_->switch_node({.node = rules::NodeId{12}})).kind,
            FailureKind::unsupported);
}

TEST_F(CoordinatorLists, OfAnOlderVersionAreUnsupportedAndNotAskedForAgainAndAgain) {
  serve("404 page not found", 404);
  const auto expect_unsupported = [](const Failure& failure) {
    EXPECT_EQ(failure.kind, FailureKind::unsupported) << failure.message;
    EXPECT_THAT(failure.message,
                EndsWith("HTTP 404: this version of Milvus does not have this list"));
  };
  for (int i = 0; i < 3; ++i) {
    expect_unsupported(failure_of(coordinator_->replica_roles()));
    expect_unsupported(failure_of(coordinator_->resource_groups()));
    expect_unsupported(failure_of(coordinator_->segment_sizes()));
    expect_unsupported(failure_of(coordinator_->segment_channels()));
    expect_unsupported(failure_of(coordinator_->balancer_active()));
  }
  EXPECT_EQ(times(), 5) << "each once";
  now_ += minutes(5);
  expect_unsupported(failure_of(coordinator_->segment_sizes()));
  EXPECT_EQ(times(), 6) << "Milvus may have been upgraded";
}

TEST_F(CoordinatorLists, ThatANodeHoldsUpAreRefusedWithItsWords) {
  serve(R"({"message":"failed to get segments: node 3 is offline"})", 500);
  const auto failure = failure_of(coordinator_->segment_sizes());
  EXPECT_EQ(failure.kind, FailureKind::refused);
  EXPECT_THAT(failure.message,
              HasSubstr("HTTP 500: Milvus answered: failed to get segments: node 3 is offline"));
  EXPECT_FALSE(run(coordinator_->segment_sizes()));
  EXPECT_EQ(times(), 2) << "it is there, so it is asked for again";
}

TEST_F(CoordinatorLists, OverSixtyFourMebibytesAreNotRead) {
  options_.timeout = seconds(20);
  serve_script([](auto& peer, int) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\n[");
    peer.hang();
  });
  EXPECT_THAT(failure_of(coordinator_->segment_sizes()).message,
              HasSubstr("over the 64 MiB taken"));
}

TEST_F(CoordinatorLists, WithoutAListOfDatabasesThereMayBeOthers) {
  serve("404 page not found", 404);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(databases().names, ElementsAre("default"));
    EXPECT_FALSE(databases().all);
  }
  EXPECT_EQ(times(kDatabases), 1);
  now_ += minutes(5);
  EXPECT_FALSE(databases().all);
  EXPECT_EQ(times(kDatabases), 2);
}

TEST_F(CoordinatorLists, DatabasesThatCannotBeReadAreNotTakenForDefault) {
  serve(R"({"message":"no rootcoord"})", 500);
  EXPECT_EQ(failure_of(coordinator_->databases()).kind, FailureKind::refused);
  serve("<html>");
  EXPECT_EQ(failure_of(coordinator_->databases()).kind, FailureKind::malformed);
}

// As 2.4 has it: the list is on another port alone.
TEST_F(CoordinatorLists, DatabasesComeFromTheRestAddress) {
  std::string asked;
  ScriptedServer rest([&asked](auto& peer, int) {
    asked = peer.read_request();
    peer.write(answer(R"({"code":0,"data":["shop","default"]})"));
  });
  options_.rest = rest.url();
  serve("404 page not found", 404);
  EXPECT_THAT(databases().names, ElementsAre("default", "shop"));
  EXPECT_TRUE(databases().all);
  EXPECT_THAT(asked, testing::StartsWith("POST " + kRest + " HTTP/1.1\r\n"));
  EXPECT_THAT(asked, EndsWith("\r\n\r\n{}"));
}

TEST_F(CoordinatorLists, TheRestAddressIsNotAskedWhereItIsNotNeeded) {
  ScriptedServer rest(always(answer("{}")));
  options_.rest = rest.url();
  serve_each({{kDatabases, R"({"db_names":["default"]})"}});
  EXPECT_THAT(databases().names, ElementsAre("default"));
  EXPECT_EQ(rest.connections(), 0);
}

TEST_F(CoordinatorLists, ARestAddressThatHasNoListIsUnsupported) {
  ScriptedServer rest(always(answer("404 page not found", 404)));
  options_.rest = rest.url();
  serve("404 page not found", 404);
  const auto failure = failure_of(coordinator_->databases());
  EXPECT_EQ(failure.kind, FailureKind::unsupported);
  EXPECT_THAT(failure.message, HasSubstr("POST " + rest.url(kRest).str() + ": HTTP 404"));
}

}  // namespace
}  // namespace evenkeel::milvus::coordinator_lists_test
