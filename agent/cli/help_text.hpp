#pragma once
// What `--help` of each verb shows beside its options: their defaults, examples, the exit codes.

#include <CLI/CLI.hpp>

namespace evenkeel::cli {

// Describes the program and all its verbs. To be called when the verbs have been added.
void describe(CLI::App& app);

}  // namespace evenkeel::cli
