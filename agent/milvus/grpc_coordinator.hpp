#pragma once
// The gRPC API of a proxy of Milvus 2.1 to master: MilvusService on its port 19530, which is what
// Milvus's own clients use.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/http/client.hpp"
#include "agent/milvus/coordinator.hpp"
#include "agent/milvus/coordinator_options.hpp"
#include "agent/milvus/long_reader.hpp"

namespace evenkeel::milvus {

class GrpcChannel;
struct GrpcStatus;

// Asks a proxy of Milvus over gRPC.
class GrpcCoordinator final : public Coordinator {
 public:
  // Only the host, port and `tls` of `server` count. `http`, which must outlive this, asks the same
  // proxy's HTTP port for what gRPC does not have; null: that is `unsupported`.
  GrpcCoordinator(http::Url server, CoordinatorOptions options, Coordinator* http = nullptr);
  ~GrpcCoordinator() override;

  [[nodiscard]] Awaitable<Result<SystemInfo>> system_info() override;
  // Returns those of the options; else those that Milvus lists; else, before 2.2.9, "default".
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
  [[nodiscard]] Awaitable<Result<std::vector<ResourceGroup>>> resource_groups() override;
  // The others are HTTP's alone.
  [[nodiscard]] Awaitable<Result<std::vector<ReplicaRoles>>> replica_roles() override;
  [[nodiscard]] Awaitable<Result<std::vector<SegmentSize>>> segment_sizes() override;
  [[nodiscard]] Awaitable<Result<std::vector<SegmentChannel>>> segment_channels() override;
  [[nodiscard]] Awaitable<Result<bool>> balancer_active() override;
  [[nodiscard]] Awaitable<Result<void>> switch_balancer(const BalancerSwitch& to) override;
  [[nodiscard]] Awaitable<Result<void>> switch_node(const NodeSwitch& to) override;

  // Works as http::Client::renew_tls() does.
  [[nodiscard]] tl::expected<void, std::string> renew_tls();

 private:
  // A call to make, without the login.
  struct Question {
    std::string_view method;  // of MilvusService
    std::string message;
    std::string database{};
    std::chrono::milliseconds deadline{};
    std::function<bool()> may_send{};
  };

  [[nodiscard]] Question question(std::string_view method, std::string message,
                                  const std::string& database = {}) const;
  [[nodiscard]] http::Url url_of(std::string_view method) const;
  // Asks with the login and reads the answer with `parse`.
  template <typename T>
  [[nodiscard]] Awaitable<Result<T>> ask(Question question, Parse<T> parse);
  // Does so for a call that a version may lack: that is `unsupported`, and is remembered.
  template <typename T>
  [[nodiscard]] Awaitable<Result<T>> ask_list(Question question, Parse<T> parse);
  [[nodiscard]] Awaitable<Result<std::vector<CollectionInfo>>> collections_of(std::string database);

  http::Url server_;
  CoordinatorOptions options_;
  Coordinator* http_;
  Login login_;
  LongReader reader_;
  std::map<std::string, std::chrono::steady_clock::time_point> absent_;  // by method: until when
  std::unique_ptr<GrpcChannel> channel_;
};

}  // namespace evenkeel::milvus
