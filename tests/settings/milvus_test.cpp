// How the agent is known to Milvus, and what it looks at there: each mistake where it is.

#include <gmock/gmock.h>

#include "tests/settings/helpers.hpp"

namespace evenkeel::settings::milvus_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

struct Bad {
  std::string name, line, where, words;
};

void PrintTo(const Bad& value, std::ostream* out) {
  *out << value.name;
}

const std::vector<Bad> kBad = {
    {"NameIsANumber", "name = 7", "f.toml:2:8", "expected a short text"},
    {"NameWithALineBreak", "name = \"a\\nb\"", "f.toml:2:8", "without control characters"},
    {"UserIsANumber", "username = 7", "f.toml:2:12", "expected the name of a user"},
    {"UserWithColon", "username = 'root:Milvus'", "f.toml:2:12", "belongs in password_file"},
    {"UserWithControl", "username = \"ro\\u000aot\"", "f.toml:2:12", "control characters"},
    {"PasswordFileIsANumber", "password_file = 7", "f.toml:2:17", "expected the name of a file"},
    {"AddressOfAnotherKind", "address = 'ftp://h:21'", "f.toml:2:11",
     "neither http nor https; Milvus's gRPC port is written as grpc:// or grpcs://"},
    {"AddressWithoutScheme", "address = 'h:19530'", "f.toml:2:11", "grpc:// or grpcs://"},
    {"MetricsOverGrpc", "metrics_address = 'grpc://h:19530'", "f.toml:2:19", "neither http"},
#ifdef EVENKEEL_GRPC
    {"GrpcWithPath", "address = 'grpc://h:19530/v2'", "f.toml:2:11", "without a path"},
    {"GrpcWithoutHost", "address = 'grpcs://:19530'", "f.toml:2:11", "names no host"},
    {"GrpcWithLogin", "address = 'grpc://root:Milvus@h'", "f.toml:2:11", "user name or password"},
#else
    {"GrpcInAProgramWithout", "address = 'grpc://h'", "f.toml:2:11", "built without gRPC"},
#endif
    {"RestWithoutScheme", "rest_address = 'h:19530'", "f.toml:2:16", "must begin with http://"},
    {"RestWithPath", "rest_address = 'http://h:19530/v2'", "f.toml:2:16", "without a path"},
    {"RestIsANumber", "rest_address = 19530", "f.toml:2:16", "expected a URL such as"},
    {"DatabasesAsText", "databases = 'default'", "f.toml:2:13", "expected a list of names"},
    {"DatabaseIsANumber", "databases = ['a', 7]", "f.toml:2:19", "expected the name of a database"},
    {"DatabaseEmpty", "databases = ['']", "f.toml:2:14", "\"\" is no name of a database"},
    {"DatabaseWithDigit", "databases = ['2shop']", "f.toml:2:14", "begins with a letter"},
    {"DatabaseWithSpace", "databases = ['my shop']", "f.toml:2:14", "\"my shop\" is no name"},
    {"DatabaseTooLong", "databases = ['" + std::string(256, 'a') + "']", "f.toml:2:14",
     "at most 255"},
    {"DatabaseTwice", "databases = ['a', 'b', 'a']", "f.toml:2:24", "at f.toml:2:14 already"},
    {"UntestedIsAText", "allow_untested_version = 'yes'", "f.toml:2:26", "true or false"},
};

class MilvusMistake : public testing::TestWithParam<Bad> {};

TEST_P(MilvusMistake, IsReportedWhereItIs) {
  const auto mistakes = mistakes_in("[milvus]\n" + GetParam().line);
  ASSERT_THAT(mistakes, SizeIs(1));
  EXPECT_EQ(mistakes.front().where, GetParam().where) << mistakes.front().what;
  EXPECT_THAT(mistakes.front().what, HasSubstr(GetParam().words));
}

INSTANTIATE_TEST_SUITE_P(Settings, MilvusMistake, testing::ValuesIn(kBad),
                         [](const auto& test) { return test.param.name; });

#ifdef EVENKEEL_GRPC
TEST(MilvusAddress, MayBeOneOfGrpc) {
  for (const char* address : {"grpc://h", "grpcs://h:19530", "GRPC://[::1]:1/"}) {
    EXPECT_THAT(mistakes_in("[milvus]\naddress = '" + std::string(address) + "'"), IsEmpty());
  }
}
#endif

TEST(MilvusUser, APasswordWrittenThereIsNotRepeated) {
  const auto mistakes = mistakes_in("[milvus]\nusername = 'root:geheim'");
  ASSERT_THAT(mistakes, SizeIs(1));
  EXPECT_THAT(mistakes.front().str(), Not(HasSubstr("geheim")));
}

TEST(MilvusDatabases, ComeFromTheEnvironmentToo) {
  const auto loaded = from_environment(environment_of({{"EVENKEEL_MILVUS_DATABASES", "a,b"}}));
  ASSERT_TRUE(loaded) << loaded.error().front().str();
  EXPECT_THAT(loaded->milvus.databases, ElementsAre("a", "b"));
}

TEST(MilvusDatabases, OfTheLongestNameAreTaken) {
  EXPECT_THAT(mistakes_in("[milvus]\ndatabases = ['" + std::string(255, 'a') + "']"), IsEmpty());
}

TEST(MemorySource, UnknownIsToldWhatThereIs) {
  const auto mistakes = mistakes_in("[memory]\nsource = 'rss'");
  ASSERT_THAT(places(mistakes), ElementsAre("f.toml:2:10"));
  EXPECT_THAT(mistakes.front().what,
              HasSubstr(R"(one of "auto", "resident", "milvus", got "rss")"));
}

}  // namespace
}  // namespace evenkeel::settings::milvus_test
