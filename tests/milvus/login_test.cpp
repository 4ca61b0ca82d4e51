// The file that a login is read from: what it may hold, and how it may change.
#include "agent/milvus/login.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/time.h>

#include <filesystem>

#include "tests/web/secrets.hpp"

namespace evenkeel::milvus::login_test {
namespace {

using testing::HasSubstr;
using testing::Not;

class LoginTest : public testing::Test {
 protected:
  Login password_login() const {
    return make({.username = "root", .password_file = secrets_.path("secret"), .token_file = {}});
  }
  Login token_login() const { return make({{}, {}, secrets_.path("secret")}); }
  static Login make(LoginOptions options) {
    return {std::move(options), [] { return std::chrono::steady_clock::time_point{}; }, {}};
  }

  // What a file of this text gives, or the error.
  std::string password(const std::string& text, mode_t mode = 0600) const {
    secrets_.write("secret", text, mode);
    return header(password_login());
  }
  std::string token(const std::string& text) const {
    secrets_.write("secret", text);
    return header(token_login());
  }
  static std::string header(Login login) {
    const auto authorization = login.authorization();
    return authorization ? authorization->header : "error: " + authorization.error();
  }

  web::Secrets secrets_;
};

TEST_F(LoginTest, IsBasicOrBearer) {
  EXPECT_EQ(password("Milvus"), "Basic cm9vdDpNaWx2dXM=");
  EXPECT_EQ(password("a"), "Basic cm9vdDph");
  EXPECT_EQ(password("ab"), "Basic cm9vdDphYg==");
  EXPECT_EQ(token("root:Milvus"), "Bearer root:Milvus");
  EXPECT_EQ(header(make({})), "") << "none is set";
}

TEST_F(LoginTest, LosesOneLineEndAndNothingElse) {
  EXPECT_EQ(token("a:b\n"), "Bearer a:b");
  EXPECT_EQ(token("a:b\r\n"), "Bearer a:b");
  EXPECT_EQ(token(" a:b "), "Bearer  a:b ") << "spaces belong to it";
  EXPECT_EQ(token("a:p\xC3\xA4ss"), "Bearer a:p\xC3\xA4ss");
}

TEST_F(LoginTest, OfMoreThanOneLineIsRefusedWithoutBeingShown) {
  for (const auto& text : {std::string("geheim\n\n"), std::string("geheim\nX-Evil: 1"),
                           std::string("geheim\r\nX-Evil: 1\r\n"), std::string("gehe\tim"),
                           std::string("geheim\0", 7), std::string("geheim\x7f")}) {
    for (const auto& error : {password(text), token(text)}) {
      EXPECT_THAT(error, HasSubstr("must be one line without control characters"));
      EXPECT_THAT(error, Not(HasSubstr("geheim")));
    }
  }
  EXPECT_THAT(password("\n"), HasSubstr("has nothing but a line end in it"));
  EXPECT_THAT(password(""), HasSubstr("is empty"));
}

TEST_F(LoginTest, ThatOthersMayReadIsRefusedWithItsKey) {
  EXPECT_THAT(
      password("geheim", 0644),
      HasSubstr("[milvus] password_file: everybody on this machine may read or write it (its "
                "mode is 0644)"));
  EXPECT_EQ(password("Milvus", 0640), "Basic cm9vdDpNaWx2dXM=") << "the group may";
  secrets_.write("secret", "x", 0604);
  EXPECT_THAT(header(token_login()), HasSubstr("[milvus] token_file: everybody"));
}

TEST_F(LoginTest, IsReadAgainWhenItChanges) {
  secrets_.write("secret", "a:1");
  auto login = token_login();
  const auto first = login.authorization();
  EXPECT_EQ(first->header, "Bearer a:1");
  EXPECT_EQ(login.authorization()->generation, first->generation) << "the same secret";
  secrets_.write("secret", "a:2");  // of the same size, within the same tick of the clock
  EXPECT_EQ(login.authorization()->header, "Bearer a:2");
  EXPECT_NE(login.authorization()->generation, first->generation);
}

TEST_F(LoginTest, IsReadAgainWhenALinkLeadsElsewhere) {
  // As Kubernetes does it: secret -> data/secret, data -> ..1 and then ..2.
  const auto link = [this](const std::string& to) {
    std::filesystem::create_directory_symlink(to, secrets_.path("new"));
    std::filesystem::rename(secrets_.path("new"), secrets_.path("data"));
  };
  for (const char* version : {"..1", "..2"})
    std::filesystem::create_directory(secrets_.path(version));
  secrets_.write("..1/secret", "a:1");
  secrets_.write("..2/secret", "a:2");
  link("..1");
  std::filesystem::create_symlink("data/secret", secrets_.path("secret"));
  auto login = token_login();
  EXPECT_EQ(login.authorization()->header, "Bearer a:1");
  link("..2");
  EXPECT_EQ(login.authorization()->header, "Bearer a:2");
}

}  // namespace
}  // namespace evenkeel::milvus::login_test
