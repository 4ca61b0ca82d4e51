#pragma once
// The command line of `evenkeel`: parses it and runs the verb.

namespace evenkeel::cli {

// Never throws; the exit code is one of options.hpp.
int main(int argc, char** argv);

}  // namespace evenkeel::cli
