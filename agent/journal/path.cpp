#include "agent/journal/path.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace evenkeel::journal {

std::string state_folder(const Environment& environment) {
  const auto value = [&environment](const char* name) {
    return environment(name).value_or(std::string());
  };
  if (const std::string folders = value("STATE_DIRECTORY"); !folders.empty()) {
    return folders.substr(0, folders.find(':'));
  }
  // The XDG specification has relative paths ignored.
  if (const std::string state = value("XDG_STATE_HOME"); state.starts_with('/')) {
    return state + "/evenkeel";
  }
  const std::string home = value("HOME");
  return home.starts_with('/') ? home + "/.local/state/evenkeel" : std::string();
}

std::string file_name(const std::string& address) {
  const auto scheme = address.find("://");
  std::string name = scheme == std::string::npos ? address : address.substr(scheme + 3);
  std::replace_if(
      name.begin(), name.end(),
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-'; }, '-');
  return "journal-" + name + ".db";
}

StandardPath standard_path(const std::string& address, const Environment& environment) {
  const std::string folder = state_folder(environment);
  if (folder.empty()) return {"", "there is no folder for it, and [journal] path names no file"};
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!std::filesystem::is_directory(folder)) {
    return {"", "its folder " + folder + " cannot be made: " + error.message()};
  }
  return {folder + '/' + file_name(address), ""};
}

}  // namespace evenkeel::journal
