#pragma once
// The turns that agents of one cluster take, built from the settings.

#include <memory>

#include "agent/cli/etcd_access.hpp"
#include "agent/loop/clock.hpp"
#include "agent/settings/settings.hpp"
#include "agent/turns/etcd_turns.hpp"
#include "agent/util/asio.hpp"

namespace evenkeel::cli {

// The parts of taking turns. A member depends only on those above it.
struct Turns {
  // `clock` must outlive this.
  Turns(const asio::any_io_executor& executor, const settings::Settings& settings,
        loop::Clock& clock);

  EtcdAccess etcd;
  turns::EtcdTurns turns;
};

// Returns null unless [turns] mode = "etcd", and for a dry run, which never acts. Warns if the
// login for etcd goes in clear.
[[nodiscard]] std::unique_ptr<Turns> make_turns(const asio::any_io_executor& executor,
                                                const settings::Settings& settings,
                                                loop::Clock& clock, bool dry_run);

}  // namespace evenkeel::cli
