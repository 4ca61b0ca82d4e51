// A server that goes away and comes back all the time.
#include <malloc.h>

#include <filesystem>
#include <iterator>
#include <set>

#include "tests/milvus/grpc_fixture.hpp"

namespace evenkeel::milvus::grpc_flapping_test {
namespace {

constexpr int kTimes = 200;
constexpr int kWarm = 50;  // gRPC has all its threads and pools by then
// Bytes of the heap, since malloc keeps some for each thread. A channel that is left behind each
// time takes far more in all.
constexpr std::ptrdiff_t kSlack = 512 << 10;
// gRPC's pools begin a few more when the processor is busy, but not one each time.
constexpr std::ptrdiff_t kMoreThreads = 10;

std::ptrdiff_t entries(const char* folder) {
  return std::distance(std::filesystem::directory_iterator(folder),
                       std::filesystem::directory_iterator());
}

// What this process holds.
struct Taken {
  std::ptrdiff_t threads = entries("/proc/self/task");
  std::ptrdiff_t files = entries("/proc/self/fd");
  std::ptrdiff_t heap = static_cast<std::ptrdiff_t>(mallinfo2().uordblks);
};

class GrpcFlapping : public GrpcCoordinatorTest {
 protected:
  void come(std::uint16_t port) { serve({{"ShowCollections", {}}, {"GetVersion", {}}}, {}, port); }
  void go() { server_.reset(); }

  Awaitable<Result<std::vector<CollectionInfo>>> ask() {
    return coordinator().collections("default");
  }
};

TEST_F(GrpcFlapping, NothingGrowsAndEachTimeTheSameIsSaid) {
  come(0);
  const auto port = server_->url().port;
  ASSERT_TRUE(run(ask()));
  std::set<std::string> first;  // the connection may break while it is used
  std::set<std::string> later;
  std::optional<Taken> warm;
  for (int i = 0; i < kTimes; ++i) {
    go();
    first.insert(failure_of(ask()).message);
    if (i % 20 == 0) later.insert(failure_of(ask()).message);  // it waits a while for the server
    if (i == kWarm) warm.emplace();
    come(port);
    const auto answer = run(ask());
    ASSERT_TRUE(answer) << "at the " << i << "th time: " << answer.error().message;
  }
  go();
  first.insert(failure_of(ask()).message);
  const Taken last;
  // A problem is logged when its words change.
  EXPECT_EQ(later.size(), 1U) << testing::PrintToString(later);
  EXPECT_LE(first.size(), 3U) << testing::PrintToString(first);
  EXPECT_LE(last.threads, warm->threads + kMoreThreads);
  EXPECT_LE(last.files, warm->files + 2);
  EXPECT_LE(last.heap, warm->heap + kSlack);
}

}  // namespace
}  // namespace evenkeel::milvus::grpc_flapping_test
