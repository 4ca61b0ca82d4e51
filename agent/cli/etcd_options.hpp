#pragma once
// How Milvus's etcd is asked, from the settings.

#include "agent/etcd/client.hpp"
#include "agent/settings/settings.hpp"

namespace evenkeel::cli {

// There must be an endpoint.
[[nodiscard]] etcd::ClientOptions etcd_options(const settings::Settings::Etcd& etcd);

// Warns of each endpoint to which the login goes without TLS.
void warn_of_clear_login(const settings::Settings::Etcd& etcd);

}  // namespace evenkeel::cli
