#include "agent/cli/milvus_road.hpp"

#include "agent/cli/session.hpp"
#include "agent/milvus/grpc_coordinator.hpp"
#include "agent/milvus/http_coordinator.hpp"
#include "agent/util/log.hpp"
#include "agent/util/url.hpp"

namespace evenkeel::cli {
namespace {

void warn_of_login(const std::string& said) {
  log::warn("the login for Milvus changed and cannot be read", {{"mistake", said}});
}

milvus::CoordinatorOptions coordinator_options(const settings::Settings& settings) {
  const auto& milvus = settings.milvus;
  milvus::CoordinatorOptions options;
  options.timeout = milvus.timeout;
  options.move_timeout = milvus.move_timeout;
  options.login = login_options(settings);
  options.databases = milvus.databases;
  options.max_answer = static_cast<std::size_t>(milvus.max_answer);
  options.warn = warn_of_login;
  if (!milvus.rest_address.empty()) options.rest = *http::parse_url(milvus.rest_address);
  options.tls = client_options(milvus).tls;
  return options;
}

std::unique_ptr<milvus::Coordinator> over_http(http::Client& client, const std::string& address,
                                               const settings::Settings& settings) {
  return std::make_unique<milvus::HttpCoordinator>(client, *http::parse_url(address),
                                                   coordinator_options(settings));
}

#ifdef EVENKEEL_GRPC
std::unique_ptr<milvus::GrpcCoordinator> over_grpc(const settings::Settings& settings,
                                                   milvus::Coordinator* http) {
  return std::make_unique<milvus::GrpcCoordinator>(*grpc_server(settings.milvus.address),
                                                   coordinator_options(settings), http);
}
#endif

}  // namespace

milvus::LoginOptions login_options(const settings::Settings& settings) {
  return {.username = settings.milvus.username,
          .password_file = settings.milvus.password_file,
          .token_file = settings.milvus.token_file};
}

tl::expected<http::Url, std::string> grpc_server(const std::string& address) {
  auto split = split_grpc_url(address, kMilvusGrpcPort);
  if (!split) return tl::unexpected(std::move(split.error()));
  return http::Url{
      .tls = split->scheme == "grpcs", .host = std::move(split->host), .port = split->port};
}

MilvusRoad::MilvusRoad(http::Client& client, const settings::Settings& settings) {
  const auto& milvus = settings.milvus;
  const bool grpc = is_grpc_url(milvus.address);
  const auto& http_address = grpc ? milvus.metrics_address : milvus.address;
  if (!http_address.empty()) http_ = over_http(client, http_address, settings);
#ifdef EVENKEEL_GRPC
  if (!grpc) return;
  auto coordinator = over_grpc(settings, http_.get());
  renew_ = [renewed = coordinator.get()] { return renewed->renew_tls(); };
  grpc_ = std::move(coordinator);
#endif
}

}  // namespace evenkeel::cli
