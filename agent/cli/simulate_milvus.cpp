#include "agent/cli/verbs.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iostream>
#include <tl/expected.hpp>
#include <utility>

#include "agent/cli/options.hpp"
#include "agent/demo/simulated_milvus.hpp"
#include "agent/settings/address.hpp"
#include "agent/settings/units.hpp"

namespace evenkeel::cli {
namespace {

int misused(const std::string& what) {
  std::cerr << "evenkeel: " << what << '\n';
  return kUsage;
}

// Makes the world of the options; the error names the option.
tl::expected<demo::World, std::string> world_of(const SimulateMilvusOptions& options) {
  auto world = demo::demo_world_of(options.milvus, options.seed);
  if (!world) return tl::unexpected("--milvus: " + world.error());
  const auto takes_back = settings::parse_duration(options.takes_back);
  if (!takes_back) return tl::unexpected("--takes-back: " + takes_back.error());
  world->takes_back_after = *takes_back;
  if (options.user.empty()) return world;
  std::ifstream file(options.password_file);
  world->user = options.user;
  if (!std::getline(file, world->password) || world->password.empty()) {
    return tl::unexpected("--password-file: no password can be read from " + options.password_file +
                          ": its first line should be one");
  }
  return world;
}

// The simulated ports, and so this one, are on this machine alone.
tl::expected<std::uint16_t, std::string> port_of(const std::string& listen_address) {
  const auto listen = settings::parse_listen(listen_address);
  if (!listen) return tl::unexpected("--listen: " + listen.error());
  if (listen->host != "127.0.0.1" && listen->host != "localhost") {
    return tl::unexpected("--listen: a simulated Milvus listens on 127.0.0.1 alone, not on " +
                          listen_address);
  }
  return listen->port;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ",") + text;
  return all;
}

std::string number_of(std::ptrdiff_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void announce(const demo::SimulatedMilvus& milvus, const demo::World& world,
              const SimulateMilvusOptions& options) {
  const auto streaming = std::count_if(world.nodes.begin(), world.nodes.end(),
                                       [](auto& node) { return node.streaming; });
  const auto query = static_cast<std::ptrdiff_t>(world.nodes.size()) - streaming;
  auto& out = std::cout;
  out << "A simulated Milvus " << demo::stated_version(world) << " at " << milvus.address()
      << ", until ^C: " << number_of(query, "query node");
  if (streaming > 0) out << ", " << number_of(streaming, "streaming node");
  out << ", " << number_of(static_cast<std::ptrdiff_t>(world.collections.size()), "collection")
      << ".\n";
  if (!world.user.empty()) {
    const bool asks = demo::parse_release(demo::stated_version(world))->asks_for_login();
    out << (asks ? "It asks for a login: user " : "This release asks nobody for a login, so not: ")
        << world.user << ", password of " << options.password_file << ".\n";
  }
  if (world.takes_back_after.count() > 0) {
    out << "Its balancer takes moves back after " << options.takes_back << ".\n";
  }
  const auto targets = milvus.metrics_targets();
  out << "Metrics of its nodes:\n";
  for (const auto& target : targets) out << "  " << target << '\n';
  const auto where =
      " --milvus.address " + milvus.address() + " --scrape.targets " + joined(targets);
  // Flushed, since a reader at a pipe waits for it.
  out << "Try on it:\n  evenkeel plan" << where << "\n  evenkeel run" << where << std::endl;
}

}  // namespace

int simulate_milvus(const SimulateMilvusOptions& options) {
  const auto world = world_of(options);
  if (!world) return misused(world.error());
  const auto port = port_of(options.listen_address);
  if (!port) return misused(port.error());
  asio::io_context io{1};
  try {
    asio::signal_set signals(io, SIGINT, SIGTERM);
    const demo::SimulatedMilvus milvus(io.get_executor(), *world, &std::chrono::steady_clock::now,
                                       *port);
    announce(milvus, *world, options);
    signals.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
    io.run();
  } catch (const boost::system::system_error& error) {
    std::cerr << "evenkeel: --listen " << options.listen_address
              << ": the simulated cluster cannot have its ports: " << error.code().message()
              << ". Choose another, or 127.0.0.1:0 for any.\n";
    return kFailed;
  }
  return kDone;
}

}  // namespace evenkeel::cli
