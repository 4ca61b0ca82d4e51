#include "agent/cli/agent_client.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <httplib.h>
#include <sys/socket.h>

#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "agent/settings/address.hpp"
#include "agent/util/file_descriptor.hpp"

namespace evenkeel::cli {
namespace {

using Outcome = tl::expected<AgentResponse, std::string>;

// The time for a call to end after it was cut off. Only the look-up of a name takes longer.
constexpr std::chrono::milliseconds kGrace{200};

std::unique_ptr<httplib::ClientImpl> client_for(const http::Url& url, const AgentTrust& trust) {
  if (!url.tls) return std::make_unique<httplib::ClientImpl>(url.host, url.port);
  auto client = std::make_unique<httplib::SSLClient>(url.host, url.port);
  client->enable_server_certificate_verification(trust.verify);
  if (!trust.ca_file.empty()) client->set_ca_cert_path(trust.ca_file);
  return client;
}

// One call. httplib's timeouts cover a single read or write, so they never give up a server that
// sends a byte now and then, and they do not cover the look-up of a name. So the call has a thread
// of its own, whose socket is shut down at the deadline. httplib does not bound the head of a
// response: only the deadline does.
class Call : public std::enable_shared_from_this<Call> {
 public:
  explicit Call(AgentRequest request) : request_(std::move(request)) {}

  Outcome run() {
    std::thread worker([call = shared_from_this()] { call->work(); });
    std::unique_lock lock(mutex_);
    const auto ended = [&] { return outcome_.has_value(); };
    const bool in_time = changed_.wait_for(lock, request_.deadline, ended);
    if (!in_time) {
      timed_out_ = true;
      cut_off();
      changed_.wait_for(lock, kGrace, ended);
    }
    const bool joinable = ended();
    lock.unlock();
    if (joinable) {
      worker.join();
    } else {
      worker.detach();  // it waits for the system's resolver, and keeps this object alive
    }
    if (in_time) return *std::move(outcome_);
    return error(fmt::format("no answer within {:g} s",
                             std::chrono::duration<double>(request_.deadline).count()));
  }

 private:
  void work() {
    // A server that closes its end must not end this program by SIGPIPE. The signal goes to the
    // thread that writes, so blocking it here changes nothing for others.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    auto outcome = send();
    const std::lock_guard lock(mutex_);
    outcome_ = std::move(outcome);
    changed_.notify_all();
  }

  Outcome send() {
    const auto client = client_for(request_.url, request_.trust);
    // httplib's timeouts must come after the call's own deadline, since their words differ.
    const auto later = request_.deadline + std::chrono::seconds{5};
    client->set_connection_timeout(later);
    client->set_read_timeout(later);
    client->set_write_timeout(later);
    client->set_decompress(false);
    client->set_url_encode(false);
    client->set_socket_options([this](int socket) { watch(socket); });

    httplib::Request message;
    message.method = request_.method;
    message.path = request_.url.target;
    message.body = request_.body;
    message.headers = {{"User-Agent", "evenkeel"}, {"Accept-Encoding", "identity"}};
    if (!request_.content_type.empty())
      message.headers.emplace("Content-Type", request_.content_type);
    if (!request_.authorization.empty())
      message.headers.emplace("Authorization", request_.authorization);
    AgentResponse response;
    message.content_receiver = [&](const char* data, std::size_t size, std::uint64_t,
                                   std::uint64_t) {
      if (size > request_.max_body - response.body.size()) return false;
      response.body.append(data, size);
      return true;
    };

    const auto result = client->send(message);
    if (!result) return error(words(result.error()));
    response.status = result->status;
    return response;
  }

  // Keeps a duplicate of the newest socket that httplib makes: a name may have several addresses.
  void watch(int socket) {
    const std::lock_guard lock(mutex_);
    socket_ = FileDescriptor(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
    resolved_ = true;
    if (timed_out_) cut_off();
  }
  // Call it with the lock held.
  void cut_off() const {
    if (socket_) ::shutdown(socket_.get(), SHUT_RDWR);
  }

  [[nodiscard]] std::string words(httplib::Error what) const {
    switch (what) {
      case httplib::Error::Connection:  // httplib does not tell why
      case httplib::Error::ConnectionTimeout:
        return resolved_ ? "no connection; is the agent running?"
                         : "cannot resolve " + request_.url.host;
      case httplib::Error::SSLConnection:
        return "TLS handshake failed";
      case httplib::Error::SSLLoadingCerts:
        return "no authorities can be read from " + request_.trust.ca_file;
      case httplib::Error::SSLServerVerification:
        return "its certificate is not for this name, or of no authority that is trusted here; "
               "--agent-ca says whom to trust";
      case httplib::Error::Write:
        return "the request was not taken";
      case httplib::Error::Canceled:
        return fmt::format("the answer is over the {} KiB taken", request_.max_body >> 10);
      default:
        return "the answer ended too early or is not HTTP/1.1";
    }
  }
  [[nodiscard]] tl::unexpected<std::string> error(const std::string& what) const {
    return tl::unexpected(request_.method + ' ' + request_.url.str() + ": " + what);
  }

  const AgentRequest request_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Outcome> outcome_;
  bool timed_out_ = false;
  bool resolved_ = false;  // the host's name
  FileDescriptor socket_;  // a duplicate, which nobody else closes
};

}  // namespace

http::Url agent_url(const settings::Settings::Web& web, std::string target) {
  const auto listen = *settings::parse_listen(web.listen_address);  // validated with the settings
  http::Url url{.tls = !web.cert_file.empty(),
                .host = listen.host,
                .port = listen.port,
                .target = std::move(target)};
  if (url.host.empty() || url.host == "0.0.0.0") url.host = "127.0.0.1";
  if (url.host == "::") url.host = "::1";
  return url;
}

tl::expected<AgentResponse, std::string> ask_agent(const AgentRequest& request) {
  return std::make_shared<Call>(request)->run();
}

}  // namespace evenkeel::cli
