#pragma once
// The verb `simulate-milvus`: the simulated Milvus of `demo` alone, to point an agent at.

#include <cstdint>
#include <string>

namespace evenkeel::cli {

struct SimulateMilvusOptions {
  std::string milvus = "2.3";                  // its release: "2.6", or in full "2.6.5"
  std::uint64_t seed = 1;                      // of the simulated world
  std::string listen_address = "127.0.0.1:0";  // of its HTTP port; 0: any free port
  std::string user;                            // that /api/v1 asks for; empty: nobody
  std::string password_file;                   // whose first line is the user's password
  std::string takes_back = "0s";  // after which its balancer undoes a move: "3s"; 0: never
};

// Serves until SIGINT or SIGTERM, and says first where, and what to try on it.
int simulate_milvus(const SimulateMilvusOptions& options);

}  // namespace evenkeel::cli
