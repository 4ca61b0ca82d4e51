#pragma once
// What real servers answered, and how a test reads it.

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

// What was read of an answer; a failure ends the test.
template <typename T>
T good(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

inline std::string sample(const std::string& name) {
  std::ifstream file(std::string(EVENKEEL_SOURCE_DIR "/tests/samples/") + name);
  if (!file) throw std::runtime_error("no sample " + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// One of the files of 2.6.19: a request and what a real server answered to it.
struct Exchange {
  std::string path;  // of the request, with its query
  std::string body;  // of the request
  int status = 0;
  std::string answer;  // its body
};

inline Exchange exchange(const std::string& name) {
  const auto text = sample("2.6.19/" + name);
  const auto request_end = text.find("\n\n");
  const auto header_end = text.find("\n\n", request_end + 2);
  if (request_end == std::string::npos || header_end == std::string::npos) {
    throw std::runtime_error(name + " is no request with its answer");
  }
  const auto request = text.substr(0, request_end);
  const auto line_end = std::min(request.find('\n'), request.size());
  const auto host = request.find("://") + 3;
  const auto path = request.find('/', host);
  Exchange found{.path = request.substr(path, line_end - path),
                 .body = line_end < request.size() ? request.substr(line_end + 1) : "",
                 .status = std::stoi(text.substr(request_end + 2, 3)),
                 .answer = text.substr(header_end + 2)};
  // Where there was no body, the file says in its place who asked.
  if (found.body.starts_with('(')) found.body.clear();
  return found;
}

}  // namespace evenkeel::milvus
