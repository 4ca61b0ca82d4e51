#include "tests/milvus/grpc_server.hpp"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include "agent/milvus/grpc_bytes.hpp"

namespace evenkeel::tests {
namespace {

using Script = GrpcServer::Script;

// What the calls have in common.
struct Calls {
  Script script;
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::vector<GrpcAsked> asked;
  int cancelled = 0;
};

class Call final : public grpc::ServerGenericBidiReactor {
 public:
  Call(grpc::GenericCallbackServerContext& context, Calls& calls) : calls_(calls) {
    asked_.method = context.method().substr(context.method().rfind('/') + 1);
    for (const auto& [key, value] : context.client_metadata()) {
      asked_.metadata[{key.data(), key.size()}] = {value.data(), value.size()};
    }
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    GrpcReply reply;
    {
      const std::lock_guard lock(calls_.mutex);
      if (ok) asked_.message = bytes_of(request_).value_or("");
      calls_.asked.push_back(asked_);
      reply = calls_.script(asked_);
    }
    if (reply.never || finished_.exchange(true)) return;
    if (reply.code != 0) {
      Finish({static_cast<grpc::StatusCode>(reply.code), reply.words});
      return;
    }
    answer_ = buffer_of(reply.message);
    StartWriteAndFinish(&answer_, {}, grpc::Status::OK);
  }
  void OnCancel() override {
    {
      const std::lock_guard lock(calls_.mutex);
      ++calls_.cancelled;
    }
    calls_.changed.notify_all();
    if (!finished_.exchange(true)) Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  Calls& calls_;
  std::atomic<bool> finished_{false};
  GrpcAsked asked_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer answer_;
};

class Service final : public grpc::CallbackGenericService {
 public:
  explicit Service(Calls& calls) : calls_(calls) {}
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new Call(*context, calls_);
  }

 private:
  Calls& calls_;
};

std::shared_ptr<grpc::ServerCredentials> credentials_of(const GrpcIdentity& identity) {
  if (identity.certificate.empty()) return grpc::InsecureServerCredentials();
  const bool mutual = !identity.client_authorities.empty();
  grpc::SslServerCredentialsOptions options(
      mutual ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
             : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  options.pem_root_certs = identity.client_authorities;
  options.pem_key_cert_pairs = {{identity.key, identity.certificate}};
  return grpc::SslServerCredentials(options);
}

}  // namespace

struct GrpcServer::Impl {
  Calls calls;
  Service service{calls};
  bool tls = false;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

GrpcServer::GrpcServer(Script script, const GrpcIdentity& identity, std::uint16_t port)
    : impl_(std::make_unique<Impl>()) {
  impl_->calls.script = std::move(script);
  impl_->tls = !identity.certificate.empty();
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), credentials_of(identity),
                           &impl_->port);
  builder.RegisterCallbackGenericService(&impl_->service);
  impl_->server = builder.BuildAndStart();
  if (impl_->server == nullptr) throw std::runtime_error("no gRPC server");
}

GrpcServer::~GrpcServer() {
  impl_->server->Shutdown(std::chrono::system_clock::now());
}

http::Url GrpcServer::url() const {
  return {.tls = impl_->tls, .host = "127.0.0.1", .port = static_cast<std::uint16_t>(impl_->port)};
}

std::vector<GrpcAsked> GrpcServer::asked() const {
  const std::lock_guard lock(impl_->calls.mutex);
  return impl_->calls.asked;
}

bool GrpcServer::saw_cancelled(int calls) const {
  std::unique_lock lock(impl_->calls.mutex);
  return impl_->calls.changed.wait_for(lock, std::chrono::seconds(5),
                                       [&] { return impl_->calls.cancelled >= calls; });
}

}  // namespace evenkeel::tests
