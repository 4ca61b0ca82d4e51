#include "tests/etcd/etcd_server.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/http/scripted_server.hpp"

namespace evenkeel::tests {
namespace {

constexpr const char* kProgram = "/usr/bin/etcd";
constexpr std::chrono::seconds kPatience{30};

http::ClientOptions any_certificate() {
  http::ClientOptions options;
  options.tls.verify = false;
  return options;
}

// Runs in the child, where nothing but a system call is safe.
[[noreturn]] void become_etcd(const std::vector<char*>& arguments, const char* log) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // it must not outlive a test that crashes
  const int file = ::open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  ::execv(kProgram, arguments.data());
  ::_exit(127);
}

}  // namespace

EtcdServer::EtcdServer(std::vector<std::string> more)
    : more_(std::move(more)),
      tls_(std::find(more_.begin(), more_.end(), "--auto-tls") != more_.end()),
      port_(closed_port()),
      peer_port_(closed_port()),
      http_(io_.get_executor(), any_certificate()) {
  start();
}

EtcdServer::~EtcdServer() {
  kill();
}

http::Url EtcdServer::url() const {
  return {.tls = tls_, .host = "127.0.0.1", .port = port_};
}

void EtcdServer::start() {
  const auto serving = (tls_ ? "https://" : "http://") + url().authority();
  const auto peers = "http://127.0.0.1:" + std::to_string(peer_port_);
  std::vector<std::string> words{kProgram,
                                 "--data-dir=" + folder_.file("data"),
                                 "--listen-client-urls=" + serving,
                                 "--advertise-client-urls=" + serving,
                                 "--listen-peer-urls=" + peers,
                                 "--initial-advertise-peer-urls=" + peers,
                                 "--initial-cluster=default=" + peers,
                                 "--heartbeat-interval=20",
                                 "--election-timeout=200"};
  words.insert(words.end(), more_.begin(), more_.end());
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const auto log = folder_.file("log");
  pid_ = ::fork();
  if (pid_ == 0) become_etcd(arguments, log.c_str());
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (!serves()) {
    const bool ended = ::waitpid(pid_, nullptr, WNOHANG) == pid_;
    if (ended || std::chrono::steady_clock::now() > give_up) {
      if (ended) pid_ = -1;
      throw std::runtime_error("etcd does not serve on " + serving +
                               (ended ? "; it ended (is etcd-server installed?)" : ""));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

bool EtcdServer::serves() {
  http::Request request;
  request.url = url();
  request.url.target = "/health";
  request.deadline = std::chrono::seconds(2);
  const auto response = run(io_, http_.send(std::move(request)));
  return response && response->status == 200;
}

void EtcdServer::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
  http_.close_idle();
}

void EtcdServer::hang() {
  ::kill(pid_, SIGSTOP);
  // All its threads have stopped: else it may answer once more.
  int status = 0;
  ::waitpid(pid_, &status, WUNTRACED);
}

void EtcdServer::go_on() {
  ::kill(pid_, SIGCONT);
}

std::string EtcdServer::post(const std::string& path, const std::string& body) {
  http::Request request;
  request.method = "POST";
  request.url = url();
  request.url.target = "/v3/" + path;
  request.body = body;
  const auto response = run(io_, http_.send(std::move(request)));
  if (!response) throw std::runtime_error(response.error().message);
  if (response->status != 200) throw std::runtime_error(path + ": " + response->body);
  return response->body;
}

void EtcdServer::want_logins() {
  post("auth/user/add", R"({"name":"root","password":"pw"})");
  post("auth/user/add", R"({"name":"weak","password":"pw"})");
  post("auth/user/grant", R"({"user":"root","role":"root"})");
  post("auth/enable", "{}");
}

}  // namespace evenkeel::tests
