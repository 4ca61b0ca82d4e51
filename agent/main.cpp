#include "agent/cli/verbs.hpp"

int main(int argc, char** argv) {
  return evenkeel::cli::main(argc, argv);
}
