#include "agent/cli/option_groups.hpp"

#include "agent/cli/usage.hpp"

namespace evenkeel::cli {

void add_config_file(CLI::App& verb, Common& common) {
  verb.add_option("--config.file", common.config_file,
                  "Configuration, TOML; none: the defaults and EVENKEEL_… variables")
      ->type_name("FILE");
}

void add_common(CLI::App& verb, Common& common) {
  add_config_file(verb, common);
  verb.add_option("--milvus.address", common.milvus_address,
                  "A Milvus proxy: grpc://host:19530, or http://host:9091")
      ->type_name("URL");
  verb.add_option("--scrape.targets", common.scrape_targets,
                  "Metrics URLs of the query nodes, with commas between")
      ->type_name("URLS");
  verb.add_option("--log.level", common.log_level, "debug, info, warn or error; none: info")
      ->type_name("LEVEL");
  verb.add_option("--log.format", common.log_format, "logfmt or json; none: logfmt")
      ->type_name("FORMAT");
}

void add_agent_url(CLI::App& verb, AgentOptions& agent) {
  verb.add_option("--agent", agent.url,
                  "The agent's URL; none: this machine's agent, by [web] listen_address")
      ->type_name("URL");
  verb.add_option("--agent-ca", agent.ca_file,
                  "For https: authorities to verify the agent by, PEM; none: the system's")
      ->type_name("FILE");
}

void add_agent(CLI::App& verb, AgentOptions& agent, bool changes) {
  add_config_file(verb, agent.common);
  add_agent_url(verb, agent);
  if (!changes) return;
  verb.add_option("--token-file", agent.token_file,
                  "File with the agent's token; none: [web] token_file of the configuration")
      ->type_name("FILE");
}

void add_world(CLI::App& verb, std::string& milvus, std::uint64_t& seed) {
  verb.add_option("--milvus", milvus, "Release to simulate: 2.3, 2.5, 2.6, 3.0, or in full 2.6.5")
      ->capture_default_str()
      ->type_name("VERSION");
  verb.add_option("--seed", seed, "Of the simulated world")
      ->capture_default_str()
      ->type_name("NUMBER");
}

void add_format(CLI::App& verb, OutputFormat& format) {
  add_choice<OutputFormat>(verb, "-o,--output,--format", format,
                           {{"text", OutputFormat::text}, {"json", OutputFormat::json}},
                           "How to print: text or json")
      ->default_str("text")
      ->type_name("FORMAT");
}

void add_sort(CLI::App& verb, std::string& column, const std::string& example) {
  verb.add_option(
          "--sort", column,
          "Column to sort the table by; after a '-' from the highest down, such as " + example)
      ->type_name("COLUMN");
}

}  // namespace evenkeel::cli
