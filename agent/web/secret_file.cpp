#include "agent/web/secret_file.hpp"

namespace evenkeel::web {

settings::Mistake mistake_in(const std::string& path, const std::string& key,
                             const std::string& what) {
  return {path, "[web] " + key + ": " + what};
}

tl::expected<std::string, settings::Mistake> read_file(const std::string& path,
                                                       const std::string& key, Secrecy secrecy) {
  auto text = read_small_file(path, secrecy);
  if (!text) return tl::unexpected(mistake_in(path, key, text.error()));
  return *std::move(text);
}

}  // namespace evenkeel::web
