// The files that the settings name, together: what is found wrong before anything is served.

#include "agent/web/access.hpp"

#include <gmock/gmock.h>

#include "tests/web/identity.hpp"
#include "tests/web/secrets.hpp"

namespace evenkeel::web::access_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class AccessTest : public testing::Test {
 protected:
  std::vector<std::string> mistakes() const {
    const auto access = load_access(settings_);
    std::vector<std::string> lines;
    if (!access) {
      for (const auto& mistake : access.error()) lines.push_back(mistake.str());
    }
    return lines;
  }

  const Secrets secrets_;
  const Identity authority_{"authority"};
  const Identity server_{"server", &authority_};
  settings::Settings::Web settings_;
};

TEST_F(AccessTest, IsOpenWhereNothingIsSet) {
  const auto access = load_access({});
  ASSERT_TRUE(access);
  EXPECT_TRUE(access->open());
  EXPECT_FALSE(access->read_only);
  EXPECT_EQ(access->tls, nullptr);
}

TEST_F(AccessTest, TakesEverythingThatIsSet) {
  settings_.hosts = {"evenkeel.example"};
  settings_.read_only = true;
  settings_.token_file = secrets_.write("token", kToken);
  settings_.users_file = secrets_.write("users", "anna:" + kHorseHash);
  settings_.cert_file = secrets_.write("cert", server_.certificate() + authority_.certificate());
  settings_.key_file = secrets_.write("key", server_.key());
  settings_.client_ca_file = secrets_.write("ca", authority_.certificate(), 0644);
  const auto access = load_access(settings_);
  ASSERT_TRUE(access) << access.error().front().str();
  EXPECT_EQ(access->hosts, settings_.hosts);
  EXPECT_TRUE(access->read_only);
  EXPECT_TRUE(access->token->matches(kToken));
  EXPECT_EQ(access->users.size(), 1u);
  EXPECT_TRUE(access->certificates);
  EXPECT_NE(access->tls, nullptr);
  EXPECT_FALSE(access->open());
}

TEST_F(AccessTest, NamesAllMistakesAtOnce) {
  settings_.token_file = secrets_.write("token", kToken, 0644);
  settings_.users_file = secrets_.write("users", "anna");
  settings_.cert_file = secrets_.path("none");
  settings_.key_file = secrets_.write("key", server_.key(), 0644);
  settings_.client_ca_file = secrets_.write("ca", "nonsense");
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("[web] token_file: everybody"),
                                      HasSubstr("users:1: [web] users_file: expected"),
                                      HasSubstr("none: [web] cert_file: cannot be read"),
                                      HasSubstr("[web] key_file: everybody"),
                                      HasSubstr("[web] client_ca_file: holds no certificate")));
}

TEST_F(AccessTest, SaysThatTheKeyIsNotTheCertificates) {
  settings_.cert_file = secrets_.write("cert", server_.certificate());
  settings_.key_file = secrets_.write("key", Identity("other").key());
  EXPECT_THAT(mistakes(), ElementsAre(AllOf(HasSubstr("[web] key_file: is not the key of the"),
                                            HasSubstr(settings_.cert_file))));
}

TEST_F(AccessTest, SaysThatThereIsNoKeyOrCertificateInTheFile) {
  settings_.cert_file = secrets_.write("cert", server_.key());
  settings_.key_file = secrets_.write("key", server_.certificate());
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("[web] cert_file: holds no certificate in PEM"),
                                      HasSubstr("[web] key_file: holds no private key in PEM")));
}

}  // namespace
}  // namespace evenkeel::web::access_test
