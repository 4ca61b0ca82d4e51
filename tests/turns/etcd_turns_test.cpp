// Turns by a key in a real etcd.
#include "agent/turns/etcd_turns.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "agent/util/base64.hpp"
#include "tests/etcd/etcd_fixture.hpp"
#include "tests/web/secrets.hpp"

namespace evenkeel::turns::etcd_turns_test {
namespace {

using namespace std::chrono_literals;
using evenkeel::tests::EtcdServer;
using loop::Standing;
using testing::AllOf;
using testing::HasSubstr;

class EtcdTurnsTest : public evenkeel::tests::EtcdTest {
 protected:
  EtcdTurnsTest() {
    options_.prefix = "evenkeel/" + name();
    options_.lease = 60s;  // the server's clock does not jump
    options_.host = "keel-0";
    first_ = make();
    options_.host = "keel-1";
    second_ = make();
  }

  std::unique_ptr<EtcdTurns> make() {
    return std::make_unique<EtcdTurns>(io_.get_executor(), client_, clock_, options_);
  }
  // Has the first agent act.
  void let_first_act() {
    run(first_->tend());
    first_->took_over();
    pass(options_.margin());
    run(first_->tend());
    ASSERT_EQ(first_->state().standing, Standing::acting) << first_->state().words;
  }
  std::optional<etcd::KeyValue> leader() { return run(client_.get(first_->leader_key())).value(); }
  // The lease ends, as etcd has it end when nobody renews it.
  void end_lease() { ASSERT_TRUE(run(client_.revoke(leader()->lease))); }

  TurnOptions options_;
  std::unique_ptr<EtcdTurns> first_, second_;
};

TEST_F(EtcdTurnsTest, OneActsAndTheOtherSaysWho) {
  EXPECT_EQ(first_->state().standing, Standing::watching);
  EXPECT_NE(run(first_->check()), std::nullopt);
  let_first_act();
  EXPECT_EQ(run(second_->tend()), rules::Duration(1s));
  EXPECT_EQ(second_->state().standing, Standing::watching);
  EXPECT_EQ(second_->state().actor, "keel-0");
  EXPECT_EQ(second_->state().words, "another agent, keel-0, acts");
  EXPECT_EQ(run(first_->check()), std::nullopt);
  EXPECT_EQ(run(second_->check()), "another agent, keel-0, acts");
  EXPECT_EQ(first_->state().term, leader()->created);
  const auto value = nlohmann::json::parse(leader()->value);
  EXPECT_EQ(value.at("host"), "keel-0");
  EXPECT_TRUE(value.contains("pid") && value.contains("since"));
}

TEST_F(EtcdTurnsTest, ANewTurnBeginsWithAWaitAndWhatWasLeft) {
  run(first_->tend());
  EXPECT_EQ(first_->state().standing, Standing::taking_over);
  pass(options_.margin());
  run(first_->tend());
  EXPECT_EQ(first_->state().standing, Standing::taking_over) << "what was left is not known yet";
  EXPECT_NE(run(first_->check()), std::nullopt);
  EXPECT_FALSE(first_->in_time());
  first_->took_over();
  run(first_->tend());
  EXPECT_EQ(first_->state().standing, Standing::acting);
  EXPECT_TRUE(first_->in_time());

  end_lease();
  run(second_->tend());
  second_->took_over();
  pass(options_.margin() - 1s);
  run(second_->tend());
  EXPECT_EQ(second_->state().standing, Standing::taking_over) << "a call may be on its way";
}

TEST_F(EtcdTurnsTest, ADeposedAgentFindsOutBeforeItsNextCall) {
  let_first_act();
  const auto term = first_->state().term;
  end_lease();
  run(second_->tend());
  EXPECT_GT(second_->state().term, term);
  EXPECT_EQ(first_->state().standing, Standing::acting) << "it cannot know yet";
  EXPECT_EQ(run(first_->check()), "another agent, keel-1, acts");
  EXPECT_EQ(first_->state().standing, Standing::watching);
  EXPECT_FALSE(first_->in_time());
  run(first_->tend());
  EXPECT_EQ(first_->state().actor, "keel-1");
}

TEST_F(EtcdTurnsTest, AnAgentThatWasStoppedForLongerThanItsLeaseSendsNothing) {
  let_first_act();
  pass(options_.lease);  // though in etcd, whose clock has not moved, the key still stands
  EXPECT_FALSE(first_->in_time());
  EXPECT_THAT(run(first_->check()).value_or("sent"), HasSubstr("too little is left"));
  run(first_->tend());
  EXPECT_EQ(run(first_->check()), std::nullopt) << "the lease was renewed after all";
}

TEST_F(EtcdTurnsTest, SendsNothingWithLessThanTheMarginLeft) {
  let_first_act();
  pass(options_.lease - options_.margin() - 1s);
  EXPECT_EQ(run(first_->check()), std::nullopt);
  pass(1s);
  EXPECT_THAT(run(first_->check()).value_or("sent"), HasSubstr("too little is left"));
  EXPECT_TRUE(first_->in_time()) << "what was checked before may still be written";
  pass(options_.margin() - 1s);
  EXPECT_FALSE(first_->in_time());
}

TEST_F(EtcdTurnsTest, RenewsItsLeaseEachThirdOfIt) {
  let_first_act();
  for (int i = 0; i < 6; ++i) {
    pass(options_.lease / 3);
    EXPECT_EQ(run(first_->tend()), rules::Duration(options_.lease) / 3);
  }
  EXPECT_EQ(run(first_->check()), std::nullopt);
}

TEST_F(EtcdTurnsTest, SendsNothingWhileEtcdIsAwayAndGoesOnWhenItIsBackInTime) {
  let_first_act();
  server_->kill();
  EXPECT_EQ(run(first_->tend()), rules::Duration(1s));
  EXPECT_THAT(run(first_->check()).value_or("sent"), HasSubstr("it cannot be known whose turn"));
  EXPECT_THAT(run(second_->tend()), rules::Duration(1s));
  EXPECT_THAT(second_->state().words, HasSubstr("it cannot be known whose turn"));
  EXPECT_EQ(second_->state().actor, "");
  server_->start();
  EXPECT_EQ(run(first_->check()), std::nullopt);
  server_->kill();
  pass(options_.lease);
  run(first_->tend());
  EXPECT_EQ(first_->state().standing, Standing::watching);
  EXPECT_THAT(first_->state().words, HasSubstr("this agent's turn has ended: POST http://127"));
  server_->start();
}

TEST_F(EtcdTurnsTest, SendsNothingWhereEtcdDoesNotAnswerInTime) {
  let_first_act();
  server_->hang();
  std::optional<std::string> said;
  asio::co_spawn(io_, first_->check(), [&said](const std::exception_ptr&, const auto& why) {
    said = why.value_or("send it");
  });
  clock_.drive(io_, options_.patience() + 1s, [&said] { return said.has_value(); });
  server_->go_on();
  EXPECT_EQ(said, "etcd does not say in time whose turn it is");
  EXPECT_EQ(run(first_->check()), std::nullopt);
}

TEST_F(EtcdTurnsTest, ALeaseThatHasEndedEndsTheTurn) {
  let_first_act();
  const auto term = first_->state().term;
  end_lease();
  EXPECT_EQ(run(first_->tend()), rules::Duration::zero());
  EXPECT_EQ(first_->state().standing, Standing::watching);
  EXPECT_EQ(first_->state().words, "this agent's turn has ended: its lease has ended");
  run(first_->tend());
  EXPECT_EQ(first_->state().standing, Standing::taking_over) << "nobody else wanted it";
  EXPECT_GT(first_->state().term, term);
}

TEST_F(EtcdTurnsTest, TheTurnEndsWhereSomebodyDeletesTheKey) {
  let_first_act();
  ASSERT_TRUE(run(client_.delete_if(first_->leader_key(), leader()->modified)));
  EXPECT_THAT(run(first_->check()).value_or("sent"), HasSubstr("is gone"));
  EXPECT_EQ(first_->state().standing, Standing::watching);
  run(second_->tend());
  EXPECT_EQ(second_->state().standing, Standing::taking_over);
}

TEST_F(EtcdTurnsTest, AKeyOfSomebodyElseIsNotTaken) {
  ASSERT_TRUE(run(client_.put(first_->leader_key(), "not JSON")));
  run(first_->tend());
  EXPECT_EQ(first_->state().words, "another agent, somebody, acts");
}

TEST_F(EtcdTurnsTest, ResigningLetsTheNextOneBeginAtOnce) {
  let_first_act();
  finish(first_->resign());
  EXPECT_EQ(leader(), std::nullopt);
  EXPECT_NE(run(first_->check()), std::nullopt);
  run(second_->tend());
  EXPECT_EQ(second_->state().standing, Standing::taking_over);
}

TEST_F(EtcdTurnsTest, CompactionChangesNothing) {
  let_first_act();
  const auto revision = run(client_.put(options_.prefix + "/any", "value")).value();
  server_->post("kv/compaction", R"({"revision":")" + std::to_string(revision) + R"("})");
  EXPECT_EQ(run(first_->check()), std::nullopt);
  loop::Memory memory;
  memory.last_decision = 5;
  EXPECT_TRUE(run(first_->hand_over(memory)));
  run(first_->tend());
  EXPECT_EQ(first_->state().standing, Standing::acting);
}

TEST_F(EtcdTurnsTest, TheNextOneReadsWhatWasLeft) {
  const auto nothing = run(second_->handed_over());
  ASSERT_FALSE(nothing);
  EXPECT_THAT(nothing.error(), HasSubstr("nothing was left as " + first_->handover_key()));
  let_first_act();
  loop::Memory memory;
  memory.at = clock_.now();
  memory.last_decision = 41;
  memory.last_move = clock_.now();
  ASSERT_TRUE(run(first_->hand_over(memory)));
  end_lease();
  run(second_->tend());
  const auto left = run(second_->handed_over());
  ASSERT_TRUE(left) << left.error();
  EXPECT_EQ(left->last_decision, 41U);
  EXPECT_EQ(left->last_move, memory.last_move);
}

TEST_F(EtcdTurnsTest, PutsWhatHasChangedAlone) {
  let_first_act();
  loop::Memory memory;
  ASSERT_TRUE(run(first_->hand_over(memory)));
  const auto put = run(client_.get(first_->handover_key())).value();
  memory.at += 15s;
  ASSERT_TRUE(run(first_->hand_over(memory)));
  EXPECT_EQ(run(client_.get(first_->handover_key())).value(), put);
  memory.last_decision = 2;
  ASSERT_TRUE(run(first_->hand_over(memory)));
  EXPECT_GT(run(client_.get(first_->handover_key())).value()->modified, put->modified);
}

TEST_F(EtcdTurnsTest, WhatIsLeftLastStaysThoughSomebodyChangedTheKey) {
  let_first_act();
  ASSERT_TRUE(run(first_->hand_over({})));
  ASSERT_TRUE(run(client_.put(first_->handover_key(), "an attempt whose answer was lost")));
  loop::Memory memory;
  memory.last_decision = 9;
  ASSERT_TRUE(run(first_->hand_over(memory)));
  EXPECT_EQ(run(second_->handed_over())->last_decision, 9U);
}

TEST_F(EtcdTurnsTest, AnAgentThatDoesNotActLeavesNothing) {
  run(first_->tend());
  EXPECT_TRUE(run(first_->hand_over({}))) << "what the last one left is not known yet";
  EXPECT_TRUE(run(second_->hand_over({})));
  EXPECT_EQ(run(client_.get(first_->handover_key())).value(), std::nullopt);
}

TEST_F(EtcdTurnsTest, ADeposedAgentLeavesNothing) {
  let_first_act();
  end_lease();
  run(second_->tend());
  const auto left = run(first_->hand_over({}));
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error(), "this agent's turn has ended");
  EXPECT_EQ(run(client_.get(first_->handover_key())).value(), std::nullopt);
  EXPECT_EQ(first_->state().words, "another agent, keel-1, acts");
}

TEST_F(EtcdTurnsTest, WhatCannotBeReadIsSaid) {
  ASSERT_TRUE(run(client_.put(first_->handover_key(), "{}")));
  const auto left = run(first_->handed_over());
  ASSERT_FALSE(left);
  EXPECT_THAT(left.error(), HasSubstr("handover in etcd cannot be read: at: missing"));
}

// A full etcd takes no writes, but renews leases: the turn stays, and nothing can be left.
TEST(EtcdTurnsInAFullEtcd, StayAndCannotBeTaken) {
  EtcdServer server({"--quota-backend-bytes=100000", "--backend-batch-limit=1"});
  asio::io_context io;
  test::JumpingClock clock;
  http::Client http(io.get_executor());
  etcd::Client client(http, {.endpoints = {server.url()}});
  const auto run = [&io](auto awaitable) { return evenkeel::tests::run(io, std::move(awaitable)); };
  EtcdTurns first(io.get_executor(), client, clock, {.lease = 60s});
  run(first.tend());
  first.took_over();
  clock.drive(io, 20s, [] { return false; });
  const std::string large(60'000, 'x');
  EXPECT_TRUE(run(client.put("a", large)));
  EXPECT_FALSE(run(client.put("a", large)));

  run(first.tend());
  EXPECT_EQ(first.state().standing, Standing::acting) << first.state().words;
  EXPECT_EQ(run(first.check()), std::nullopt);
  const auto left = run(first.hand_over({}));
  ASSERT_FALSE(left);
  EXPECT_THAT(left.error(), AllOf(HasSubstr("cannot be put into etcd"), HasSubstr("it is full")));

  EtcdTurns second(io.get_executor(), client, clock, {.lease = 60s});
  ASSERT_TRUE(run(client.revoke(run(client.get(first.leader_key())).value()->lease)));
  run(second.tend());
  EXPECT_EQ(second.state().standing, Standing::watching);
  EXPECT_THAT(second.state().words,
              AllOf(HasSubstr("nobody acts, and this agent cannot"), HasSubstr("it is full")));
}

// The role that config/evenkeel.toml names, and a token that etcd forgets.
TEST(EtcdTurnsRole, IsEnoughAndATokenMayExpire) {
  EtcdServer server({"--auth-token-ttl=1"});
  const auto perm = R"({"name":"keel","perm":{"permType":"READWRITE","key":")" +
                    encode_base64("evenkeel/by-dev/") + R"(","range_end":")" +
                    encode_base64("evenkeel/by-dev0") + R"("}})";
  server.post("auth/role/add", R"({"name":"keel"})");
  server.post("auth/role/grant", perm);
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
  const auto run = [&io](auto awaitable) { return evenkeel::tests::run(io, std::move(awaitable)); };
  EtcdTurns turns(io.get_executor(), client, clock, {.lease = 60s});
  run(turns.tend());
  turns.took_over();
  clock.drive(io, 20s, [] { return false; });
  run(turns.tend());
  ASSERT_EQ(turns.state().standing, Standing::acting) << turns.state().words;
  EXPECT_TRUE(run(turns.hand_over({})));
  server.kill();
  server.start();  // it forgets its tokens
  EXPECT_EQ(run(turns.check()), std::nullopt);
  EXPECT_TRUE(run(turns.handed_over()));
}

}  // namespace
}  // namespace evenkeel::turns::etcd_turns_test
