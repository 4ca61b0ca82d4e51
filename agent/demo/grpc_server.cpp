#include "agent/demo/grpc_server.hpp"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "agent/demo/proto_json.hpp"
#include "agent/milvus/grpc_bytes.hpp"

namespace evenkeel::demo {
namespace {

constexpr int kMostRequestBytes = 1 << 20;
constexpr std::string_view kService = "/milvus.proto.milvus.MilvusService/";

grpc::Status status_of(const GrpcStatus& status) {
  return {static_cast<grpc::StatusCode>(status.code), status.message};
}

// What the calls share with the server, which may go first.
struct Calls {
  asio::any_io_executor executor;
  GrpcHandler handler;
  std::atomic<int> under_way{0};
};

// One call. gRPC's threads call the reactions, the executor's thread begins the handler and brings
// its reply; the first of them that has an end for the call gives it.
class Call final : public grpc::ServerGenericBidiReactor,
                   public std::enable_shared_from_this<Call> {
 public:
  Call(std::shared_ptr<Calls> calls, const grpc::GenericCallbackServerContext& context)
      : calls_(std::move(calls)) {
    if (context.method().starts_with(kService)) method_ = context.method().substr(kService.size());
    for (const auto& [name, value] : context.client_metadata()) {
      metadata_.emplace(std::string(name.data(), name.size()),
                        std::string(value.data(), value.size()));
    }
  }

  // Holds the call until gRPC is done with it.
  void begin() {
    self_ = shared_from_this();
    if (++calls_->under_way > GrpcServer::kMostCalls) {
      return refuse({GrpcCode::resource_exhausted, "too many calls at once"});
    }
    if (!is_method(method_)) {
      return refuse(
          {GrpcCode::unimplemented,
           "unknown method " + method_ + " for service milvus.proto.milvus.MilvusService"});
    }
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return refuse({GrpcCode::invalid_argument, "no request came"});
    auto request = request_json(method_, bytes_of(request_).value_or(""));
    if (!request) return refuse({GrpcCode::internal, "the request cannot be read"});
    asio::post(calls_->executor, [self = self_, request = *std::move(request)]() mutable {
      self->handle(std::move(request));
    });
  }

  void OnCancel() override { refuse({GrpcCode::cancelled, "cancelled"}); }

  void OnDone() override {
    --calls_->under_way;
    self_.reset();
  }

 private:
  void handle(std::string request) {
    if (*ended_) return;
    asio::co_spawn(
        calls_->executor, calls_->handler({method_, std::move(request), metadata_, ended_}),
        [self = shared_from_this()](const std::exception_ptr& thrown, const GrpcReply& reply) {
          self->reply(thrown, reply);
        });
  }

  void reply(const std::exception_ptr& thrown, const GrpcReply& reply) try {
    if (thrown) std::rethrow_exception(thrown);
    if (!reply) return refuse(reply.error());
    const auto response = buffer_of(response_bytes(method_, *reply));
    if (ended_->exchange(true)) return;
    response_ = response;
    StartWriteAndFinish(&response_, {}, grpc::Status::OK);
  } catch (const std::exception& error) {
    refuse({GrpcCode::internal, error.what()});
  }

  void refuse(const GrpcStatus& status) {
    if (!ended_->exchange(true)) Finish(status_of(status));
  }

  std::shared_ptr<Calls> calls_;
  std::string method_;
  GrpcMetadata metadata_;
  grpc::ByteBuffer request_, response_;
  std::shared_ptr<std::atomic<bool>> ended_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<Call> self_;
};

class Service final : public grpc::CallbackGenericService {
 public:
  explicit Service(std::shared_ptr<Calls> calls) : calls_(std::move(calls)) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    const auto call = std::make_shared<Call>(calls_, *context);
    call->begin();
    return call.get();
  }

 private:
  std::shared_ptr<Calls> calls_;
};

std::shared_ptr<grpc::ServerCredentials> credentials_of(const GrpcTls& tls) {
  if (tls.certificate.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options(
      tls.client_authority.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                   : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = tls.client_authority;
  options.pem_key_cert_pairs.push_back({tls.key, tls.certificate});
  return grpc::SslServerCredentials(options);
}

}  // namespace

struct GrpcServer::Impl {
  explicit Impl(std::shared_ptr<Calls> calls) : service(std::move(calls)) {}

  Service service;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

GrpcServer::GrpcServer(const asio::any_io_executor& executor, GrpcHandler handler,
                       const GrpcTls& tls) {
  auto calls = std::make_shared<Calls>();
  calls->executor = executor;
  calls->handler = std::move(handler);
  impl_ = std::make_unique<Impl>(std::move(calls));
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMostRequestBytes);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort("127.0.0.1:0", credentials_of(tls), &impl_->port);
  builder.RegisterCallbackGenericService(&impl_->service);
  impl_->server = builder.BuildAndStart();
  if (!impl_->server || impl_->port == 0) {
    throw std::runtime_error("the gRPC server cannot have a port on 127.0.0.1");
  }
}

GrpcServer::~GrpcServer() {
  // A deadline that is past cancels every call; each then ends itself.
  impl_->server->Shutdown(std::chrono::system_clock::now());
}

std::string GrpcServer::authority() const {
  return "127.0.0.1:" + std::to_string(impl_->port);
}

}  // namespace evenkeel::demo
