#pragma once
// Milvus's etcd, as the settings say how it is asked.

#include "agent/etcd/client.hpp"
#include "agent/http/client.hpp"
#include "agent/settings/settings.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::cli {

// A client of etcd. A member depends only on those above it.
struct EtcdAccess {
  // There must be an endpoint. Warns of each to which the login goes without TLS.
  EtcdAccess(const asio::any_io_executor& executor, const settings::Settings::Etcd& settings);

  http::Client http;  // with the TLS settings of [etcd]
  etcd::Client client;
};

}  // namespace evenkeel::cli
