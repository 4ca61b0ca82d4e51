#pragma once
// The verb `simulate-milvus`: the simulated Milvus of `demo` alone, to point an agent at.

#include <cstdint>
#include <string>

namespace evenkeel::cli {

struct SimulateMilvusOptions {
  std::string milvus = "2.3";                  // simulated release: "2.6", or in full "2.6.5"
  std::uint64_t seed = 1;                      // seed of the simulated world
  std::string listen_address = "127.0.0.1:0";  // of its HTTP port; port 0: any free one
  std::string user;                            // of the login that /api/v1 requires; empty: none
  std::string password_file;                   // its first line is the user's password
  std::string takes_back = "0s";               // delay until its balancer undoes a move; 0: never
};

// Serves until SIGINT or SIGTERM. Prints first where it serves, and what to try on it.
int simulate_milvus(const SimulateMilvusOptions& options);

}  // namespace evenkeel::cli
