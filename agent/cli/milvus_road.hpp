#pragma once
// The way to Milvus that the settings name: gRPC or HTTP.

#include <functional>
#include <memory>
#include <string>

#include "agent/http/client.hpp"
#include "agent/milvus/coordinator.hpp"
#include "agent/milvus/login.hpp"
#include "agent/settings/settings.hpp"

namespace evenkeel::cli {

[[nodiscard]] milvus::LoginOptions login_options(const settings::Settings& settings);

// Takes a grpc:// or grpcs:// address apart; its target means nothing.
[[nodiscard]] tl::expected<http::Url, std::string> grpc_server(const std::string& address);

// The coordinator that [milvus] address leads to.
class MilvusRoad {
 public:
  // `client` must outlive this. The settings' addresses were validated.
  MilvusRoad(http::Client& client, const settings::Settings& settings);

  [[nodiscard]] milvus::Coordinator& coordinator() { return grpc_ ? *grpc_ : *http_; }
  // Works as http::Client::renew_tls() does, which renews what goes by that client.
  [[nodiscard]] tl::expected<void, std::string> renew_tls() {
    return renew_ ? renew_() : tl::expected<void, std::string>();
  }

 private:
  std::unique_ptr<milvus::Coordinator> http_;  // null: gRPC alone
  std::unique_ptr<milvus::Coordinator> grpc_;  // null: HTTP alone
  std::function<tl::expected<void, std::string>()> renew_;
};

}  // namespace evenkeel::cli
