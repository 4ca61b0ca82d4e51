// The way from a name to a server, where the name has more than one address.
#include "agent/milvus/grpc_channel.hpp"

#include "tests/http/black_hole.hpp"
#include "tests/milvus/grpc_fixture.hpp"

namespace evenkeel::milvus::grpc_channel_test {
namespace {

using std::chrono::milliseconds;

class GrpcChannelTest : public GrpcCoordinatorTest {
 protected:
  GrpcChannelTest() { serve({{"GetVersion", {"7"}}}); }

  // Asks the first of these addresses that answers, the server's own as the last.
  tl::expected<std::string, GrpcStatus> ask_behind(const std::string& address) {
    GrpcChannel channel(server_->url(),
                        {.target = "ipv4:" + address + "," + server_->url().authority()});
    return run(channel.call(
        {.method = std::string(kMilvusService) + "GetVersion", .deadline = milliseconds(20'000)}));
  }
};

struct TheOnlyGrpcChannel : testing::Test, evenkeel::tests::Asks {};

TEST_F(GrpcChannelTest, AFirstAddressThatRefusesIsPassedOver) {
  const auto answer = ask_behind("127.0.0.1:" + std::to_string(evenkeel::tests::closed_port()));
  ASSERT_TRUE(answer) << answer.error().words;
  EXPECT_EQ(*answer, "7");
}

TEST_F(GrpcChannelTest, AFirstAddressThatNeverAnswersIsPassedOver) {
  const evenkeel::tests::BlackHole hole;
  const auto answer = ask_behind("127.0.0.1:" + std::to_string(hole.port()));
  ASSERT_TRUE(answer) << answer.error().words;
  EXPECT_EQ(*answer, "7");
}

// The channel ended on gRPC's own thread now and then, which waits for itself then: the program was
// aborted at its end, once in some hundred calls that failed.
TEST_F(TheOnlyGrpcChannel, EndsAtOnceAfterACallThatFailed) {
  for (int i = 0; i < 1'000; ++i) {
    GrpcChannel channel(*http::parse_url("http://127.0.0.1:1"), {});
    const auto answer = run(channel.call(
        {.method = std::string(kMilvusService) + "GetVersion", .deadline = milliseconds(20'000)}));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, grpc_code::kUnavailable) << answer.error().words;
  }
}

}  // namespace
}  // namespace evenkeel::milvus::grpc_channel_test
