// An agent that holds Milvus's own balancer off by balance/suspend and is killed: its next run lets
// the balancer go on, as the journal says that it was this agent that suspended it.
#include "agent/util/asio.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>

#include "agent/demo/simulated_milvus.hpp"
#include "tests/folder.hpp"

namespace evenkeel::suspension_test {
namespace {

using namespace std::chrono_literals;

const std::string kActive = R"({"msg": "OK", "status": "active"})";
const std::string kSuspended = R"({"msg": "OK", "status": "suspended"})";

// A simulated Milvus 2.6 on a thread of its own, and an agent as a process.
class KilledAgent : public testing::Test {
 protected:
  KilledAgent()
      : milvus_(std::make_unique<demo::SimulatedMilvus>(io_.get_executor(),
                                                        demo::demo_world(1, demo::Era::v2_6))),
        address_(milvus_->address()),
        thread_([this] { io_.run(); }) {}
  ~KilledAgent() override {
    if (agent_ > 0) end(SIGKILL);
    asio::post(io_, [this] { milvus_.reset(); });
    guard_.reset();
    thread_.join();
  }

  // The agent holds the balancer off from its start on, if it is to hold it at all.
  void start(const std::string& mode) {
    const auto config = folder_.file("evenkeel.toml"), log = folder_.file("log");
    std::ofstream(config) << "[milvus]\naddress = '" << address_ << "'\n[web]\nlisten_address = "
                          << "'127.0.0.1:0'\n[builtin_balancer]\nhold_for = 'always'\nmode = '"
                          << mode << "'\n[journal]\npath = '" << folder_.file("journal.db")
                          << "'\n";
    agent_ = ::fork();
    if (agent_ != 0) return;
    ::dup2(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
    ::execl(EVENKEEL_BINARY, EVENKEEL_BINARY, "run", "--config.file", config.c_str(), nullptr);
    ::_exit(127);
  }
  void end(int signal) {
    ::kill(agent_, signal);
    ::waitpid(agent_, nullptr, 0);
    agent_ = 0;
  }

  [[nodiscard]] std::string asked(const std::string& what) const {
    const auto answer = httplib::Client(address_).Get("/management/querycoord/balance/" + what);
    return answer ? answer->body : "no answer";
  }
  [[nodiscard]] bool becomes(const std::string& status) const {
    for (int i = 0; i < 3'000; ++i) {
      if (asked("status") == status) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }
  [[nodiscard]] std::string log() const {
    std::ifstream file(folder_.file("log"));
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  tests::Folder folder_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
  std::unique_ptr<demo::SimulatedMilvus> milvus_;  // belongs to the thread
  std::string address_;
  std::thread thread_;
  pid_t agent_ = 0;
};

TEST_F(KilledAgent, IsFollowedByOneThatResumesWhateverItsMode) {
  for (const char* mode : {"detect", "ignore"}) {
    start("hold");
    ASSERT_TRUE(becomes(kSuspended)) << log();
    end(SIGKILL);
    EXPECT_EQ(asked("status"), kSuspended) << "Milvus does not know";
    start(mode);
    EXPECT_TRUE(becomes(kActive)) << mode << ":\n" << log();
    end(SIGTERM);
    EXPECT_EQ(asked("status"), kActive);
  }
}

TEST_F(KilledAgent, ResumesWhenItEndsProperly) {
  start("hold");
  ASSERT_TRUE(becomes(kSuspended)) << log();
  end(SIGTERM);
  EXPECT_EQ(asked("status"), kActive) << log();
}

TEST_F(KilledAgent, SuspendsAgainWhatARestartOfTheCoordinatorWouldResume) {
  start("hold");
  ASSERT_TRUE(becomes(kSuspended)) << log();
  ASSERT_EQ(asked("resume"), R"({"msg": "OK"})");
  EXPECT_TRUE(becomes(kSuspended)) << log();
}

TEST_F(KilledAgent, LeavesWhatAnOperatorHasSuspended) {
  ASSERT_EQ(asked("suspend"), R"({"msg": "OK"})");
  start("hold");
  for (int i = 0; i < 3'000 && log().find("state=by_operator") == std::string::npos; ++i) {
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_NE(log().find("state=by_operator"), std::string::npos) << log();
  end(SIGTERM);
  EXPECT_EQ(asked("status"), kSuspended);
}

}  // namespace
}  // namespace evenkeel::suspension_test
