#pragma once
// A round of the agent in words, from the JSON of its API.

#include <nlohmann/json.hpp>
#include <string>

namespace evenkeel::cli {

// Prints why there was a round, what it came to, the gates that were closed, and each move.
void print_explained(const nlohmann::json& decision);

// How long the round took, such as "3.2", and how many moves it planned; empty: not known.
[[nodiscard]] std::string seconds_taken(const nlohmann::json& decision);
[[nodiscard]] std::string moves_planned(const nlohmann::json& decision);

}  // namespace evenkeel::cli
