// The answers of a real etcd 3.4.23 (tests/samples/etcd), and what is none of etcd's.
#include "agent/etcd/answers.hpp"

#include <gmock/gmock.h>

#include "tests/milvus/samples.hpp"

namespace evenkeel::etcd::answers_test {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kKey = "by-dev/config/queryCoord/autoBalance";
constexpr LeaseId kLease{2324035705018135046};

std::string sample(const std::string& name) {
  return milvus::sample("etcd/" + name + ".json");
}

template <typename T>
T good(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

TEST(EtcdAnswer, HasTheKeyWithItsRevisionsAndItsLease) {
  const auto found = good(parse_range(sample("range.200")));
  ASSERT_EQ(found.keys.size(), 1U);
  EXPECT_EQ(
      found.keys[0],
      (KeyValue{.key = kKey, .value = "false", .created = 2, .modified = 2, .lease = kLease}));
  EXPECT_TRUE(found.all);
}

TEST(EtcdAnswer, LeavesOutWhatIsNotThereOrEmpty) {
  EXPECT_TRUE(good(parse_range(sample("range-absent.200"))).keys.empty());
  EXPECT_EQ(good(parse_range(sample("range-empty-value.200"))).keys.at(0).value, "");
}

TEST(EtcdAnswer, SaysWhetherAChangeWasMadeAndElseWhatIsThere) {
  const auto put = good(parse_change(sample("txn-put-done.200")));
  EXPECT_TRUE(put.done);
  EXPECT_EQ(put.revision, 2);
  const auto refused = good(parse_change(sample("txn-put-refused.200")));
  EXPECT_FALSE(refused.done);
  ASSERT_TRUE(refused.found);
  EXPECT_EQ(refused.found->lease, kLease);
  EXPECT_TRUE(good(parse_change(sample("txn-delete-done.200"))).done);
  const auto absent = good(parse_change(sample("txn-delete-refused-absent.200")));
  EXPECT_FALSE(absent.done);
  EXPECT_FALSE(absent.found);
}

TEST(EtcdAnswer, HasLeasesWithTheirTime) {
  const auto granted = good(parse_grant(sample("lease-grant.200")));
  EXPECT_EQ(granted.id, kLease);
  EXPECT_EQ(granted.time, seconds(10));
  EXPECT_EQ(good(parse_renewal(sample("keepalive.200"))).time, seconds(10));
  EXPECT_EQ(good(parse_time_left(sample("timetolive.200"))).time, seconds(9));
  EXPECT_TRUE(parse_revoked(sample("revoke.200")));
  EXPECT_EQ(good(parse_put(sample("put.200"))), 3);
  EXPECT_EQ(good(parse_token(sample("authenticate.200"))), "ONFlcOEpYwUdYCSf.19");
}

TEST(EtcdAnswer, SaysThatALeaseHasEndedThoughTheStatusIs200) {
  EXPECT_EQ(parse_renewal(sample("keepalive-gone.200")).error().kind, FailureKind::lease_not_found);
  EXPECT_EQ(parse_time_left(sample("timetolive-gone.200")).error().kind,
            FailureKind::lease_not_found);
}

struct Refusal {
  const char* name;
  int status;
  FailureKind kind;
  const char* words;
};

class EtcdRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(EtcdRefusal, IsToldApartAndSaysWhatToDo) {
  const auto& [name, status, kind, words] = GetParam();
  const auto failure =
      parse_failure(status, sample(std::string(name) + "." + std::to_string(status)));
  EXPECT_EQ(failure.kind, kind) << etcd::name(failure.kind);
  EXPECT_THAT(failure.message,
              AllOf(StartsWith("HTTP " + std::to_string(status) + ": "), HasSubstr(words)));
}

INSTANTIATE_TEST_SUITE_P(
    All, EtcdRefusal,
    testing::Values(
        Refusal{"no-space", 429, FailureKind::no_space, "etcdctl alarm disarm"},
        Refusal{"authentication-failed", 400, FailureKind::login, "password_file"},
        Refusal{"no-login", 400, FailureKind::token, "user name is empty; look at [etcd] username"},
        Refusal{"invalid-token", 401, FailureKind::token, "invalid auth token"},
        Refusal{"authentication-not-enabled", 412, FailureKind::login_off, "not enabled"},
        Refusal{"permission-denied", 403, FailureKind::permission, "grant the user"},
        Refusal{"compacted", 400, FailureKind::compacted, "compacted; read the key again"},
        Refusal{"lease-not-found", 404, FailureKind::lease_not_found, "lease not found"},
        Refusal{"no-such-path", 404, FailureKind::malformed, "begins with: Not Found"}));

// Bodies that etcd does not send with 200.
class EtcdNonsense : public testing::TestWithParam<const char*> {};

TEST_P(EtcdNonsense, IsMalformedForEveryOperation) {
  const auto* body = GetParam();
  EXPECT_EQ(parse_range(body).error().kind, FailureKind::malformed);
  EXPECT_EQ(parse_put(body).error().kind, FailureKind::malformed);
  EXPECT_EQ(parse_change(body).error().kind, FailureKind::malformed);
  EXPECT_EQ(parse_grant(body).error().kind, FailureKind::malformed);
  EXPECT_EQ(parse_renewal(body).error().kind, FailureKind::malformed);
  EXPECT_EQ(parse_time_left(body).error().kind, FailureKind::malformed);
  EXPECT_EQ(parse_revoked(body).error().kind, FailureKind::malformed);
  EXPECT_EQ(parse_token(body).error().kind, FailureKind::malformed);
  EXPECT_EQ(parse_failure(500, body).kind, FailureKind::malformed);
}

INSTANTIATE_TEST_SUITE_P(All, EtcdNonsense,
                         testing::Values("", "{}", "null", "[]", "true",
                                         "<html><body>502 Bad Gateway</body></html>",
                                         R"({"header":{"revision":"7)", R"({"header":7})",
                                         R"({"header":{"revision":{}},"code":"x"})",
                                         R"({"header":{"revision":"seven"},"result":[]})"));

TEST(EtcdAnswer, IsMalformedWhereAValueHasAnotherType) {
  const auto bad = [](const std::string& rest) {
    return parse_range(R"({"header":{"revision":"7"},)" + rest + "}").error();
  };
  EXPECT_THAT(bad(R"("kvs":[{"key":"%%","create_revision":"1","mod_revision":"1"}])").message,
              HasSubstr("kvs[0].key: expected base64"));
  EXPECT_EQ(bad(R"("kvs":[{"key":7}])").kind, FailureKind::malformed);
  EXPECT_EQ(bad(R"("kvs":[{"key":"YQ=="}])").kind, FailureKind::malformed);
  EXPECT_EQ(bad(R"("kvs":{})").kind, FailureKind::malformed);
  EXPECT_EQ(parse_change(R"({"header":{"revision":"7"}})").error().kind, FailureKind::malformed);
  EXPECT_EQ(parse_token(R"({"token":"a\r\nHost: b"})").error().kind, FailureKind::malformed);
}

TEST(EtcdAnswer, OfAStreamMayHoldTheErrorInside) {
  const auto failure =
      parse_renewal(R"({"error":{"grpc_code":16,"http_code":401,)"
                    R"("message":"etcdserver: invalid auth token","http_status":"Unauthorized"}})")
          .error();
  EXPECT_EQ(failure.kind, FailureKind::token);
}

}  // namespace
}  // namespace evenkeel::etcd::answers_test
