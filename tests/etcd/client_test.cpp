// The client against a real etcd, and against servers that are none.
#include "agent/etcd/client.hpp"

#include <gmock/gmock.h>

#include <memory>

#include "tests/etcd/etcd_server.hpp"
#include "tests/http/asks.hpp"
#include "tests/http/scripted_server.hpp"
#include "tests/web/secrets.hpp"

namespace evenkeel::etcd::client_test {
namespace {

using evenkeel::tests::always;
using evenkeel::tests::answer;
using evenkeel::tests::closed_port;
using evenkeel::tests::EtcdServer;
using evenkeel::tests::ScriptedServer;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;

http::ClientOptions any_certificate() {
  http::ClientOptions options;
  options.tls.verify = false;
  return options;
}

http::Url nobody() {
  return {.host = "127.0.0.1", .port = closed_port()};
}

class EtcdClient : public testing::Test, protected evenkeel::tests::Asks {
 protected:
  EtcdClient() {
    options_.now = [this] { return now_; };
  }

  void ask(std::vector<http::Url> endpoints) {
    options_.endpoints = std::move(endpoints);
    client_ = std::make_unique<Client>(http_, options_);
  }
  void log_in(const std::string& user, const std::string& password = "pw") {
    options_.username = user;
    options_.password_file = secrets_.write("password", password);
  }

  template <typename T>
  T done(Awaitable<Result<T>> awaitable) {
    auto result = run(std::move(awaitable));
    if (!result) throw std::runtime_error(result.error().message);
    return *std::move(result);
  }
  http::Client http_{io_.get_executor(), any_certificate()};
  web::Secrets secrets_;
  std::chrono::steady_clock::time_point now_ = std::chrono::steady_clock::now();
  ClientOptions options_;
  std::unique_ptr<Client> client_;
};

// One etcd for all tests of the suite, each with a key of its own.
class EtcdWithout : public EtcdClient {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<EtcdServer>(); }
  static void TearDownTestSuite() { server_.reset(); }

  EtcdWithout() { ask({server_->url()}); }

  // What is bound to the server's trouble is the test's own.
  static inline std::unique_ptr<EtcdServer> server_;
  const std::string key_ =
      std::string("test/") + testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(EtcdWithout, KeepsWhatIsPutByteByByte) {
  EXPECT_EQ(done(client_->get(key_)), std::nullopt);
  const std::string bytes("\0\xff\"\n", 4);
  const auto revision = done(client_->put(key_, bytes));
  const auto found = done(client_->get(key_));
  ASSERT_TRUE(found);
  EXPECT_EQ(*found,
            (KeyValue{.key = key_, .value = bytes, .created = revision, .modified = revision}));
  const auto later = done(client_->put(key_, ""));
  EXPECT_GT(later, revision);
  EXPECT_EQ(done(client_->get(key_))->value, "");
  EXPECT_EQ(done(client_->get(key_))->created, revision);
  EXPECT_EQ(done(client_->get(key_, revision))->value, bytes);
}

TEST_F(EtcdWithout, ListsWhatBeginsWithAPrefix) {
  for (const auto* end : {"/a", "/b", "/c", "0"}) done(client_->put(key_ + end, end));
  const auto all = done(client_->list(key_ + "/", 10));
  ASSERT_EQ(all.keys.size(), 3U);
  EXPECT_EQ(all.keys[2].key, key_ + "/c");
  EXPECT_TRUE(all.all);
  const auto some = done(client_->list(key_ + "/", 2));
  EXPECT_EQ(some.keys.size(), 2U);
  EXPECT_FALSE(some.all);
}

TEST_F(EtcdWithout, PutsOnlyWhereNothingOrTheExpectedIs) {
  const auto first = done(client_->put_if(key_, 0, "mine"));
  EXPECT_TRUE(first.done);
  const auto second = done(client_->put_if(key_, 0, "theirs"));
  EXPECT_FALSE(second.done);
  EXPECT_EQ(second.found->value, "mine");
  EXPECT_EQ(second.found->modified, first.revision);
  EXPECT_TRUE(done(client_->put_if(key_, first.revision, "mine still")).done);
  EXPECT_FALSE(done(client_->put_if(key_, first.revision, "too late")).done);
  EXPECT_EQ(done(client_->get(key_))->value, "mine still");
}

TEST_F(EtcdWithout, PutsOnlyWhileAnotherKeyIsTheSame) {
  const auto other = key_ + "/other";
  const auto term = done(client_->put_if(other, 0, "mine")).revision;
  const auto first = done(client_->put_while(key_, 0, "a", other, term));
  EXPECT_TRUE(first.done);
  const auto late = done(client_->put_while(key_, 0, "late", other, term));
  EXPECT_FALSE(late.done) << "the key is another one by now";
  EXPECT_EQ(late.found->created, term);
  const auto changed = done(client_->put(other, "mine still"));
  const auto second = done(client_->put_while(key_, first.revision, "b", other, term));
  EXPECT_TRUE(second.done);
  ASSERT_TRUE(done(client_->delete_if(other, changed)).done);
  EXPECT_FALSE(done(client_->put_while(key_, second.revision, "c", other, term)).found);
  const auto theirs = done(client_->put_if(other, 0, "theirs")).revision;
  const auto refused = done(client_->put_while(key_, second.revision, "d", other, term));
  EXPECT_FALSE(refused.done);
  EXPECT_EQ(refused.found->created, theirs);
  EXPECT_EQ(done(client_->get(key_))->value, "b");
}

TEST_F(EtcdWithout, DeletesOnlyWhatIsExpected) {
  const auto revision = done(client_->put(key_, "operator's"));
  const auto refused = done(client_->delete_if(key_, revision - 1));
  EXPECT_FALSE(refused.done);
  EXPECT_EQ(refused.found->value, "operator's");
  EXPECT_TRUE(done(client_->delete_if(key_, revision)).done);
  const auto again = done(client_->delete_if(key_, revision));
  EXPECT_FALSE(again.done);
  EXPECT_FALSE(again.found);
}

TEST_F(EtcdWithout, EndsAKeyWithItsLease) {
  const auto lease = done(client_->grant(seconds(60)));
  EXPECT_EQ(lease.time, seconds(60));
  EXPECT_TRUE(done(client_->put_if(key_, 0, "false", lease.id)).done);
  EXPECT_EQ(done(client_->get(key_))->lease, lease.id);
  EXPECT_EQ(done(client_->keep_alive(lease.id)).time, seconds(60));
  EXPECT_LE(done(client_->time_left(lease.id)).time, seconds(60));
  EXPECT_TRUE(run(client_->revoke(lease.id)));
  EXPECT_EQ(done(client_->get(key_)), std::nullopt);
  EXPECT_EQ(failure_of(client_->keep_alive(lease.id)).kind, FailureKind::lease_not_found);
  EXPECT_EQ(failure_of(client_->time_left(lease.id)).kind, FailureKind::lease_not_found);
  EXPECT_EQ(failure_of(client_->revoke(lease.id)).kind, FailureKind::lease_not_found);
  EXPECT_EQ(failure_of(client_->put(key_, "false", lease.id)).kind, FailureKind::lease_not_found);
}

TEST_F(EtcdWithout, SaysThatARevisionIsCompacted) {
  const auto old = done(client_->put(key_, "old"));
  const auto revision = done(client_->put(key_, "new"));
  server_->post("kv/compaction", R"({"revision":")" + std::to_string(revision) + R"("})");
  EXPECT_EQ(failure_of(client_->get(key_, old)).kind, FailureKind::compacted);
}

TEST_F(EtcdWithout, IsAskedAtTheNextEndpointWhereOneIsDead) {
  ask({nobody(), server_->url()});
  EXPECT_GT(done(client_->put(key_, "a")), 0);
  server_->kill();
  const auto failure = failure_of(client_->get(key_));
  EXPECT_EQ(failure.kind, FailureKind::unreachable);
  EXPECT_THAT(failure.message, AllOf(HasSubstr(nobody().host), HasSubstr("; POST "),
                                     HasSubstr("is this a client URL of it")));
  server_->start();
  EXPECT_EQ(done(client_->get(key_))->value, "a");
}

TEST_F(EtcdWithout, IsAskedFirstWhereItAnsweredLast) {
  ScriptedServer page(always(answer("<html>welcome</html>")));
  ask({page.url(), server_->url()});
  done(client_->put(key_, "a"));
  done(client_->put(key_, "b"));
  EXPECT_EQ(page.connections(), 1);
}

TEST_F(EtcdWithout, IsAskedWhereTheFirstHangs) {
  ScriptedServer silent([](auto& peer, int) { peer.hang(); });
  options_.timeout = std::chrono::milliseconds(200);
  ask({silent.url()});
  EXPECT_EQ(failure_of(client_->get(key_)).kind, FailureKind::unreachable);
  ask({silent.url(), server_->url()});
  EXPECT_TRUE(run(client_->get(key_)));
}

TEST_F(EtcdWithout, IsTakenAsItIsByAClientWithALogin) {
  log_in("root");
  ask({server_->url()});
  EXPECT_TRUE(run(client_->get(key_)));
}

TEST_F(EtcdClient, SaysWhatAnswersInPlaceOfEtcd) {
  ScriptedServer page(always(answer("<html>welcome</html>")));
  ask({page.url()});
  const auto failure = failure_of(client_->get("a"));
  EXPECT_EQ(failure.kind, FailureKind::malformed);
  EXPECT_THAT(failure.message, AllOf(HasSubstr("POST " + page.url("/v3/kv/range").str()),
                                     HasSubstr("no answer of etcd"), HasSubstr("welcome")));
  ScriptedServer half([](auto& peer, int) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"header\":");
  });
  ask({half.url()});
  EXPECT_FALSE(run(client_->get("a")));
  ScriptedServer long_one(always(answer(std::string(2000, ' '))));
  options_.max_answer = 1000;
  ask({long_one.url()});
  EXPECT_EQ(failure_of(client_->get("a")).kind, FailureKind::malformed);
}

TEST_F(EtcdClient, LogsInAndAgainWhenTheTokenIsNoLongerGood) {
  EtcdServer server;
  server.want_logins();
  ask({server.url()});
  const auto anonymous = failure_of(client_->get("a"));
  EXPECT_EQ(anonymous.kind, FailureKind::login);
  EXPECT_THAT(anonymous.message, HasSubstr("[etcd] username"));

  log_in("root");
  ask({server.url()});
  EXPECT_GT(done(client_->put("a", "b")), 0);
  server.kill();
  server.start();  // it has forgotten its tokens
  EXPECT_EQ(done(client_->get("a"))->value, "b");

  log_in("weak");
  ask({server.url()});
  const auto denied = failure_of(client_->get("a"));
  EXPECT_EQ(denied.kind, FailureKind::permission);
  EXPECT_THAT(denied.message, HasSubstr("permission denied; grant"));
}

TEST_F(EtcdClient, DoesNotTryAWrongPasswordAgainAtOnce) {
  EtcdServer server;
  server.want_logins();
  log_in("root", "wrong");
  ask({server.url()});
  const auto refused = failure_of(client_->get("a"));
  EXPECT_EQ(refused.kind, FailureKind::login);
  EXPECT_THAT(refused.message, HasSubstr("/v3/auth/authenticate: HTTP 400: etcd answered"));
  log_in("root", "pw");
  EXPECT_EQ(failure_of(client_->get("a")).message, refused.message);
  now_ += kLoginRest;
  EXPECT_TRUE(run(client_->get("a")));
  options_.password_file = "/no/such/file";
  ask({server.url()});
  EXPECT_THAT(failure_of(client_->get("a")).message,
              HasSubstr("/no/such/file: [etcd] password_file: cannot be read"));
}

TEST_F(EtcdClient, SaysThatEtcdIsFull) {
  EtcdServer server({"--quota-backend-bytes=100000", "--backend-batch-limit=1"});
  ask({server.url()});
  const std::string large(60'000, 'x');
  done(client_->put("a", large));
  const auto full = failure_of(client_->put("a", large));
  EXPECT_EQ(full.kind, FailureKind::no_space);
  EXPECT_THAT(full.message, HasSubstr("database space exceeded; it is full"));
  EXPECT_EQ(failure_of(client_->grant(seconds(10))).kind, FailureKind::no_space);
  EXPECT_EQ(done(client_->get("a"))->value, large);
}

TEST_F(EtcdClient, SpeaksTls) {
  EtcdServer server({"--auto-tls"});
  ask({server.url()});
  EXPECT_GT(done(client_->put("a", "b")), 0);
}

}  // namespace
}  // namespace evenkeel::etcd::client_test
