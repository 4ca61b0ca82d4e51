// The login on each road: that it goes with each question, and what a refused one comes to.
#include "tests/milvus/roads_fixture.hpp"
#include "tests/web/secrets.hpp"

namespace evenkeel::milvus::coordinator_logins_test {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Told kWrong{.manner = Manner::wrong_login};

class Logins : public RoadTest {
 protected:
  void use_password(const std::string& password) {
    options_.login = {.username = "root",
                      .password_file = secrets_.write("password", password),
                      .token_file = {}};
  }

  web::Secrets secrets_;
};
EVENKEEL_ON_EACH_ROAD(Logins);

TEST_P(Logins, AreNotSentWhereNoneIsSet) {
  serve("{}");
  EXPECT_TRUE(run(coordinator_->segments(book_)));
  EXPECT_EQ(asked().login, "");
}

TEST_P(Logins, GoWithEveryRequest) {
  use_password("Milvus");
  serve("{}");
  EXPECT_TRUE(run(coordinator_->segments(book_)));
  EXPECT_EQ(asked().login, "root:Milvus");
  EXPECT_TRUE(run(coordinator_->load_balance(move_)));
  EXPECT_EQ(asked().login, "root:Milvus");
  EXPECT_FALSE(run(coordinator_->databases()));
  EXPECT_EQ(asked().login, "root:Milvus");
}

TEST_P(Logins, OfATokenGoAsTheyAre) {
  options_.login.token_file = secrets_.write("token", "root:geheim\n");
  serve("{}");
  EXPECT_TRUE(run(coordinator_->segments(book_)));
  EXPECT_EQ(asked().login, "root:geheim");
}

TEST_P(Logins, ThatAreMissingAreSaidWithWhatToSet) {
  serve(kWrong);
  const auto failure = failure_of(coordinator_->collections("default"));
  EXPECT_EQ(failure.kind, FailureKind::login);
  EXPECT_THAT(failure.message,
              EndsWith("; set [milvus] username and password_file, or token_file"));
}

TEST_P(Logins, ThatAreWrongAreSaidWithWhatToLookAt) {
  use_password("geheim");
  serve(kWrong);
  const auto failure = failure_of(coordinator_->collections("default"));
  EXPECT_EQ(failure.kind, FailureKind::login);
  EXPECT_THAT(failure.message, EndsWith("; check [milvus] username and password_file"));
  EXPECT_THAT(failure.message, Not(HasSubstr("geheim")));
}

TEST_P(Logins, ThatWereRefusedAreNotTriedAgainForThirtySeconds) {
  use_password("geheim");
  serve(kWrong);
  const auto first = failure_of(coordinator_->collections("default"));
  now_ += seconds(29);
  const auto second = failure_of(coordinator_->segments(book_));
  EXPECT_EQ(second.kind, FailureKind::login);
  EXPECT_EQ(second.message, first.message) << "what was asked then";
  EXPECT_EQ(failure_of_move(move_).kind, FailureKind::login);
  EXPECT_EQ(failure_of(coordinator_->databases()).kind, FailureKind::login);
  EXPECT_EQ(times(), 1U);
  now_ += seconds(1);
  EXPECT_EQ(failure_of(coordinator_->segments(book_)).kind, FailureKind::login);
  EXPECT_EQ(times(), 2U);
  EXPECT_EQ(failure_of(coordinator_->segments(book_)).kind, FailureKind::login);
  EXPECT_EQ(times(), 2U) << "and thirty seconds more";
}

TEST_P(Logins, ThatChangedAreTriedAtOnce) {
  use_password("geheim");
  serve(kWrong);
  EXPECT_FALSE(run(coordinator_->segments(book_)));
  use_password("besser");
  EXPECT_FALSE(run(coordinator_->segments(book_)));
  EXPECT_EQ(times(), 2U);
  EXPECT_EQ(asked().login, "root:besser");
}

TEST_P(Logins, ThatMayNotDoOneThingMayDoOthers) {
  use_password("Milvus");
  serve_script([](const Asked& asked) {
    return Told{.manner = asked.method == "LoadBalance" ? Manner::forbids : Manner::answers};
  });
  const auto failure = failure_of_move(move_);
  EXPECT_EQ(failure.kind, FailureKind::login);
  EXPECT_THAT(failure.message,
              HasSubstr(GetParam() == Road::grpc ? "grant it to a role of this user"
                                                 : "check [milvus] username and password_file"));
  EXPECT_TRUE(run(coordinator_->segments(book_)));
  EXPECT_EQ(failure_of_move(move_).kind, FailureKind::login);
  EXPECT_EQ(times(), 2U) << "the move was not sent again";
}

TEST_P(Logins, ThatCannotBeReadAreNotSent) {
  options_.login = {.username = "root", .password_file = secrets_.path("none"), .token_file = {}};
  serve("{}");
  const auto failure = failure_of(coordinator_->segments(book_));
  EXPECT_EQ(failure.kind, FailureKind::login);
  EXPECT_THAT(failure.message,
              HasSubstr("not sent, since the login cannot be read: " + secrets_.path("none") +
                        ": [milvus] password_file: cannot be read: No such file"));
  EXPECT_EQ(times(), 0U);
  secrets_.write("none", "Milvus");
  EXPECT_TRUE(run(coordinator_->segments(book_))) << "once it is there";
}

TEST_P(Logins, ThatCanNoLongerBeReadAreUsedAsTheyWere) {
  use_password("geheim");
  serve("{}");
  EXPECT_TRUE(run(coordinator_->segments(book_)));
  EXPECT_THAT(warnings_, IsEmpty());
  secrets_.write("password", "besser", 0644);
  EXPECT_TRUE(run(coordinator_->segments(book_)));
  EXPECT_TRUE(run(coordinator_->segments(book_)));
  EXPECT_EQ(asked().login, "root:geheim");
  ASSERT_THAT(warnings_, ElementsAre(HasSubstr("everybody on this machine may read"))) << "once";
  EXPECT_THAT(warnings_[0], EndsWith("; the login that was read before is used"));
  EXPECT_THAT(warnings_[0], Not(HasSubstr("besser")));
  secrets_.write("password", "besser");
  EXPECT_TRUE(run(coordinator_->segments(book_)));
  EXPECT_EQ(asked().login, "root:besser");
}

}  // namespace
}  // namespace evenkeel::milvus::coordinator_logins_test
