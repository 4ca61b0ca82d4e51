#include "agent/cli/app.hpp"

int main(int argc, char** argv) {
  return evenkeel::cli::main(argc, argv);
}
