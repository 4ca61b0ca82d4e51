#pragma once
// Milvus 2.1 to 2.3: the HTTP API under /api/v1 of a proxy.

#include <chrono>
#include <string>
#include <string_view>

#include "agent/http/client.hpp"
#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

struct HttpCoordinatorOptions {
  std::chrono::milliseconds timeout{10'000};        // of each call that only reads
  std::chrono::milliseconds move_timeout{120'000};  // of load_balance, which answers when done
};

class HttpCoordinator final : public Coordinator {
 public:
  // `base` is the proxy's address; what path it has goes before /api/v1.
  HttpCoordinator(http::Client& client, http::Url base, HttpCoordinatorOptions options);

  [[nodiscard]] Awaitable<Result<SystemInfo>> system_info() override;
  [[nodiscard]] Awaitable<Result<Databases>> databases() override;
  [[nodiscard]] Awaitable<Result<std::vector<CollectionInfo>>> collections(
      const std::string& database) override;
  [[nodiscard]] Awaitable<Result<std::vector<ReplicaInfo>>> replicas(
      const CollectionInfo& collection) override;
  [[nodiscard]] Awaitable<Result<std::vector<SegmentInfo>>> segments(
      const CollectionInfo& collection) override;
  [[nodiscard]] Awaitable<Result<rules::Bytes>> row_bytes(
      const CollectionInfo& collection) override;
  // Refuses to send a move from a node to itself, which Milvus takes and scatters the segments.
  [[nodiscard]] Awaitable<Result<void>> load_balance(const LoadBalance& move) override;

 private:
  [[nodiscard]] http::Request request(std::string method, std::string_view path,
                                      std::string body) const;

  http::Client& client_;
  http::Url base_;
  HttpCoordinatorOptions options_;
};

}  // namespace evenkeel::milvus
