// Names: each looked up on a thread of its own, so that one that hangs holds nobody.
#include "agent/http/resolver.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <stdexcept>
#include <thread>

#include "tests/http/black_hole.hpp"
#include "tests/http/client_fixture.hpp"
#include "tests/http/fake_names.hpp"

namespace evenkeel::http::resolver_test {
namespace {

using evenkeel::tests::always;
using evenkeel::tests::answer;
using evenkeel::tests::ScriptedServer;
using std::chrono::milliseconds;
using testing::HasSubstr;

class Names : public testing::Test {
 protected:
  // What a resolver says of one name; by a coroutine that is there till it has said it.
  struct Question {
    std::shared_ptr<int> owner = std::make_shared<int>(0);
    std::optional<LookedUp> answer;
  };

  void SetUp() override { use(names_.options()); }

  void use(ResolverOptions options) {
    options.now = [this] { return now_; };
    resolver_ = std::make_unique<Resolver>(io_.get_executor(), std::move(options));
  }

  void ask(Question& question, const std::string& host) {
    resolver_->resolve(host, question.owner,
                       [&question](const LookedUp& found) { question.answer = found; });
  }

  // Turns the loop until the answer is there.
  LookedUp answer_to(Question& question) {
    const auto work = asio::make_work_guard(io_);
    io_.restart();
    while (!question.answer) io_.run_one();
    return *std::exchange(question.answer, std::nullopt);
  }

  LookedUp look_up(const std::string& host) {
    Question question;
    ask(question, host);
    return answer_to(question);
  }

  static LookedUp loopback() { return std::vector{asio::ip::make_address("127.0.0.1")}; }

  FakeNames names_;
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
  asio::io_context io_;
  std::unique_ptr<Resolver> resolver_;
};

TEST_F(Names, OneThatHangsKeepsNoOtherWaiting) {
  names_.hang("slow.test");
  names_.loopback("fast.test");
  Question slow;
  ask(slow, "slow.test");
  EXPECT_EQ(look_up("fast.test"), loopback());
  EXPECT_FALSE(slow.answer);
  names_.release();
  EXPECT_EQ(answer_to(slow), tl::unexpected(std::string("no such name")));
}

TEST_F(Names, AreAskedForOnceByAllWhoWait) {
  names_.hang("a.test");
  names_.loopback("a.test");
  Question first;
  Question second;
  ask(first, "a.test");
  ask(second, "a.test");
  names_.release();
  EXPECT_EQ(answer_to(first), loopback());
  EXPECT_EQ(answer_to(second), loopback());
  EXPECT_EQ(names_.asked("a.test"), 1);
}

TEST_F(Names, AreKeptForAWhile) {
  names_.loopback("a.test");
  EXPECT_EQ(look_up("a.test"), loopback());
  now_ += milliseconds(9'999);
  EXPECT_EQ(look_up("a.test"), loopback());
  EXPECT_EQ(names_.asked("a.test"), 1);
  now_ += milliseconds(1);
  EXPECT_EQ(look_up("a.test"), loopback());
  EXPECT_EQ(names_.asked("a.test"), 2);
}

TEST_F(Names, ThatFailAreAskedForAgainSooner) {
  EXPECT_FALSE(look_up("a.test"));
  names_.loopback("a.test");
  now_ += milliseconds(1'999);
  EXPECT_FALSE(look_up("a.test"));
  now_ += milliseconds(1);
  EXPECT_EQ(look_up("a.test"), loopback());
}

TEST_F(Names, AreForgottenWhenAsked) {
  names_.loopback("a.test");
  EXPECT_EQ(look_up("a.test"), loopback());
  resolver_->forget("a.test");
  EXPECT_EQ(look_up("a.test"), loopback());
  EXPECT_EQ(names_.asked("a.test"), 2);
}

TEST_F(Names, BeginWithTheAddressThatAnsweredFromThenOn) {
  const auto first = asio::ip::make_address("127.0.0.9");
  const auto second = asio::ip::make_address("127.0.0.1");
  names_.set("a.test", std::vector{first, second});
  EXPECT_EQ(look_up("a.test"), LookedUp(std::vector{first, second}));
  resolver_->prefer("a.test", second);
  EXPECT_EQ(look_up("a.test"), LookedUp(std::vector{second, first}));
  now_ += milliseconds(10'000);
  EXPECT_EQ(look_up("a.test"), LookedUp(std::vector{second, first})) << "it was looked up anew";
  EXPECT_EQ(names_.asked("a.test"), 2);
}

TEST_F(Names, AnAddressThatIsGoneIsNotPreferred) {
  const auto first = asio::ip::make_address("127.0.0.9");
  names_.loopback("a.test");
  EXPECT_EQ(look_up("a.test"), loopback());
  resolver_->prefer("a.test", first);
  resolver_->prefer("b.test", first);
  EXPECT_EQ(look_up("a.test"), loopback());
  resolver_->prefer("a.test", asio::ip::make_address("127.0.0.1"));
  names_.set("a.test", std::vector{first});
  now_ += milliseconds(10'000);
  EXPECT_EQ(look_up("a.test"), LookedUp(std::vector{first}));
}

TEST_F(Names, AreKeptUpToABound) {
  auto options = names_.options();
  options.max_known = 2;
  use(std::move(options));
  for (const char* host : {"a.test", "b.test", "c.test"}) {
    names_.loopback(host);
    EXPECT_EQ(look_up(host), loopback());
    now_ += milliseconds(1);
  }
  look_up("b.test");
  look_up("c.test");
  look_up("a.test");
  EXPECT_EQ(names_.asked("b.test"), 1);
  EXPECT_EQ(names_.asked("c.test"), 1);
  EXPECT_EQ(names_.asked("a.test"), 2);
}

TEST_F(Names, BeyondTheThreadsWaitForOne) {
  auto options = names_.options();
  options.max_threads = 2;
  use(std::move(options));
  names_.hang("slow-1.test");
  names_.hang("slow-2.test");
  names_.loopback("a.test");
  Question slow_1;
  Question slow_2;
  Question queued;
  ask(slow_1, "slow-1.test");
  ask(slow_2, "slow-2.test");
  ask(queued, "a.test");
  const auto work = asio::make_work_guard(io_);
  io_.run_for(milliseconds(50));
  EXPECT_FALSE(queued.answer);
  names_.release();
  EXPECT_EQ(answer_to(queued), loopback());
}

TEST_F(Names, ThatNobodyWaitsForAnyMoreAreNotLookedUp) {
  auto options = names_.options();
  options.max_threads = 1;
  use(std::move(options));
  names_.hang("slow.test");
  Question slow;
  ask(slow, "slow.test");
  {
    Question gave_up;
    ask(gave_up, "a.test");
  }
  Question last;
  ask(last, "b.test");
  names_.release();
  EXPECT_FALSE(answer_to(last));
  EXPECT_EQ(names_.asked("a.test"), 0);
}

TEST_F(Names, WaitInBoundedNumber) {
  auto options = names_.options();
  options.max_names = 2;
  use(std::move(options));
  names_.hang("slow-1.test");
  names_.hang("slow-2.test");
  Question slow_1;
  Question slow_2;
  ask(slow_1, "slow-1.test");
  ask(slow_2, "slow-2.test");
  EXPECT_EQ(look_up("a.test"), tl::unexpected(std::string("too many names are being looked up")));
  names_.release();
  answer_to(slow_1);
  answer_to(slow_2);
  names_.loopback("a.test");
  EXPECT_EQ(look_up("a.test"), loopback());
}

TEST_F(Names, AnswerNobodyWhoIsGone) {
  names_.hang("a.test");
  std::optional<LookedUp> said;
  {
    const auto owner = std::make_shared<int>(0);
    resolver_->resolve("a.test", owner, [&said](const LookedUp& found) { said = found; });
  }
  Question stays;
  ask(stays, "a.test");
  names_.release();
  EXPECT_FALSE(answer_to(stays));
  EXPECT_FALSE(said);
}

TEST_F(Names, ALookUpThatThrowsFails) {
  ResolverOptions options;
  options.look_up = [](const std::string&) -> LookedUp { throw std::runtime_error("no library"); };
  use(std::move(options));
  EXPECT_EQ(look_up("a.test"), tl::unexpected(std::string("no library")));
}

// A thread that hangs in the system's resolver is never waited for, and finds nobody when it is
// back.
TEST(EndOfNames, WaitsForNoLookUp) {
  FakeNames names;
  names.hang("slow.test");
  {
    asio::io_context io;
    Resolver resolver(io.get_executor(), names.options());
    const auto owner = std::make_shared<int>(0);
    resolver.resolve("slow.test", owner, [](const LookedUp&) { ADD_FAILURE() << "answered"; });
    while (names.asked("slow.test") == 0) std::this_thread::sleep_for(milliseconds(1));
  }
  names.release();
  names.await_ended(1);
}

TEST(SystemNames, KnowThisMachine) {
  const auto found = look_up_by_system("localhost");
  ASSERT_TRUE(found) << found.error();
  ASSERT_FALSE(found->empty());
  for (const auto& address : *found) EXPECT_TRUE(address.is_loopback()) << address;
  EXPECT_FALSE(look_up_by_system("no-such-host.invalid"));
}

class ClientByName : public testing::Test {
 protected:
  static ClientOptions by(const FakeNames& names) {
    ClientOptions options;
    options.resolver = names.options();
    return options;
  }

  FakeNames names_;
  asio::io_context io_;
  Client client_{io_.get_executor(), by(names_)};
};

TEST_F(ClientByName, TriesEachAddress) {
  ScriptedServer server(always(answer("here")));
  names_.set("a.test",
             std::vector{asio::ip::make_address("127.0.0.9"), asio::ip::make_address("127.0.0.1")});
  Request request;
  request.url = {.host = "a.test", .port = server.port()};
  const auto outcome = evenkeel::tests::run(io_, client_.send(request));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->body, "here");
}

// As a host whose packets are dropped: its connection is never refused.
TEST_F(ClientByName, AnAddressThatNeverAnswersLeavesTimeForTheNext) {
  const ScriptedServer server(always(answer("here")));
  const evenkeel::tests::BlackHole hole("127.0.0.9", server.port());
  names_.set("a.test",
             std::vector{asio::ip::make_address("127.0.0.9"), asio::ip::make_address("127.0.0.1")});
  Request request;
  request.url = {.host = "a.test", .port = server.port()};
  request.deadline = milliseconds(1'000);
  const auto outcome = evenkeel::tests::run(io_, client_.send(request));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->body, "here");
}

TEST_F(ClientByName, AddressesThatNeverAnswerAreTimeouts) {
  const evenkeel::tests::BlackHole hole;
  const evenkeel::tests::BlackHole other("127.0.0.9", hole.port());
  names_.set("a.test",
             std::vector{asio::ip::make_address("127.0.0.9"), asio::ip::make_address("127.0.0.1")});
  Request request;
  request.url = {.host = "a.test", .port = hole.port()};
  request.deadline = milliseconds(100);
  const auto outcome = evenkeel::tests::run(io_, client_.send(request));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::timeout);
  EXPECT_THAT(outcome.error().message, HasSubstr("no connection within 100 ms"));
}

// A node that restarts elsewhere keeps its name.
TEST_F(ClientByName, LooksUpAnewAfterNobodyWasThere) {
  names_.loopback("a.test");
  Request request;
  request.url = {.host = "a.test", .port = evenkeel::tests::closed_port()};
  for (int i = 1; i <= 2; ++i) {
    const auto outcome = evenkeel::tests::run(io_, client_.send(request));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::connect);
    EXPECT_EQ(names_.asked("a.test"), i);
  }
}

TEST_F(ClientByName, ANameWithoutAnAddressIsAnError) {
  names_.set("a.test", LookedUp());
  Request request;
  request.url = {.host = "a.test", .port = 80};
  const auto outcome = evenkeel::tests::run(io_, client_.send(request));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::resolve);
  EXPECT_THAT(outcome.error().message, HasSubstr("cannot resolve a.test: it has no address"));
}

}  // namespace
}  // namespace evenkeel::http::resolver_test
