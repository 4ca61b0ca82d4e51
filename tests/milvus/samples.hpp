#pragma once
// What real servers answered, and how a test reads it.

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace evenkeel::milvus {

inline std::string sample(const std::string& name) {
  std::ifstream file(std::string(EVENKEEL_SOURCE_DIR "/tests/samples/") + name);
  if (!file) throw std::runtime_error("no sample " + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace evenkeel::milvus
