#include "agent/demo/simulated_grpc.hpp"

#include <utility>

namespace evenkeel::demo {
namespace {

Awaitable<GrpcReply> move(LiveClusterPtr cluster, GrpcCall call) {
  const auto transfer = read_load_balance(call.request);
  if (!transfer) {
    co_return tl::unexpected(GrpcStatus{GrpcCode::invalid_argument, transfer.error().body});
  }
  std::function<bool()> over = [ended = call.ended] { return ended->load(); };
  const auto done = co_await load_balance(cluster, *transfer, over);
  co_return done ? answer_done().body
                 : answer_refused(done.error(), cluster->simulation.release()).body;
}

Awaitable<GrpcReply> respond(LiveClusterPtr cluster, GrpcCall call) {
  call.request = with_database(call.method, call.request, call.metadata);
  const GrpcLogin login{cluster->user, cluster->password, cluster->denied};
  auto refused = admit(login, call.metadata, call.method, call.request);
  if (refused.code != GrpcCode::ok) co_return tl::unexpected(std::move(refused));
  if (call.method == "LoadBalance") co_return co_await move(std::move(cluster), std::move(call));
  co_return answer_call(cluster->simulation, cluster->clock(), cluster->directory, call.method,
                        call.request);
}

}  // namespace

SimulatedGrpc::SimulatedGrpc(const asio::any_io_executor& executor, const SimulatedMilvus& milvus,
                             const GrpcTls& tls)
    : tls_(!tls.certificate.empty()),
      server_(
          executor,
          [cluster = milvus.cluster()](GrpcCall call) { return respond(cluster, std::move(call)); },
          tls) {}

std::string SimulatedGrpc::address() const {
  return (tls_ ? "grpcs://" : "grpc://") + server_.authority();
}

}  // namespace evenkeel::demo
