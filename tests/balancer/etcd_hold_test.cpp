// The hold of Milvus's own balancer, against a real etcd.
#include "agent/balancer/etcd_hold.hpp"

#include <gmock/gmock.h>

#include <memory>

#include "agent/util/base64.hpp"
#include "tests/etcd/etcd_fixture.hpp"
#include "tests/web/secrets.hpp"

namespace evenkeel::balancer::etcd_hold_test {
namespace {

using namespace std::chrono_literals;
using evenkeel::tests::EtcdServer;
using loop::Hold;
using testing::AllOf;
using testing::HasSubstr;

class EtcdHoldTest : public evenkeel::tests::EtcdTest {
 protected:
  EtcdHoldTest() {
    options_.root_path = "root-" + name();
    options_.read_within = 0s;
    begin();
  }

  void begin() {
    hold_ = std::make_unique<EtcdHold>(io_.get_executor(), client_, clock_, options_);
  }
  void let_go() { finish(hold_->let_go()); }

  [[nodiscard]] std::string key(const std::string& end = "queryCoord/autoBalance") const {
    return options_.root_path + "/config/" + end;
  }
  std::optional<etcd::KeyValue> setting() { return run(client_.get(key())).value(); }
  void operator_puts(const std::string& value, const std::string& end = "queryCoord/autoBalance") {
    ASSERT_TRUE(run(client_.put(key(end), value)));
  }
  // True if the key is false under a lease.
  bool is_held() {
    const auto found = setting();
    return found && found->value == "false" && found->lease != etcd::LeaseId{};
  }

  HoldOptions options_;
  std::unique_ptr<EtcdHold> hold_;
};

TEST_F(EtcdHoldTest, PutsFalseUnderALeaseAndTakesItBackWithThat) {
  EXPECT_EQ(hold_->state().hold, Hold::released);
  ASSERT_TRUE(run(hold_->take()));
  EXPECT_TRUE(is_held());
  EXPECT_EQ(hold_->state().hold, Hold::held);
  EXPECT_EQ(hold_->lost(), std::nullopt);
  const auto before = setting();
  ASSERT_TRUE(run(hold_->take()));
  EXPECT_EQ(setting(), before) << "what is held is not put again";

  hold_->keep_until(clock_.now() + 3s);
  EXPECT_EQ(run(hold_->tend()), rules::Duration(3s));
  EXPECT_TRUE(is_held());
  pass(3s);
  run(hold_->tend());
  EXPECT_EQ(setting(), std::nullopt);
  EXPECT_EQ(hold_->state().hold, Hold::released);
}

TEST_F(EtcdHoldTest, LetsNothingMoveBeforeMilvusHasReadIt) {
  options_.read_within = 6s;
  begin();
  bool held = false;
  asio::co_spawn(io_, hold_->take(), [&held](const std::exception_ptr&, const auto& taken) {
    held = taken.has_value();
  });
  ASSERT_TRUE(run(client_.put("wait for", "the hold's answers")));
  io_.restart();
  while (hold_->state().hold != Hold::held && io_.run_one() > 0) {
  }
  pass(5s);
  EXPECT_FALSE(held);
  pass(1s);
  EXPECT_TRUE(held);
}

TEST_F(EtcdHoldTest, RenewsItsLeaseAndKnowsWhenThatMayHaveEnded) {
  ASSERT_TRUE(run(hold_->take()));
  for (int i = 0; i < 6; ++i) {
    pass(10s);
    EXPECT_EQ(run(hold_->tend()), rules::Duration(10s)) << "a third of the lease";
  }
  EXPECT_EQ(hold_->lost(), std::nullopt);
  pass(30s);  // it could not be renewed
  EXPECT_THAT(hold_->lost().value_or("held"), HasSubstr("no longer held off"));
}

TEST_F(EtcdHoldTest, TakesANewLeaseWhereItsOwnHasEnded) {
  ASSERT_TRUE(run(hold_->take()));
  ASSERT_TRUE(run(client_.revoke(setting()->lease)));
  EXPECT_EQ(setting(), std::nullopt);
  run(hold_->tend());
  EXPECT_TRUE(is_held());
  EXPECT_EQ(hold_->state().hold, Hold::held);
}

TEST_F(EtcdHoldTest, PutsItsKeyAgainWhereSomebodyDeletedIt) {
  ASSERT_TRUE(run(hold_->take()));
  ASSERT_TRUE(run(client_.delete_if(key(), setting()->modified)));
  run(hold_->tend());
  EXPECT_TRUE(is_held());
}

TEST_F(EtcdHoldTest, TakesOverWhatAnAgentLeftThatDied) {
  const auto dead = run(client_.grant(600s)).value();
  ASSERT_TRUE(run(client_.put(key(), "false", dead.id)));
  ASSERT_TRUE(run(hold_->take()));
  EXPECT_NE(setting()->lease, dead.id);
  ASSERT_TRUE(run(client_.revoke(dead.id)));
  EXPECT_TRUE(is_held());
}

TEST_F(EtcdHoldTest, IsContentWithAnOperatorsFalseAndLeavesIt) {
  operator_puts("False");
  const auto before = setting();
  ASSERT_TRUE(run(hold_->take()));
  EXPECT_EQ(hold_->state().hold, Hold::by_operator);
  EXPECT_THAT(hold_->state().words, HasSubstr(key() + " = False"));
  EXPECT_EQ(hold_->lost(), std::nullopt);
  hold_->keep_until(clock_.now());
  run(hold_->tend());
  let_go();
  EXPECT_EQ(setting(), before);
}

TEST_F(EtcdHoldTest, NeverOverwritesAnOperatorsTrue) {
  operator_puts("true");
  const auto before = setting();
  const auto taken = run(hold_->take());
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error(), AllOf(HasSubstr(key() + " = true"), HasSubstr("never overwritten"),
                                   HasSubstr("mode = \"ignore\"")));
  EXPECT_EQ(hold_->state().hold, Hold::failed);
  EXPECT_FALSE(hold_->out_of_reach()) << "etcd answers: the operator has decided";
  EXPECT_TRUE(hold_->lost());
  EXPECT_EQ(setting(), before);
  hold_->keep_until(clock_.now());
  run(hold_->tend());
  EXPECT_EQ(hold_->state().hold, Hold::failed) << "it stands there still";
  let_go();
  EXPECT_EQ(setting(), before);
}

// Milvus takes its settings' names in any case and with other separators.
TEST_F(EtcdHoldTest, SeesAnOperatorsValueUnderAnotherSpelling) {
  for (const auto* end : {"querycoord.autobalance", "queryCoord_auto_Balance"}) {
    operator_puts("true", end);
    const auto taken = run(hold_->take());
    ASSERT_FALSE(taken) << end;
    EXPECT_THAT(taken.error(), HasSubstr(end));
    EXPECT_EQ(setting(), std::nullopt);
    ASSERT_TRUE(run(client_.delete_if(key(end), run(client_.get(key(end))).value()->modified)));
  }
  operator_puts("true", "queryCoord/autoBalanceInterval");
  EXPECT_TRUE(run(hold_->take())) << "another setting";
}

TEST_F(EtcdHoldTest, HoldsNothingWhereItCannotSeeEverySetting) {
  options_.most_keys = 1;
  begin();
  operator_puts("1", "a");
  ASSERT_TRUE(run(hold_->take()));
  operator_puts("2", "b");
  const auto taken = run(hold_->take());
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error(), HasSubstr("more than 1 keys: is [etcd] root_path right?"));
}

TEST_F(EtcdHoldTest, LeavesTheKeyToAnOperatorWhoOverwritesIt) {
  ASSERT_TRUE(run(hold_->take()));
  operator_puts("true");
  run(hold_->tend());
  EXPECT_EQ(hold_->state().hold, Hold::failed);
  EXPECT_THAT(hold_->lost().value_or("held"), HasSubstr(key() + " = true"));
  let_go();
  EXPECT_EQ(setting()->value, "true");
}

TEST_F(EtcdHoldTest, SaysThatEtcdDoesNotAnswerAndRecovers) {
  server_->kill();
  const auto taken = run(hold_->take());
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error(), HasSubstr("POST http://127.0.0.1:"));
  EXPECT_EQ(hold_->state().hold, Hold::failed);
  EXPECT_TRUE(hold_->out_of_reach());
  hold_->keep_until(clock_.now());
  run(hold_->tend());
  EXPECT_EQ(hold_->state().hold, Hold::failed);
  server_->start();
  run(hold_->tend());
  EXPECT_EQ(hold_->state().hold, Hold::released);
  EXPECT_FALSE(hold_->out_of_reach());
}

TEST_F(EtcdHoldTest, OutlastsAnEtcdThatIsAwayForLessThanTheLease) {
  ASSERT_TRUE(run(hold_->take()));
  const auto before = setting();
  server_->kill();
  pass(10s);
  EXPECT_EQ(run(hold_->tend()), rules::Duration(1s)) << "it is tried again soon";
  EXPECT_EQ(hold_->lost(), std::nullopt);
  server_->start();
  run(hold_->tend());
  EXPECT_EQ(setting(), before);
  EXPECT_EQ(hold_->state().hold, Hold::held);
}

// Each takes the other's key for that of an agent that died; it stays false as long as one wants
// it.
TEST_F(EtcdHoldTest, IsSharedByTwoAgents) {
  EtcdHold other(io_.get_executor(), client_, clock_, options_);
  ASSERT_TRUE(run(hold_->take()));
  ASSERT_TRUE(run(other.take()));
  EXPECT_TRUE(is_held());
  hold_->keep_until(clock_.now());
  run(hold_->tend());
  EXPECT_TRUE(is_held()) << "the other wants it still";
  run(other.tend());
  EXPECT_EQ(other.lost(), std::nullopt);
  other.keep_until(clock_.now());
  run(other.tend());
  EXPECT_EQ(setting(), std::nullopt);
}

TEST_F(EtcdHoldTest, AnAgentThatDoesNotActTakesNothingFromTheOneThatDoes) {
  options_.always = true;
  begin();
  run(hold_->tend());
  const auto held = setting();
  EtcdHold watcher(io_.get_executor(), client_, clock_, options_);
  watcher.set_acting(false);
  run(watcher.tend());
  EXPECT_EQ(setting(), held);
  EXPECT_EQ(watcher.state().hold, Hold::released);
  EXPECT_EQ(watcher.state().words, "");

  watcher.set_acting(true);
  hold_->set_acting(false);
  run(hold_->tend());
  EXPECT_EQ(setting(), held) << "the one that acted keeps it until the other has taken it";
  run(watcher.tend());
  const auto taken = setting();
  EXPECT_NE(taken, held);
  run(hold_->tend());
  EXPECT_EQ(setting(), taken) << "and takes it back no more";
  EXPECT_EQ(hold_->state().hold, Hold::released);
  EXPECT_TRUE(is_held());
}

TEST_F(EtcdHoldTest, HoldsFromTheStartToTheEndIfItIsToHoldAlways) {
  options_.always = true;
  begin();
  run(hold_->tend());
  EXPECT_TRUE(is_held());
  ASSERT_TRUE(run(hold_->take()));
  hold_->keep_until(clock_.now());
  run(hold_->tend());
  EXPECT_TRUE(is_held()) << "though no move wants it any more";
  let_go();
  EXPECT_EQ(setting(), std::nullopt);
}

// A full etcd takes no writes, but renews leases and lets them go.
TEST(EtcdHoldInAFullEtcd, IsKeptButNotMade) {
  EtcdServer server({"--quota-backend-bytes=100000", "--backend-batch-limit=1"});
  asio::io_context io;
  test::JumpingClock clock;
  http::Client http(io.get_executor());
  etcd::Client client(http, {.endpoints = {server.url()}});
  EtcdHold hold(io.get_executor(), client, clock, {.read_within = 0s});
  ASSERT_TRUE(evenkeel::tests::run(io, hold.take()));
  const std::string large(60'000, 'x');
  EXPECT_TRUE(evenkeel::tests::run(io, client.put("a", large)));
  EXPECT_FALSE(evenkeel::tests::run(io, client.put("a", large)));

  evenkeel::tests::run(io, hold.tend());
  EXPECT_EQ(hold.state().hold, Hold::held) << hold.state().words;
  hold.keep_until(clock.now());
  evenkeel::tests::run(io, hold.tend());
  EXPECT_EQ(evenkeel::tests::run(io, client.get(hold.key())).value(), std::nullopt);
  const auto taken = evenkeel::tests::run(io, hold.take());
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error(), HasSubstr("it is full"));
  EXPECT_TRUE(hold.out_of_reach());
}

// The role that config/evenkeel.toml names: it reads ROOT/config/ and writes the one key.
TEST(EtcdHoldRole, IsEnough) {
  EtcdServer server;
  const auto perm = [](const std::string& type, const std::string& from, const std::string& to) {
    return R"({"name":"keel","perm":{"permType":")" + type + R"(","key":")" + encode_base64(from) +
           R"(","range_end":")" + encode_base64(to) + R"("}})";
  };
  const std::string key = "by-dev/config/queryCoord/autoBalance";
  server.post("auth/role/add", R"({"name":"keel"})");
  server.post("auth/role/grant", perm("READ", "by-dev/config/", "by-dev/config0"));
  server.post("auth/role/grant", perm("READWRITE", key, ""));
  server.post("auth/user/add", R"({"name":"keel","password":"pw"})");
  server.post("auth/user/grant", R"({"user":"keel","role":"keel"})");
  server.want_logins();

  const web::Secrets secrets;
  asio::io_context io;
  test::JumpingClock clock;
  http::Client http(io.get_executor());
  etcd::Client client(http, {.endpoints = {server.url()},
                             .username = "keel",
                             .password_file = secrets.write("password", "pw")});
  EtcdHold hold(io.get_executor(), client, clock, {.read_within = 0s});
  const auto taken = evenkeel::tests::run(io, hold.take());
  ASSERT_TRUE(taken) << taken.error();
  EXPECT_EQ(hold.key(), key);
  evenkeel::tests::run(io, hold.tend());
  EXPECT_EQ(hold.state().hold, Hold::held) << hold.state().words;
  hold.keep_until(clock.now());
  evenkeel::tests::run(io, hold.tend());
  EXPECT_EQ(evenkeel::tests::run(io, client.get(key)).value(), std::nullopt);
}

}  // namespace
}  // namespace evenkeel::balancer::etcd_hold_test
