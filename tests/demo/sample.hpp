#pragma once
// Answers of real Milvus 2.3.5 and 2.6.19, to hold the simulated ones against.

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace evenkeel::demo {

inline std::string sample(const std::string& name, const std::string& version = "2.3.5") {
  const auto path = EVENKEEL_SOURCE_DIR "/tests/samples/" + version + "/" + name;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("no sample at " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The body of an answer of 2.6.19: its files hold the request, then the answer, with blank lines
// before either body.
inline std::string recorded(const std::string& name) {
  auto text = sample(name + ".txt", "2.6.19");
  text.erase(0, text.rfind("\n\n") + 2);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace evenkeel::demo
