#include "agent/milvus/grpc_channel.hpp"

#include <grpc/support/log.h>
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <set>

#include "agent/milvus/grpc_bytes.hpp"
#include "agent/util/log.hpp"
#include "agent/util/secret_file.hpp"

namespace evenkeel::milvus {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Answer = tl::expected<std::string, GrpcStatus>;

// A channel that failed before a call began gets so long to connect anew, so often: an attempt that
// was under way already may fail first.
constexpr milliseconds kReconnectPatience{125};
constexpr int kReconnectAttempts = 2;

// The PEM texts of a channel's TLS; empty: the system's authorities, no certificate.
struct Pem {
  std::string authorities, certificate, key;

  bool operator==(const Pem&) const = default;
};

tl::expected<Pem, std::string> read_pem(const http::TlsOptions& tls) {
  if (auto good = http::check_files(tls); !good) return tl::unexpected(good.error());
  Pem pem;
  for (const auto& [path, text] :
       {std::pair{&tls.ca_file, &pem.authorities}, std::pair{&tls.cert_file, &pem.certificate},
        std::pair{&tls.key_file, &pem.key}}) {
    if (path->empty()) continue;
    auto read = read_small_file(*path, Secrecy::open);
    if (!read) return tl::unexpected(*path + ": " + read.error());
    *text = *std::move(read);
  }
  return pem;
}

std::shared_ptr<grpc::ChannelCredentials> credentials_of(const Pem& pem, bool verify) {
  if (verify) return grpc::SslCredentials({pem.authorities, pem.key, pem.certificate});
  namespace tls = grpc::experimental;
  tls::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<tls::NoOpCertificateVerifier>());
  if (!pem.certificate.empty()) {
    options.set_certificate_provider(std::make_shared<tls::StaticDataCertificateProvider>(
        std::vector<tls::IdentityKeyCertPair>{{pem.key, pem.certificate}}));
    options.watch_identity_key_cert_pairs();
  }
  return tls::TlsCredentials(options);
}

grpc::ChannelArguments arguments_of(std::size_t max_answer) {
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix("evenkeel");
  arguments.SetMaxReceiveMessageSize(static_cast<int>(max_answer));
  arguments.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1);  // none: sizes are true
  // The dead connection behind a silent router is noticed before a call needs it.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // A name's next address is tried after two seconds, a dead server every five at least.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 250);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // a move is sent once
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // new certificates, new connections
  return arguments;
}

// gRPC writes to standard error by itself; what it says of a call is in the call's status, too.
void route_grpc_log() {
  static const bool routed = [] {
    gpr_set_log_function([](gpr_log_func_args* said) {
      const std::string_view message = said->message;
      const bool fatal = message.find("assertion failed") != std::string_view::npos;
      log::write(fatal ? log::Level::error : log::Level::debug, "gRPC says", {{"said", message}});
    });
    return true;
  }();
  static_cast<void>(routed);
}

// All that a call needs until gRPC has left it. The context holds the channel, which must not end
// on a thread of gRPC's: that would wait for itself.
struct Exchange {
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer answer;
};

Answer answer_of(const grpc::Status& status, grpc::ByteBuffer& buffer) {
  if (!status.ok()) {
    return tl::unexpected(
        GrpcStatus{static_cast<int>(status.error_code()), status.error_message()});
  }
  auto bytes = bytes_of(buffer);
  if (!bytes) return tl::unexpected(GrpcStatus{grpc_code::kInternal, "the answer cannot be read"});
  buffer.Clear();
  return *std::move(bytes);
}

// The calls that gRPC's threads have not left yet.
class Outstanding {
 public:
  void add(std::shared_ptr<Exchange> call) {
    const std::lock_guard lock(mutex_);
    calls_.insert(std::move(call));
    ++count_;
  }
  // The call has ended, and is the caller's alone.
  void give_up(const std::shared_ptr<Exchange>& call) {
    const std::lock_guard lock(mutex_);
    calls_.erase(call);
  }
  // One thread has nothing to do with its call any more.
  void left() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  void cancel_and_wait() {
    std::unique_lock lock(mutex_);
    const auto calls = calls_;
    lock.unlock();  // a call may end on this thread
    for (const auto& call : calls) call->context.TryCancel();
    lock.lock();
    none_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  std::set<std::shared_ptr<Exchange>> calls_;
  std::size_t count_ = 0;
};

gpr_timespec after(milliseconds span) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_millis(span.count(), GPR_TIMESPAN));
}

GrpcStatus too_late(milliseconds deadline, const char* what) {
  return {grpc_code::kDeadlineExceeded,
          std::string("no ") + what + " within " + std::to_string(deadline.count()) + " ms"};
}

// How long a call waits.
struct Patience {
  milliseconds span;
  bool until_connected = false;  // false: an attempt to connect that fails ends it
};

// Makes the call and hands its answer to the coroutine's executor.
Awaitable<Answer> exchange(std::shared_ptr<grpc::Channel> channel, const GrpcCall& call,
                           Patience patience, std::shared_ptr<Outstanding> outstanding) {
  auto start = [&call, patience, channel = std::move(channel),
                outstanding = std::move(outstanding)](auto handler) mutable {
    const auto parts = std::make_shared<Exchange>();
    parts->request = buffer_of(call.message);
    auto& context = parts->context;
    context.set_deadline(after(patience.span));
    context.set_wait_for_ready(patience.until_connected);
    if (!call.authorization.empty()) context.AddMetadata("authorization", call.authorization);
    if (!call.database.empty()) context.AddMetadata("dbname", call.database);
    outstanding->add(parts);
    const auto slot = asio::get_associated_cancellation_slot(handler);
    // Tracked work keeps the loop from ending first.
    auto loop = asio::prefer(asio::get_associated_executor(handler),
                             asio::execution::outstanding_work.tracked);
    using Handler = decltype(handler);
    struct Waiting {
      decltype(loop) executor;
      Handler handler;
      std::shared_ptr<Exchange> parts;
    };
    // gRPC copies its callbacks.
    const auto waiting = std::make_shared<std::optional<Waiting>>(
        Waiting{std::move(loop), std::move(handler), parts});
    auto done = [waiting, slot, outstanding](const grpc::Status& status) {
      auto [executor, resume, own_parts] = *std::exchange(*waiting, std::nullopt);
      auto answer = answer_of(status, own_parts->answer);
      outstanding->give_up(own_parts);
      asio::post(executor, [slot, answer = std::move(answer), resume = std::move(resume),
                            ended = std::move(own_parts)]() mutable {
        if (auto own = slot; own.is_connected()) own.clear();
        ended.reset();
        std::move(resume)(std::move(answer));
      });
      { const auto released = std::move(executor); }
      outstanding->left();
    };
    if (auto own = slot; own.is_connected()) {
      own.assign([parts](asio::cancellation_type) { parts->context.TryCancel(); });
    }
    grpc::GenericStub(std::move(channel))
        .UnaryCall(&context, call.method, {}, &parts->request, &parts->answer, std::move(done));
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Answer)>(std::move(start),
                                                                           asio::use_awaitable);
}

}  // namespace

struct GrpcChannel::Impl {
  http::Url server;
  GrpcChannelOptions options;
  Pem pem;
  std::string broken;  // why there is no channel
  std::shared_ptr<grpc::Channel> channel;
  std::shared_ptr<Outstanding> outstanding = std::make_shared<Outstanding>();

  tl::expected<void, std::string> open();
  // Makes a call that changes nothing, whose status tells why there is no connection.
  Awaitable<Answer> probe(milliseconds span, const GrpcCall& like, bool until_connected);
  // Returns what failed; none: the call may be made.
  Awaitable<std::optional<GrpcStatus>> connect(const GrpcCall& call, steady_clock::time_point end);
  [[nodiscard]] bool connected() const { return channel->GetState(false) == GRPC_CHANNEL_READY; }
};

tl::expected<void, std::string> GrpcChannel::Impl::open() {
  auto credentials = grpc::InsecureChannelCredentials();
  if (server.tls) {
    auto read = read_pem(options.tls);
    if (!read) return tl::unexpected(read.error());
    if (channel != nullptr && *read == pem) return {};
    pem = *std::move(read);
    credentials = credentials_of(pem, options.tls.verify);
  } else if (channel != nullptr) {
    return {};
  }
  const auto target = options.target.empty() ? server.authority() : options.target;
  channel = grpc::CreateCustomChannel(target, credentials, arguments_of(options.max_answer));
  return {};
}

Awaitable<Answer> GrpcChannel::Impl::probe(milliseconds span, const GrpcCall& like,
                                           bool until_connected) {
  const GrpcCall call{.method = std::string(kMilvusService) + "GetVersion",
                      .authorization = like.authorization};
  co_return co_await exchange(channel, call, {span, until_connected}, outstanding);
}

// A call connects by itself, but what a call brings about is sent only when the connection stands.
Awaitable<std::optional<GrpcStatus>> GrpcChannel::Impl::connect(const GrpcCall& call,
                                                                steady_clock::time_point end) {
  const auto left = [end] { return std::chrono::ceil<milliseconds>(end - steady_clock::now()); };
  const bool failing = channel->GetState(true) == GRPC_CHANNEL_TRANSIENT_FAILURE;
  for (int i = 0; failing && !connected() && i < kReconnectAttempts; ++i) {
    grpc::experimental::ChannelResetConnectionBackoff(channel.get());
    static_cast<void>(co_await probe(std::min(kReconnectPatience, left()), call, true));
  }
  if (connected() || (!failing && !call.may_send)) co_return std::nullopt;
  auto answer = co_await probe(left(), call, false);
  if (answer || connected()) co_return std::nullopt;
  co_return std::move(answer.error());
}

GrpcChannel::GrpcChannel(const http::Url& server, GrpcChannelOptions options)
    : impl_(std::make_unique<Impl>()) {
  route_grpc_log();
  impl_->server = server;
  impl_->options = std::move(options);
  if (const auto opened = impl_->open(); !opened) impl_->broken = opened.error();
}

GrpcChannel::~GrpcChannel() {
  impl_->outstanding->cancel_and_wait();
}

Awaitable<tl::expected<std::string, GrpcStatus>> GrpcChannel::call(GrpcCall call) {
  if (impl_->channel == nullptr) {
    co_return tl::unexpected(GrpcStatus{grpc_code::kAborted, "not sent: " + impl_->broken});
  }
  const auto end = steady_clock::now() + call.deadline;
  auto failed = co_await impl_->connect(call, end);
  if (!failed && call.may_send && !call.may_send()) {
    failed = GrpcStatus{grpc_code::kAborted, "not sent, since it came too late"};
  }
  Answer answer = tl::unexpected(failed.value_or(GrpcStatus{}));
  if (!failed) {
    const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    answer = co_await exchange(impl_->channel, call, {left}, impl_->outstanding);
  }
  if (!answer && answer.error().code == grpc_code::kDeadlineExceeded) {
    answer.error() = too_late(call.deadline, impl_->connected() ? "answer" : "connection");
  }
  co_return answer;
}

tl::expected<void, std::string> GrpcChannel::renew_tls() {
  auto opened = impl_->open();
  if (opened) impl_->broken.clear();
  return opened;
}

}  // namespace evenkeel::milvus
