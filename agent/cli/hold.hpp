#pragma once
// The hold of Milvus's own balancer by etcd, built from the settings.

#include <memory>

#include "agent/balancer/etcd_hold.hpp"
#include "agent/cli/etcd_access.hpp"
#include "agent/loop/clock.hpp"
#include "agent/settings/settings.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::cli {

// True if Milvus's etcd is asked to hold its balancer off.
[[nodiscard]] bool holds_by_etcd(const settings::Settings& settings);

// The parts of a hold. A member depends only on those above it.
struct Hold {
  // `clock` must outlive this.
  Hold(const asio::any_io_executor& executor, const settings::Settings& settings,
       loop::Clock& clock);

  EtcdAccess etcd;
  balancer::EtcdHold balancer;
};

// Returns null unless etcd is asked to hold it, and for a dry run, which changes nothing.
// Warns if the login for etcd goes in clear.
[[nodiscard]] std::unique_ptr<Hold> make_hold(const asio::any_io_executor& executor,
                                              const settings::Settings& settings,
                                              loop::Clock& clock, bool dry_run);

}  // namespace evenkeel::cli
