// The running agent and its files: read at the start, and again on SIGHUP, by a POST to /-/reload,
// or when they change.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <httplib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>

#include "tests/web/secrets.hpp"

namespace evenkeel::reload_test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string kFirst = "first-token-0123456789";
const std::string kSecond = "second-token-0123456789";

class Reload : public testing::Test {
 protected:
  explicit Reload(const std::string& on_change = "false") {
    mount("..1", kFirst);
    fs::create_symlink("..data/token", folder_.path("token"));
    // No Milvus is there: the agent serves all the same.
    write("evenkeel.toml", "[milvus]\naddress = 'http://127.0.0.1:9'\n[reload]\non_change = " +
                               on_change + "\n[web]\ntoken_file = '" + folder_.path("token") +
                               "'\nlisten_address = '127.0.0.1:0'\n");
    start();
  }
  ~Reload() override { EXPECT_TRUE(ends()) << log(); }

  void write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    folder_.write(name, text, mode);
  }
  // Mounts a secret as Kubernetes does: in a folder of its own, to which the link ..data leads.
  void mount(const std::string& version, const std::string& token, mode_t mode = 0600) const {
    fs::create_directory(folder_.path(version));
    write(version + "/token", token, mode);
    fs::create_directory_symlink(version, folder_.path("..data_tmp"));
    fs::rename(folder_.path("..data_tmp"), folder_.path("..data"));
  }
  std::string log() const {
    std::ifstream file(folder_.path("log"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string configuration() const {
    std::ifstream file(folder_.path("evenkeel.toml"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static bool eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 3'000; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }
  int said(const std::string& words) const {
    const auto text = log();
    int found = 0;
    for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1))
      ++found;
    return found;
  }
  // Sends SIGHUP, and waits for the log to say `words` once more. ThreadSanitizer may keep a signal
  // back until the program makes another system call, so the signal is sent until it is heard.
  bool reload(const std::string& words) {
    const int before = said(words);
    return signalled(SIGHUP, [&] { return said(words) > before; });
  }
  httplib::Result asked_to_reload(const std::string& token) const {
    return client().Post("/-/reload", {{"Authorization", "Bearer " + token}}, "{}",
                         "application/json");
  }
  int resume_with(const std::string& token) const {
    auto http = client();
    const auto answer = http.Post("/api/v1/resume", {{"Authorization", "Bearer " + token}}, "{}",
                                  "application/json");
    return answer ? answer->status : 0;
  }

  httplib::Client client() const {
    httplib::Client http("127.0.0.1", port_);
    http.set_read_timeout(20s);
    return http;
  }

  web::Secrets folder_;
  pid_t agent_ = 0;
  int port_ = 0;

 private:
  // Whether `holds` comes true within half a minute of the signal, which is sent once a second.
  bool signalled(int signal, const std::function<bool()>& holds) const {
    int waited = 0;
    return eventually([&] {
      if (waited++ % 100 == 0) ::kill(agent_, signal);
      return holds();
    });
  }
  bool ends() const {
    if (signalled(SIGTERM, [&] { return ::waitpid(agent_, nullptr, WNOHANG) == agent_; }))
      return true;
    ::kill(agent_, SIGKILL);
    ::waitpid(agent_, nullptr, 0);
    return false;
  }
  void start() {
    const auto config = folder_.path("evenkeel.toml"), log_file = folder_.path("log");
    agent_ = ::fork();
    if (agent_ == 0) {
      ::setenv("XDG_STATE_HOME", folder_.path("state").c_str(), 1);
      const int to = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      ::dup2(to, STDERR_FILENO);
      ::execl(EVENKEEL_BINARY, EVENKEEL_BINARY, "run", "--config.file", config.c_str(), nullptr);
      ::_exit(127);
    }
    const std::string before = " port=";
    EXPECT_TRUE(eventually([&] { return log().find(before) != std::string::npos; })) << log();
    const auto text = log();
    port_ = std::atoi(text.c_str() + text.find(before) + before.size());
  }
};

TEST_F(Reload, TakesTheNewToken) {
  EXPECT_EQ(resume_with(kSecond), 401);
  EXPECT_NE(resume_with(kFirst), 401);
  write("token", kSecond);
  EXPECT_NE(resume_with(kFirst), 401) << "not before it is told to";
  ASSERT_TRUE(reload("configuration reloaded")) << log();
  EXPECT_EQ(resume_with(kFirst), 401);
  EXPECT_NE(resume_with(kSecond), 401);
}

TEST_F(Reload, KeepsTheOldTokenWhereTheNewFileIsWrong) {
  write("token", kSecond, 0644);
  ASSERT_TRUE(reload("everybody on this machine may read")) << log();
  EXPECT_THAT(log(), HasSubstr("configuration not reloaded, the old settings hold"));
  EXPECT_NE(resume_with(kFirst), 401);
  EXPECT_EQ(resume_with(kSecond), 401);
}

TEST_F(Reload, SaysThatALoginTakesARestart) {
  write("password", "geheim");
  auto text = configuration();
  text.insert(text.find("[reload]"),
              "username = 'root'\npassword_file = '" + folder_.path("password") + "'\n");
  write("evenkeel.toml", text);
  ASSERT_TRUE(reload("takes effect only after a restart")) << log();
  EXPECT_THAT(log(), HasSubstr("keys=[milvus]\n"));
}

TEST_F(Reload, RefusesALoginThatTheNextStartCouldNotRead) {
  write("evenkeel.toml", "[milvus]\ntoken_file = '/nowhere/token'\n");
  ASSERT_TRUE(reload("[milvus] token_file: cannot be read")) << log();
  EXPECT_THAT(log(), HasSubstr("configuration not reloaded, the old settings hold"));
}

TEST_F(Reload, AskedForByHttpSaysWhatChanged) {
  EXPECT_EQ(asked_to_reload(kSecond)->status, 401);
  const auto same = asked_to_reload(kFirst);
  EXPECT_EQ(same->status, 200);
  EXPECT_THAT(same->body, HasSubstr("No setting has another value.\n"));
  auto text = configuration();
  text.replace(text.find("127.0.0.1:9"), 11, "127.0.0.1:8");
  write("evenkeel.toml", text + "changes_per_second = 7\n");
  const auto other = asked_to_reload(kFirst);
  EXPECT_EQ(other->status, 200);
  EXPECT_THAT(other->body, HasSubstr("Changed: [milvus] address, [web] changes_per_second\n"));
  EXPECT_THAT(other->body, HasSubstr("Takes effect only after a restart: [milvus]\n"));
  write("token", kSecond);
  EXPECT_EQ(asked_to_reload(kFirst)->status, 200);
  EXPECT_EQ(asked_to_reload(kFirst)->status, 401) << "the token was read again";
}

TEST_F(Reload, AskedForByHttpSaysWhereTheMistakesAre) {
  const auto text = configuration();
  write("evenkeel.toml", text + "read_only = true\nnonsense = 1\n");
  const auto refused = asked_to_reload(kFirst);
  EXPECT_EQ(refused->status, 422);
  EXPECT_THAT(refused->body, HasSubstr("the old settings hold:\n"));
  EXPECT_THAT(refused->body, HasSubstr(folder_.path("evenkeel.toml") + ":9:1: "));
  EXPECT_TRUE(eventually([&] {  // the log has a thread of its own
    return said("configuration not reloaded, the old settings hold") > 0;
  }));
  write("evenkeel.toml", text + "read_only = true\n");
  EXPECT_EQ(asked_to_reload(kFirst)->status, 200);
  EXPECT_EQ(asked_to_reload(kFirst)->status, 403) << "it takes no request for a change any more";
  EXPECT_EQ(client().Get("/-/reload")->status, 405);
}

TEST_F(Reload, DoesNotDisturbAScrape) {
  const std::string loaded = "evenkeel_config_last_reload_successful 1";
  auto http = client();
  http.set_keep_alive(true);
  ASSERT_TRUE(eventually([&] {  // it has looked around once
    const auto answer = http.Get("/metrics");
    return answer && answer->body.find(loaded) != std::string::npos;
  }));
  std::jthread reloads([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      ::kill(agent_, SIGHUP);
      std::this_thread::sleep_for(7ms);
    }
  });
  for (int i = 0; i < 100 || (said("configuration reloaded") < 5 && i < 10'000); ++i) {
    const auto answer = http.Get("/metrics");
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->status, 200);
    EXPECT_THAT(answer->body, HasSubstr(loaded));
    EXPECT_TRUE(answer->body.ends_with('\n'));
  }
  reloads.request_stop();
  reloads.join();
  EXPECT_TRUE(reload("configuration reloaded")) << log();
}

class WatchedFiles : public Reload {
 protected:
  WatchedFiles() : Reload("true") {}

  bool last_reload_was(const std::string& good) const {
    const auto answer = client().Get("/metrics");
    return answer && answer->body.find("\nevenkeel_config_last_reload_successful " + good + '\n') !=
                         std::string::npos;
  }
};

TEST_F(WatchedFiles, AreReadAgainWhenKubernetesMountsThemAnew) {
  EXPECT_NE(resume_with(kFirst), 401);
  mount("..2", kSecond);
  fs::remove_all(folder_.path("..1"));
  ASSERT_TRUE(eventually([&] { return said("configuration reloaded") == 1; })) << log();
  EXPECT_EQ(resume_with(kFirst), 401);
  EXPECT_NE(resume_with(kSecond), 401);
  EXPECT_THAT(log(), HasSubstr("msg=\"files have changed\" files=" + folder_.path("token")));
}

TEST_F(WatchedFiles, ThatAreBadAreRefusedUntilTheyAreMended) {
  const auto good = configuration();
  write("evenkeel.toml", good + "nonsense = 1\n");
  ASSERT_TRUE(eventually([&] { return last_reload_was("0"); })) << log();
  EXPECT_EQ(said("configuration not reloaded, the old settings hold"), 1);
  EXPECT_THAT(log(), HasSubstr("unknown key 'nonsense'"));
  EXPECT_NE(resume_with(kFirst), 401);
  write("evenkeel.toml", good + "read_only = true\n");
  ASSERT_TRUE(eventually([&] { return last_reload_was("1"); })) << log();
  EXPECT_EQ(resume_with(kFirst), 403) << "it takes no request for a change any more";
}

}  // namespace
}  // namespace evenkeel::reload_test
