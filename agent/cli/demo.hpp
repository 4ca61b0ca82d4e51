#pragma once
// The verb `demo`: a simulated Milvus cluster, badly skewed, and the agent that levels it.

#include <cstdint>
#include <string>

namespace evenkeel::cli {

struct DemoOptions {
  bool keep = false;                           // serve on until SIGINT or SIGTERM
  bool plain = false;                          // only lines, even in a terminal
  std::uint64_t seed = 1;                      // seed of the simulated world
  std::string milvus = "2.3";                  // simulated release: "2.6", or in full "2.6.5"
  std::string listen_address = "127.0.0.1:0";  // for page and metrics; port 0: any free one
  std::string log_level = "warn";              // of the agent's log on standard error
};

// Ends when the cluster is balanced, after 55 s, or by SIGINT or SIGTERM. kDone only if balanced.
int run_demo(const DemoOptions& options);

}  // namespace evenkeel::cli
