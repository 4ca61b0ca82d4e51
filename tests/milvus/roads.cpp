#include "tests/milvus/roads.hpp"

#include <map>
#include <thread>

#include "agent/util/base64.hpp"
#include "tests/http/scripted_server.hpp"
#ifdef EVENKEEL_GRPC
#include "agent/demo/grpc_server.hpp"
#endif

namespace evenkeel::milvus {
namespace {

using evenkeel::tests::Peer;
using evenkeel::tests::ScriptedServer;

// The methods that /api/v1 has by other names; another route keeps its own.
std::string method_of(const std::string& route) {
  static const std::map<std::string, std::string> methods{
      {"GET /api/v1/metrics", "GetMetrics"},
      {"GET /api/v1/collections", "ShowCollections"},
      {"GET /api/v1/collection", "DescribeCollection"},
      {"GET /api/v1/replicas", "GetReplicas"},
      {"GET /api/v1/query-segment-info", "GetQuerySegmentInfo"},
      {"POST /api/v1/load-balance", "LoadBalance"},
      {"GET /api/v1/_db/list", "ListDatabases"}};
  const auto found = methods.find(route);
  return found == methods.end() ? route : found->second;
}

std::string header(const std::string& request, const std::string& name) {
  const auto at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 4;
  return request.substr(from, request.find("\r\n", from) - from);
}

std::string login_of(const std::string& authorization) {
  const std::string basic = "Basic ";
  const std::string bearer = "Bearer ";
  if (authorization.starts_with(basic)) {
    return decode_base64(authorization.substr(basic.size())).value_or("?");
  }
  return authorization.starts_with(bearer) ? authorization.substr(bearer.size()) : authorization;
}

Asked read_asked(const std::string& request) {
  const auto body = request.substr(request.find("\r\n\r\n") + 4);
  return {.method = method_of(request.substr(0, request.find(" HTTP/"))),
          .request = body.empty() ? nlohmann::json::object() : nlohmann::json::parse(body),
          .login = login_of(header(request, "Authorization"))};
}

std::string reply_to(const Told& told) {
  using evenkeel::tests::answer;
  switch (told.manner) {
    case Manner::wrong_login:
      return answer(R"({"code":1800,"message":"user hasn't authenticated"})", 401);
    case Manner::forbids:
      return answer(R"({"message":"root only"})", 403);
    case Manner::lacks:
      return answer("404 page not found", 404);
    case Manner::answers:
    case Manner::hangs:
      break;
  }
  return answer(told.json);
}

class OverHttp final : public ScriptedMilvus {
 public:
  explicit OverHttp(Script script)
      : server_([script = std::move(script)](Peer& peer, int) {
          for (auto asked = peer.read_request(); !asked.empty(); asked = peer.read_request()) {
            const auto told = script(read_asked(asked));
            if (told.manner == Manner::hangs) return peer.hang();
            std::this_thread::sleep_for(told.after);
            peer.write(reply_to(told));
          }
        }) {}

  [[nodiscard]] std::uint16_t port() const override { return server_.port(); }

 private:
  ScriptedServer server_;
};

#ifdef EVENKEEL_GRPC
using demo::GrpcCode;
using demo::GrpcReply;
using demo::GrpcStatus;

// Its handlers are on a thread of their own, as HTTP's are.
class OverGrpc final : public ScriptedMilvus {
 public:
  explicit OverGrpc(Script script) : script_(std::move(script)) {
    thread_ = std::thread([this] { io_.run(); });
  }
  ~OverGrpc() override {
    server_.reset();
    io_.stop();
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const override {
    const auto authority = server_->authority();
    return static_cast<std::uint16_t>(std::stoi(authority.substr(authority.rfind(':') + 1)));
  }

 private:
  Awaitable<GrpcReply> respond(demo::GrpcCall call) {
    // By this call a client sees whether a connection stands: it is no question.
    if (call.method == "GetVersion") co_return R"({"status":{},"version":"v2.3.5"})";
    const auto login = call.metadata.find("authorization");
    const auto told = script_(
        {.method = call.method,
         .request = nlohmann::json::parse(call.request),
         .login = login == call.metadata.end() ? "" : decode_base64(login->second).value_or("?")});
    asio::steady_timer timer(co_await asio::this_coro::executor, told.after);
    co_await timer.async_wait(asio::use_awaitable);
    while (told.manner == Manner::hangs && !call.over()) {
      timer.expires_after(std::chrono::milliseconds(5));
      co_await timer.async_wait(asio::use_awaitable);
    }
    co_return reply_to(call.method, told);
  }

  static GrpcReply reply_to(const std::string& method, const Told& told) {
    switch (told.manner) {
      case Manner::wrong_login:
        return tl::unexpected(
            GrpcStatus{GrpcCode::unauthenticated,
                       "auth check failure, please check username and password are correct"});
      case Manner::forbids:
        return tl::unexpected(GrpcStatus{
            GrpcCode::permission_denied,
            "Privilege" + method + ": permission deny to root in the `default` database"});
      case Manner::lacks:
        return tl::unexpected(
            GrpcStatus{GrpcCode::unimplemented, "unknown method " + method +
                                                    " for service "
                                                    "milvus.proto.milvus.MilvusService"});
      case Manner::answers:
      case Manner::hangs:
        break;
    }
    return told.json;
  }

  Script script_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  std::thread thread_;
  std::unique_ptr<demo::GrpcServer> server_ = std::make_unique<demo::GrpcServer>(
      io_.get_executor(), [this](demo::GrpcCall call) { return respond(std::move(call)); });
};
#endif

}  // namespace

std::unique_ptr<ScriptedMilvus> scripted_milvus(Road road, ScriptedMilvus::Script script) {
#ifdef EVENKEEL_GRPC
  if (road == Road::grpc) return std::make_unique<OverGrpc>(std::move(script));
#else
  (void)road;
#endif
  return std::make_unique<OverHttp>(std::move(script));
}

}  // namespace evenkeel::milvus
