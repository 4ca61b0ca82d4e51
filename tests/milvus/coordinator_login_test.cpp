// The login that goes with each request, and what a refused one comes to.
#include "tests/milvus/coordinator_fixture.hpp"
#include "tests/milvus/samples.hpp"
#include "tests/web/secrets.hpp"

namespace evenkeel::milvus::coordinator_login_test {
namespace {

using evenkeel::tests::always;
using evenkeel::tests::answer;
using evenkeel::tests::ScriptedServer;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

const std::string kUnknown = exchange("auth-no-credentials/collections.txt").answer;

class CoordinatorLogin : public CoordinatorTest {
 protected:
  void use_password(const std::string& password) {
    options_.login = {.username = "root",
                      .password_file = secrets_.write("password", password),
                      .token_file = {}};
  }

  web::Secrets secrets_;
};

TEST_F(CoordinatorLogin, GoesWithEveryRequest) {
  use_password("Milvus");
  serve("{}");
  const auto sent = [this] { return request_header("Authorization"); };
  const std::string basic = "Basic cm9vdDpNaWx2dXM=";
  EXPECT_TRUE(run(coordinator_->segments(kBook)));
  EXPECT_EQ(sent(), basic);
  EXPECT_TRUE(run(coordinator_->load_balance(kMove)));
  EXPECT_EQ(sent(), basic);
  EXPECT_FALSE(run(coordinator_->databases()));
  EXPECT_EQ(sent(), basic);
  EXPECT_FALSE(run(coordinator_->balancer_active()));
  EXPECT_EQ(sent(), basic);
}

TEST_F(CoordinatorLogin, GoesToTheRestAddressToo) {
  use_password("Milvus");
  std::string asked;
  ScriptedServer rest([&asked](auto& peer, int) {
    asked = peer.read_request();
    peer.write(answer(R"({"code":0,"data":["default"]})"));
  });
  options_.rest = rest.url();
  serve("", 404);
  ASSERT_TRUE(run(coordinator_->databases()));
  EXPECT_THAT(asked, HasSubstr("\r\nAuthorization: Basic cm9vdDpNaWx2dXM=\r\n"));
}

TEST_F(CoordinatorLogin, IsNotTakenAlongToAnotherServer) {
  use_password("Milvus");
  ScriptedServer other(always(answer("{}")));
  serve_script(always(answer("", 302, "Location: " + other.url("/api/v1/metrics").str() + "\r\n")));
  const auto failure = failure_of(coordinator_->system_info());
  EXPECT_EQ(failure.kind, FailureKind::transport);
  EXPECT_THAT(failure.message, HasSubstr("redirected to"));
  EXPECT_EQ(other.connections(), 0);
}

TEST_F(CoordinatorLogin, ThatIsMissingIsSaidWithWhatToSet) {
  serve(kUnknown, 401);
  const auto failure = failure_of(coordinator_->collections("default"));
  EXPECT_EQ(failure.kind, FailureKind::login);
  EXPECT_EQ(failure.code, kCodeNotAuthenticated);
  EXPECT_EQ(failure.message,
            "GET " + server_->url("/api/v1/collections").str() +
                ": HTTP 401: Milvus answered error code 1800: user hasn't authenticated; the login "
                "is missing or wrong; set [milvus] username and password_file, or token_file");
}

TEST_F(CoordinatorLogin, OfATokenIsSaidToBeOne) {
  options_.login.token_file = secrets_.write("token", "root:geheim\n");
  serve(kUnknown, 401);
  const auto failure = failure_of(coordinator_->collections("default"));
  EXPECT_THAT(failure.message, EndsWith("; check [milvus] token_file"));
  EXPECT_THAT(failure.message, Not(HasSubstr("geheim")));
  EXPECT_EQ(request_header("Authorization"), "Bearer root:geheim");
}

TEST_F(CoordinatorLogin, IsALoginWhateverComesWithThe401) {
  for (const char* body : {"", "<html>", "{}", R"({"code":7,"message":"no"})"}) {
    serve(body, 401);
    EXPECT_EQ(failure_of(coordinator_->system_info()).kind, FailureKind::login) << body;
  }
}

TEST_F(CoordinatorLogin, RefusedWithin200IsOneToo) {
  serve(kUnknown);
  const auto failure = failure_of(coordinator_->system_info());
  EXPECT_EQ(failure.kind, FailureKind::login);
  EXPECT_THAT(failure.message,
              EndsWith("; set [milvus] username and password_file, or token_file"));
}

// Where Milvus wants root for its lists (adminAuthEnabled), the rest still answers.
TEST_F(CoordinatorLogin, ThatMayNotDoOneThingMayDoOthers) {
  use_password("Milvus");
  int asked = 0;
  serve_script([&asked](auto& peer, int) {
    for (auto request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      ++asked;
      const bool list = request.find("/_q") != std::string::npos;
      peer.write(list ? answer(R"({"message":"root only"})", 403) : answer("{}"));
    }
  });
  const auto failure = failure_of(coordinator_->segment_sizes());
  EXPECT_EQ(failure.kind, FailureKind::login);
  EXPECT_THAT(failure.message,
              HasSubstr("HTTP 403: Milvus answered: root only; check [milvus] username and "
                        "password_file, since it may not do this"));
  EXPECT_TRUE(run(coordinator_->segments(kBook)));
  EXPECT_EQ(failure_of(coordinator_->segment_sizes()).kind, FailureKind::login);
  EXPECT_EQ(asked, 2) << "the list was not asked for again";
}

TEST_F(CoordinatorLogin, RefusedAtTheRestAddressIsNotRefusedElsewhere) {
  ScriptedServer rest(always(answer(kUnknown, 401)));
  options_.rest = rest.url();
  serve_each({{"/api/v1/query-segment-info", "{}"}});
  EXPECT_EQ(failure_of(coordinator_->databases()).kind, FailureKind::login);
  EXPECT_TRUE(run(coordinator_->segments(kBook)));
}

}  // namespace
}  // namespace evenkeel::milvus::coordinator_login_test
