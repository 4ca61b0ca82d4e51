// A coordinator that leaves questions unanswered is asked no further in that look.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/milvus/wrapped_coordinator.hpp"

namespace evenkeel::milvus::bounded_coordinator_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

// Answers `replicas` as it is told to, and counts what it is asked.
class Scripted final : public Coordinator {
 public:
  bool hangs = true;
  int asked = 0;

  Awaitable<Result<SystemInfo>> system_info() override { co_return SystemInfo{}; }
  Awaitable<Result<Databases>> databases() override { co_return Databases{}; }
  Awaitable<Result<std::vector<CollectionInfo>>> collections(const std::string&) override {
    co_return std::vector<CollectionInfo>{};
  }
  Awaitable<Result<std::vector<ReplicaInfo>>> replicas(const CollectionInfo&) override {
    ++asked;
    if (!hangs) co_return std::vector<ReplicaInfo>{};
    co_return tl::unexpected(
        Failure{.kind = FailureKind::transport, .message = "no answer", .timed_out = true});
  }
  Awaitable<Result<std::vector<SegmentInfo>>> segments(const CollectionInfo&) override {
    co_return tl::unexpected(Failure{.kind = FailureKind::refused, .message = "no"});
  }
  Awaitable<Result<rules::Bytes>> row_bytes(const CollectionInfo&) override { co_return 1; }
  Awaitable<Result<void>> load_balance(const LoadBalance&) override {
    ++asked;
    co_return Result<void>{};
  }
};

struct BoundedCoordinatorTest : testing::Test {
  template <typename T>
  T wait(Awaitable<T> call) {
    std::optional<T> result;
    asio::co_spawn(
        io, [&]() -> Awaitable<void> { result = co_await std::move(call); }, asio::detached);
    io.restart();
    io.run();
    return *std::move(result);
  }
  Result<std::vector<ReplicaInfo>> ask() { return wait(bounded.replicas(CollectionInfo{})); }

  asio::io_context io{1};
  Scripted scripted;
  rules::TimePoint now{1h};
  BoundedCoordinator bounded{scripted, [this] { return now; }};
};

TEST_F(BoundedCoordinatorTest, IsAskedNoMoreAfterFourTimeoutsInARow) {
  bounded.begin(1min);
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(ask().error().not_asked);
  const auto fifth = ask();
  EXPECT_TRUE(fifth.error().not_asked);
  EXPECT_THAT(fifth.error().message, HasSubstr("4 questions in a row"));
  EXPECT_EQ(scripted.asked, 4);
  EXPECT_THAT(bounded.given_up(), HasSubstr("[milvus] timeout"));
}

TEST_F(BoundedCoordinatorTest, GoesOnWhereAnAnswerCameBetween) {
  bounded.begin(1min);
  for (int i = 0; i < 20; ++i) {
    scripted.hangs = i % 4 != 3;
    EXPECT_FALSE(!ask() && bounded.given_up() != "") << i;
  }
  EXPECT_EQ(scripted.asked, 20);
}

TEST_F(BoundedCoordinatorTest, ARefusalIsAnAnswer) {
  bounded.begin(1min);
  for (int i = 0; i < 3; ++i) (void)ask();
  (void)wait(bounded.segments(CollectionInfo{}));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(ask().error().not_asked) << i;
}

TEST_F(BoundedCoordinatorTest, IsAskedNoMoreAfterTheLooksTime) {
  scripted.hangs = false;
  bounded.begin(1min);
  now += 1min;
  EXPECT_TRUE(ask());
  now += 1ms;
  const auto late = ask();
  ASSERT_FALSE(late);
  EXPECT_TRUE(late.error().not_asked);
  EXPECT_THAT(late.error().message, HasSubstr("60 s"));
}

TEST_F(BoundedCoordinatorTest, TheNextLookAsksAgain) {
  bounded.begin(1min);
  for (int i = 0; i < 9; ++i) (void)ask();
  bounded.begin(1min);
  scripted.hangs = false;
  EXPECT_TRUE(ask());
  EXPECT_THAT(bounded.given_up(), IsEmpty());
}

TEST_F(BoundedCoordinatorTest, ACallIsPassedOnWhateverWasGivenUp) {
  bounded.begin(1min);
  for (int i = 0; i < 5; ++i) (void)ask();
  EXPECT_TRUE(wait(bounded.load_balance(LoadBalance{})));
  EXPECT_EQ(scripted.asked, 5);
}

}  // namespace
}  // namespace evenkeel::milvus::bounded_coordinator_test
