// Tokens, users and the files they stand in: what is taken, and what is said of what is not.

#include "agent/web/users.hpp"

#include <gmock/gmock.h>

#include "agent/web/token.hpp"
#include "tests/web/secrets.hpp"

namespace evenkeel::web::users_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr auto* kYescrypt = "$y$j75$evenkeeleven$6Fm/BeP5o9ARhXJJ8qstcmsDo3QLCPO6B9cnZmOsTf6";

TEST(Token, IsTheLineOfItsFile) {
  for (const auto& text : {kToken, kToken + '\n', kToken + "\r\n"}) {
    const auto token = Token::parse(text);
    ASSERT_TRUE(token) << token.error();
    EXPECT_TRUE(token->matches(kToken));
    for (const auto& wrong : {std::string(), kToken + '\n', kToken + '0', kToken.substr(1),
                              "1" + kToken.substr(1), std::string(kToken.size(), '\0')}) {
      EXPECT_FALSE(token->matches(wrong)) << wrong;
    }
  }
}

TEST(Token, IsRefusedWithWhatToDo) {
  const auto error = [](const std::string& text) {
    const auto token = Token::parse(text);
    return token ? "" : token.error();
  };
  EXPECT_THAT(error("\n \n"), AllOf(HasSubstr("holds no token"), HasSubstr("openssl rand")));
  EXPECT_THAT(error("short"), AllOf(HasSubstr("shorter than 16"), Not(HasSubstr("short;"))));
  EXPECT_THAT(error(kToken + '\n' + kToken), HasSubstr("more than one line"));
  EXPECT_THAT(error("Bearer " + kToken), HasSubstr("letters, digits"));
  EXPECT_THAT(error("pässwörter-pässwörter"), HasSubstr("letters, digits"));
}

TEST(Users, AreReadLineByLine) {
  const auto users = parse_users(
      "# who may\n\nanna:" + kHorseHash + "\r\nbob:" + kSwordfishHash + "\ncarl:" + kYescrypt,
      "users");
  ASSERT_TRUE(users) << users.error().front().str();
  EXPECT_EQ(users->size(), 3u);
  EXPECT_EQ(users->at("anna"), kHorseHash);
  EXPECT_EQ(users->at("carl"), kYescrypt);
}

TEST(Users, AreRefusedWithEveryMistakeAndItsLine) {
  const auto cut = kHorseHash.substr(0, kHorseHash.size() - 1);
  const auto users =
      parse_users("anna\nanna:secret\nbob:" + cut + "\n:" + kHorseHash + "\nc d:" + kHorseHash +
                      "\nok:" + kHorseHash + "\nok:" + kHorseHash,
                  "/users");
  ASSERT_FALSE(users);
  std::vector<std::string> mistakes;
  for (const auto& mistake : users.error()) mistakes.push_back(mistake.str());
  EXPECT_THAT(mistakes, ElementsAre(HasSubstr("/users:1: [web] users_file: expected \"name:hash\""),
                                    AllOf(HasSubstr("/users:2: "), HasSubstr("openssl passwd -6"),
                                          Not(HasSubstr("secret"))),
                                    AllOf(HasSubstr("/users:3: "), HasSubstr("is cut")),
                                    AllOf(HasSubstr("/users:4: "), HasSubstr("name must be")),
                                    AllOf(HasSubstr("/users:5: "), HasSubstr("name must be")),
                                    AllOf(HasSubstr("/users:7: "), HasSubstr("twice"))));
}

TEST(Users, AreRefusedWhereAHashIsOfAWrongKind) {
  const auto fault = [](const std::string& hash) {
    const auto users = parse_users("anna:" + hash, "/users");
    return users ? "" : users.error().front().what;
  };
  EXPECT_EQ(fault(kYescrypt), "");
  EXPECT_EQ(fault(kSwordfishHash), "");
  for (const auto* weak :
       {"", "x", "$1$abcdefgh$G9RBLRGQ0jNF7ufs5C1H30", "{SHA}5en6G6MezRroT3XKqkdPOmY",
        "$apr1$abcdefgh$eyRJrQZGmwMqyCk4jg2wH0", "$6$", "$y$", "$2b$"}) {
    EXPECT_NE(fault(weak), "") << weak;
  }
  EXPECT_THAT(fault("$2b$31$abcdefghijklmnopqrstuugIEnm3ZbWF6xb2GcoE3L1CoGJFMKtu."),
              HasSubstr("too slow"));
  EXPECT_THAT(fault("$6$rounds=900000000" + kHorseHash.substr(14)), HasSubstr("too slow"));
  EXPECT_THAT(fault(std::string(kYescrypt) + "x"), HasSubstr("is cut or malformed"));
}

TEST(Users, MustBeSomebody) {
  const auto users = parse_users("# nobody yet\n", "/users");
  ASSERT_FALSE(users);
  EXPECT_THAT(users.error().front().str(), HasSubstr("/users: [web] users_file: names no user"));
}

TEST(Passwords, MatchTheirHashAlone) {
  EXPECT_TRUE(password_matches("correct horse", kHorseHash));
  EXPECT_TRUE(password_matches("correct horse", kYescrypt));
  EXPECT_TRUE(password_matches("swordfish", kSwordfishHash));
  EXPECT_FALSE(password_matches("swordfish", kHorseHash));
  EXPECT_FALSE(password_matches("", kHorseHash));
  EXPECT_FALSE(password_matches("correct hors", kHorseHash));
  EXPECT_FALSE(password_matches(std::string("swordfish\0", 10), kSwordfishHash));
  EXPECT_FALSE(password_matches("*0", "*0")) << "what libcrypt answers to nonsense";
}

TEST(KnownPasswords, AreKnownUntilTheUsersHashChanges) {
  KnownPasswords known;
  EXPECT_FALSE(known.knows("anna", "a", "hash"));
  known.remember("anna", "a", "hash");
  EXPECT_TRUE(known.knows("anna", "a", "hash"));
  EXPECT_FALSE(known.knows("anna", "b", "hash"));
  EXPECT_FALSE(known.knows("bob", "a", "hash"));
  EXPECT_FALSE(known.knows("anna", "a", "another"));
}

TEST(SecretFile, IsReadWhereOthersCannot) {
  const Secrets secrets;
  for (const mode_t mode : {0600, 0640, 0400}) {
    const auto text = read_file(secrets.write("t", "text", mode), "token_file", Secrecy::secret);
    ASSERT_TRUE(text) << text.error().str();
    EXPECT_EQ(*text, "text");
  }
  for (const mode_t mode : {0644, 0606, 0602}) {
    const auto path = secrets.write("t", "text", mode);
    const auto text = read_file(path, "token_file", Secrecy::secret);
    ASSERT_FALSE(text) << mode;
    EXPECT_EQ(text.error().where, path);
    EXPECT_THAT(text.error().what,
                AllOf(HasSubstr("[web] token_file: everybody"), HasSubstr("run chmod o= on it")));
    EXPECT_TRUE(read_file(path, "cert_file", Secrecy::open));
  }
}

TEST(SecretFile, SaysWhatIsWrong) {
  const Secrets secrets;
  const auto fault = [](const std::string& path) {
    const auto text = read_file(path, "token_file", Secrecy::secret);
    return text ? "" : text.error().str();
  };
  EXPECT_THAT(fault(secrets.path("none")),
              HasSubstr("none: [web] token_file: cannot be read: No such file or directory"));
  EXPECT_THAT(fault(secrets.path("")), HasSubstr("is not a plain file"));
  EXPECT_THAT(fault("/dev/null"), HasSubstr("is not a plain file"));
  EXPECT_THAT(fault(secrets.write("empty", "")), HasSubstr("is empty"));
  EXPECT_THAT(fault(secrets.write("large", std::string((1u << 20) + 1, 'x'))),
              HasSubstr("larger than 1 MiB"));
  ASSERT_EQ(::mkfifo(secrets.path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(fault(secrets.path("pipe")), HasSubstr("is not a plain file"));
}

}  // namespace
}  // namespace evenkeel::web::users_test
