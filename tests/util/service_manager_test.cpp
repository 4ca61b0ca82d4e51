// A service manager's end of sd_notify(3), as a real socket.

#include "agent/util/service_manager.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace evenkeel::service_manager_test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class ServiceManagerTest : public testing::Test {
 protected:
  void listen(std::string address) {
    variables_["NOTIFY_SOCKET"] = address;
    if (address.front() == '@') address.front() = '\0';
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    ASSERT_LT(address.size(), sizeof name.sun_path);
    address.copy(name.sun_path, address.size());
    const auto size = offsetof(sockaddr_un, sun_path) + address.size();
    ASSERT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&name), static_cast<socklen_t>(size)), 0);
  }
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("notify" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    if (socket_ >= 0) ::close(socket_);
    std::filesystem::remove_all(folder_);
  }
  std::vector<std::string> heard() const {
    std::vector<std::string> all;
    std::array<char, 4096> text{};
    for (;;) {
      const auto size = ::recv(socket_, text.data(), text.size(), 0);
      if (size < 0) return all;
      all.emplace_back(text.data(), static_cast<std::size_t>(size));
    }
  }
  std::string path() const { return (folder_ / "socket").string(); }
  ServiceManager manager() {
    return {io_, [this](const std::string& name) -> std::optional<std::string> {
              const auto found = variables_.find(name);
              return found == variables_.end() ? std::nullopt : std::optional(found->second);
            }};
  }

  asio::io_context io_;
  std::map<std::string, std::string> variables_;
  std::filesystem::path folder_;
  int socket_ = -1;
};

TEST_F(ServiceManagerTest, HearsWhatTheAgentDoes) {
  listen(path());
  auto told = manager();
  told.ready();
  told.reloading();
  told.ready();
  told.stopping();
  EXPECT_THAT(heard(), ElementsAre("READY=1", StartsWith("RELOADING=1\nMONOTONIC_USEC="), "READY=1",
                                   "STOPPING=1"));
}

TEST_F(ServiceManagerTest, MayListenOnAnAbstractSocket) {
  listen("@evenkeel-test-" + std::to_string(::getpid()));
  manager().ready();
  EXPECT_THAT(heard(), ElementsAre("READY=1"));
}

TEST_F(ServiceManagerTest, HearsAStatusOnceAndInOneLine) {
  listen(path());
  auto told = manager();
  told.status("balanced");
  told.status("balanced");
  told.status("moved 2 segments\nREADY=1");
  EXPECT_THAT(heard(), ElementsAre("STATUS=balanced", "STATUS=moved 2 segments READY=1"));
}

TEST_F(ServiceManagerTest, HearsOfALoopThatTurnsTwiceAsOftenAsItWants) {
  listen(path());
  variables_["WATCHDOG_USEC"] = "20000";
  variables_["WATCHDOG_PID"] = std::to_string(::getpid());
  auto told = manager();
  ASSERT_EQ(told.watchdog(), 20ms);
  asio::co_spawn(io_, told.keep_alive(), asio::detached);
  std::vector<std::string> signs;
  while (signs.size() < 3) {
    io_.run_for(5ms);
    for (auto& each : heard()) signs.push_back(each);
  }
  EXPECT_THAT(signs, testing::Each("WATCHDOG=1"));
  told.stop();
  io_.restart();
  io_.run();  // ends: nothing waits any more
}

TEST_F(ServiceManagerTest, IsNotToldOfALoopThatStandsStill) {
  listen(path());
  variables_["WATCHDOG_USEC"] = "2000";
  auto told = manager();
  std::string trouble = "the schedule of rounds stands still";
  asio::co_spawn(io_, told.keep_alive([&trouble] { return trouble; }), asio::detached);
  io_.run_for(20ms);
  EXPECT_THAT(heard(), testing::IsEmpty());
  trouble.clear();
  std::vector<std::string> signs;
  while (signs.empty()) {
    io_.run_for(5ms);
    signs = heard();
  }
  EXPECT_EQ(signs.front(), "WATCHDOG=1");
  told.stop();
  io_.restart();
  io_.run();
}

TEST_F(ServiceManagerTest, IsNotToldOfTheLoopWhereItDoesNotAsk) {
  listen(path());
  for (const std::string text : {"", "0", "ten", "-1", "1e6"}) {
    variables_["WATCHDOG_USEC"] = text;
    EXPECT_EQ(manager().watchdog(), std::nullopt) << text;
  }
  variables_["WATCHDOG_USEC"] = "1000000";
  EXPECT_EQ(manager().watchdog(), 1s);
  variables_["WATCHDOG_PID"] = "1";
  EXPECT_EQ(manager().watchdog(), std::nullopt) << "meant for another process";
}

TEST_F(ServiceManagerTest, MayBeMissing) {
  variables_["WATCHDOG_USEC"] = "1000000";
  auto told = manager();
  EXPECT_EQ(told.watchdog(), std::nullopt);
  told.ready();
  told.status("balanced");
}

TEST_F(ServiceManagerTest, MayBeGoneOrHaveAnImpossibleAddress) {
  for (const auto& address : {path(), "/" + std::string(200, 'x')}) {
    variables_["NOTIFY_SOCKET"] = address;
    testing::internal::CaptureStderr();
    auto told = manager();
    told.ready();
    told.status("balanced");
    const auto log = testing::internal::GetCapturedStderr();
    EXPECT_THAT(log, AllOf(HasSubstr("NOTIFY_SOCKET cannot be told"), HasSubstr("error=")));
    EXPECT_EQ(log.find("NOTIFY_SOCKET"), log.rfind("NOTIFY_SOCKET")) << "once";
  }
}

}  // namespace
}  // namespace evenkeel::service_manager_test
