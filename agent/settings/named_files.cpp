// The files that settings name.

#include <algorithm>
#include <tuple>

#include "agent/settings/settings.hpp"

namespace evenkeel::settings {

std::vector<std::string> named_files(const Settings& settings) {
  const auto& [milvus, etcd, web] = std::tie(settings.milvus, settings.etcd, settings.web);
  std::vector<std::string> files = {
      milvus.ca_file, milvus.cert_file,   milvus.key_file, milvus.password_file, milvus.token_file,
      etcd.ca_file,   etcd.cert_file,     etcd.key_file,   etcd.password_file,   web.token_file,
      web.users_file, web.client_ca_file, web.cert_file,   web.key_file};
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  std::erase(files, std::string());
  return files;
}

}  // namespace evenkeel::settings
