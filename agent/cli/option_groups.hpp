#pragma once
// Options that several verbs share, as groups.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "agent/cli/options.hpp"

namespace evenkeel::cli {

void add_config_file(CLI::App& verb, Common& common);
// Of the verbs that talk to a cluster.
void add_common(CLI::App& verb, Common& common);
// Where the running agent is.
void add_agent_url(CLI::App& verb, AgentOptions& agent);
// The configuration, where the running agent is, and for `changes` the credential too.
void add_agent(CLI::App& verb, AgentOptions& agent, bool changes);
// Of a simulated world.
void add_world(CLI::App& verb, std::string& milvus, std::uint64_t& seed);
void add_format(CLI::App& verb, OutputFormat& format);
// By which column its table is sorted; `example` is one of them.
void add_sort(CLI::App& verb, std::string& column, const std::string& example);

template <typename Text>
void add_listen_address(CLI::App& verb, Text& address) {
  verb.add_option("--web.listen-address", address,
                  "Where metrics and the page are served, host:port")
      ->type_name("ADDRESS");
}

}  // namespace evenkeel::cli
