#pragma once
// Files with secrets in a folder that goes with the test, and hashes that are quick to check.

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "tests/folder.hpp"

namespace evenkeel::web {

class Secrets {
 public:
  // The path of a file with that text, which by its mode only its owner may read.
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    const auto path = this->path(name);
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.file(name); }

 private:
  tests::Folder folder_;
};

inline const std::string kToken = "0123456789abcdef0123456789abcdef";
// "correct horse", with as few rounds as SHA-512 takes; and "swordfish" by bcrypt at cost 4.
inline const std::string kHorseHash =
    "$6$rounds=1000$evenkeel$"
    "UWmy07VJoC9AtJJLGoGF7IJyakltFjFddIjTqjWOp33lWnJcX45zt9JLQqdeMO5f2Ht6IHGL"
    "77tFun2/kbwHL.";
inline const std::string kSwordfishHash =
    "$2b$04$abcdefghijklmnopqrstuugIEnm3ZbWF6xb2GcoE3L1CoGJFMKtu.";

}  // namespace evenkeel::web
