#pragma once
// The verb `demo`: a simulated Milvus cluster, badly skewed, and the agent that levels it.

#include <cstdint>
#include <string>

namespace evenkeel::cli {

struct DemoOptions {
  bool keep = false;                           // go on serving until SIGINT or SIGTERM
  bool plain = false;                          // lines alone, even in a terminal
  std::uint64_t seed = 1;                      // of the simulated world
  std::string milvus = "2.3";                  // its release: "2.6", or in full "2.6.5"
  std::string listen_address = "127.0.0.1:0";  // of the agent's page and metrics; 0: any free port
  std::string log_level = "warn";              // of the agent's log, on standard error
};

// Ends when the cluster is balanced, after 55 s, or by SIGINT or SIGTERM. kDone only if balanced.
int run_demo(const DemoOptions& options);

}  // namespace evenkeel::cli
