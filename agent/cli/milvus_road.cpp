#include "agent/cli/milvus_road.hpp"

#include "agent/milvus/grpc_coordinator.hpp"
#include "agent/milvus/http_coordinator.hpp"
#include "agent/util/log.hpp"
#include "agent/util/url.hpp"

namespace evenkeel::cli {
namespace {

void warn_of_login(const std::string& said) {
  log::warn("the login for Milvus changed and cannot be read", {{"mistake", said}});
}

// What both roads have in common.
template <typename Options>
Options common_options(const settings::Settings& settings) {
  const auto& milvus = settings.milvus;
  Options options;
  options.timeout = milvus.timeout;
  options.move_timeout = milvus.move_timeout;
  options.login = login_options(settings);
  options.databases = milvus.databases;
  options.max_answer = static_cast<std::size_t>(milvus.max_answer);
  options.warn = warn_of_login;
  return options;
}

std::unique_ptr<milvus::Coordinator> over_http(http::Client& client, const std::string& address,
                                               const settings::Settings& settings) {
  auto options = common_options<milvus::HttpCoordinatorOptions>(settings);
  const auto& rest = settings.milvus.rest_address;
  if (!rest.empty()) options.rest = *http::parse_url(rest);
  return std::make_unique<milvus::HttpCoordinator>(client, *http::parse_url(address),
                                                   std::move(options));
}

#ifdef EVENKEEL_GRPC
std::unique_ptr<milvus::GrpcCoordinator> over_grpc(const settings::Settings& settings,
                                                   milvus::Coordinator* http) {
  const auto& milvus = settings.milvus;
  auto options = common_options<milvus::GrpcCoordinatorOptions>(settings);
  options.tls = {.ca_file = milvus.ca_file,
                 .cert_file = milvus.cert_file,
                 .key_file = milvus.key_file,
                 .verify = milvus.tls_verify};
  return std::make_unique<milvus::GrpcCoordinator>(*grpc_server(milvus.address), std::move(options),
                                                   http);
}
#endif

}  // namespace

milvus::LoginOptions login_options(const settings::Settings& settings) {
  return {.username = settings.milvus.username,
          .password_file = settings.milvus.password_file,
          .token_file = settings.milvus.token_file};
}

tl::expected<http::Url, std::string> grpc_server(const std::string& address) {
  auto split = split_grpc_url(address, settings::kMilvusGrpcPort);
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
