// Where a login would go over the network in clear, and what is wrong with its file.
#include <gmock/gmock.h>

#include "agent/cli/session.hpp"

namespace evenkeel::cli::login_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

settings::Settings settings_at(const std::string& address) {
  settings::Settings settings;
  settings.milvus.address = address;
  settings.milvus.username = "root";
  settings.milvus.password_file = "/p";
  return settings;
}

TEST(LoginInClear, IsOneToAnotherMachineWithoutTls) {
  for (const char* seen : {"http://milvus:9091", "http://10.0.0.1:9091", "http://[fd00::1]:9091",
                           "http://127.0.0.1.example:9091"}) {
    EXPECT_THAT(login_in_clear_to(settings_at(seen)), ElementsAre(seen));
  }
  for (const char* unseen : {"https://milvus:9091", "http://127.0.0.1:9091", "http://[::1]:9091",
                             "http://localhost:9091"}) {
    EXPECT_THAT(login_in_clear_to(settings_at(unseen)), IsEmpty()) << unseen;
  }
}

TEST(LoginInClear, IsOneToTheRestAddressToo) {
  auto settings = settings_at("http://localhost:9091");
  settings.milvus.rest_address = "http://milvus:19530";
  EXPECT_THAT(login_in_clear_to(settings), ElementsAre("http://milvus:19530"));
}

TEST(LoginInClear, IsOneOverGrpcAndToTheMetricsAddressBesideIt) {
  EXPECT_THAT(login_in_clear_to(settings_at("grpc://milvus")), ElementsAre("grpc://milvus"));
  EXPECT_THAT(login_in_clear_to(settings_at("grpc://127.0.0.1:19530")), IsEmpty());
  auto settings = settings_at("grpcs://milvus:19530");
  settings.milvus.rest_address = "http://unused:19530";
  EXPECT_THAT(login_in_clear_to(settings), IsEmpty());
  settings.milvus.metrics_address = "http://milvus:9091";
  EXPECT_THAT(login_in_clear_to(settings), ElementsAre("http://milvus:9091"));
}

TEST(LoginInClear, IsNoneWithoutALogin) {
  settings::Settings settings;
  settings.milvus.address = "http://milvus:9091";
  EXPECT_THAT(login_in_clear_to(settings), IsEmpty());
  settings.milvus.token_file = "/t";
  EXPECT_THAT(login_in_clear_to(settings), ElementsAre("http://milvus:9091"));
}

TEST(LoginMistake, IsFoundInThePasswordForEtcdWhereThatIsAsked) {
  settings::Settings settings;
  settings.etcd.username = "root";
  settings.etcd.password_file = "/no/such/file";
  settings.etcd.endpoints = {"http://etcd:2379"};
  EXPECT_FALSE(login_mistake(settings));
  settings.builtin_balancer.mode = "hold";
  const auto mistake = login_mistake(settings);
  ASSERT_TRUE(mistake);
  EXPECT_EQ(mistake->where, "/no/such/file");
  EXPECT_THAT(mistake->what, testing::HasSubstr("[etcd] password_file: cannot be read"));
  settings.builtin_balancer.via = "suspend";
  EXPECT_FALSE(login_mistake(settings));
  settings.turns.mode = "etcd";
  EXPECT_TRUE(login_mistake(settings));
}

}  // namespace
}  // namespace evenkeel::cli::login_test
