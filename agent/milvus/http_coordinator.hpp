#pragma once
// The HTTP API of a proxy of Milvus 2.1 to 3.0: /api/v1 on its metrics port.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/http/client.hpp"
#include "agent/milvus/coordinator.hpp"
#include "agent/milvus/coordinator_options.hpp"
#include "agent/milvus/long_reader.hpp"

namespace evenkeel::milvus {

// Asks a proxy of Milvus over HTTP.
class HttpCoordinator final : public Coordinator {
 public:
  // `client` must outlive this. `base` is the proxy's address; its path goes before /api/v1.
  HttpCoordinator(http::Client& client, http::Url base, CoordinatorOptions options);

  [[nodiscard]] Awaitable<Result<SystemInfo>> system_info() override;
  // Returns those of the options; else those that Milvus lists, at /api/v1 (2.5 and later) or at
  // the REST address (2.4 and later); else "default" and perhaps others.
  [[nodiscard]] Awaitable<Result<Databases>> databases() override;
  [[nodiscard]] Awaitable<Result<std::vector<CollectionInfo>>> collections(
      const std::string& database) override;
  [[nodiscard]] Awaitable<Result<std::vector<ReplicaInfo>>> replicas(
      const CollectionInfo& collection) override;
  [[nodiscard]] Awaitable<Result<std::vector<SegmentInfo>>> segments(
      const CollectionInfo& collection) override;
  [[nodiscard]] Awaitable<Result<rules::Bytes>> row_bytes(
      const CollectionInfo& collection) override;
  // Refuses what why_not_sent() names.
  [[nodiscard]] Awaitable<Result<void>> load_balance(const LoadBalance& move) override;
  [[nodiscard]] Awaitable<Result<std::vector<ReplicaRoles>>> replica_roles() override;
  [[nodiscard]] Awaitable<Result<std::vector<ResourceGroup>>> resource_groups() override;
  [[nodiscard]] Awaitable<Result<std::vector<SegmentSize>>> segment_sizes() override;
  [[nodiscard]] Awaitable<Result<std::vector<SegmentChannel>>> segment_channels() override;
  [[nodiscard]] Awaitable<Result<bool>> balancer_active() override;
  [[nodiscard]] Awaitable<Result<void>> switch_balancer(const BalancerSwitch& to) override;
  [[nodiscard]] Awaitable<Result<void>> switch_node(const NodeSwitch& to) override;

 private:
  [[nodiscard]] http::Request request(std::string method, std::string_view path,
                                      std::string body) const;
  // Sends the request with the login and reads the answer with `parse`.
  template <typename T>
  [[nodiscard]] Awaitable<Result<T>> ask(http::Request request, Parse<T> parse);
  // Does so for a list that a version may lack: HTTP 404 is `unsupported`, and is remembered.
  template <typename T>
  [[nodiscard]] Awaitable<Result<T>> ask_list(http::Request request, Parse<T> parse);
  [[nodiscard]] Awaitable<Result<std::vector<CollectionInfo>>> collections_of(std::string database);

  http::Client& client_;
  http::Url base_;
  CoordinatorOptions options_;
  Login login_;
  std::map<std::string, std::chrono::steady_clock::time_point> absent_;  // by URL: until when
  LongReader reader_;
};

}  // namespace evenkeel::milvus
