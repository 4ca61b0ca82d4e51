#pragma once
// An agent's coordinator that asks a simulated Milvus, on either road.

#include <memory>

#include "agent/demo/simulated_milvus.hpp"
#include "agent/milvus/http_coordinator.hpp"
#include "tests/milvus/roads.hpp"
#ifdef EVENKEEL_GRPC
#include "agent/demo/simulated_grpc.hpp"
#include "agent/milvus/grpc_coordinator.hpp"
#endif

namespace evenkeel::demo {

// Over gRPC what only HTTP has is asked there. It must go before `milvus` and `client`.
class OnRoad {
 public:
  OnRoad(milvus::Road road, const asio::any_io_executor& executor, const SimulatedMilvus& milvus,
         http::Client& client)
      : http_(client, *http::parse_url(milvus.address()), {kDeadline, kDeadline}) {
#ifdef EVENKEEL_GRPC
    if (road == milvus::Road::http) return;
    server_ = std::make_unique<SimulatedGrpc>(executor, milvus);
    const auto address = server_->address();
    const auto port = std::stoi(address.substr(address.rfind(':') + 1));
    grpc_ = std::make_unique<milvus::GrpcCoordinator>(
        http::Url{.host = "127.0.0.1", .port = static_cast<std::uint16_t>(port)},
        milvus::CoordinatorOptions{.timeout = kDeadline, .move_timeout = kDeadline}, &http_);
#else
    (void)road;
    (void)executor;
#endif
  }

  [[nodiscard]] milvus::Coordinator& coordinator() {
#ifdef EVENKEEL_GRPC
    if (grpc_) return *grpc_;
#endif
    return http_;
  }

 private:
  static constexpr std::chrono::seconds kDeadline{10};

  milvus::HttpCoordinator http_;
#ifdef EVENKEEL_GRPC
  std::unique_ptr<SimulatedGrpc> server_;
  std::unique_ptr<milvus::GrpcCoordinator> grpc_;
#endif
};

}  // namespace evenkeel::demo
