#pragma once
// Answers of a real Milvus 2.3.5, to hold the simulated ones against.

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace evenkeel::demo {

inline std::string sample(const std::string& name) {
  const auto path = std::string(EVENKEEL_SOURCE_DIR "/tests/samples/2.3.5/") + name;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("no sample at " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace evenkeel::demo
