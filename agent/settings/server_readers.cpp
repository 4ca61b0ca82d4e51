// Readers of the URLs of servers.

#include "agent/settings/readers.hpp"
#include "agent/settings/settings.hpp"
#include "agent/util/url.hpp"

namespace evenkeel::settings {
namespace {

#ifdef EVENKEEL_GRPC
constexpr bool kHasGrpc = true;
#else
constexpr bool kHasGrpc = false;
#endif

bool ends_after_authority(const HttpUrl& url, const Value& value, Problems& problems) {
  if (url.target.empty() || url.target == "/") return true;
  complain(problems, value, "this URL must end after the host and port, without a path or query");
  return false;
}

}  // namespace

std::optional<std::string> read_server(const Value& value, Problems& problems) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    wrong_type(problems, value, "a URL such as \"http://127.0.0.1:9091\"");
    return std::nullopt;
  }
  const auto url = split_url(*text);
  if (!url) {
    complain(problems, value, url.error());
    return std::nullopt;
  }
  return ends_after_authority(*url, value, problems) ? std::optional(*text) : std::nullopt;
}

std::optional<std::string> read_milvus(const Value& value, Problems& problems) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) return read_server(value, problems);
  if (!is_grpc_url(*text)) {
    auto server = read_server(value, problems);
    if (!server && !text->starts_with("http")) {
      problems.back().what += "; Milvus's gRPC port is written as grpc:// or grpcs://";
    }
    return server;
  }
  if (!kHasGrpc) {
    complain(problems, value, "this evenkeel was built without gRPC (EVENKEEL_GRPC)");
    return std::nullopt;
  }
  const auto url = split_grpc_url(*text, kMilvusGrpcPort);
  if (!url) {
    complain(problems, value, url.error());
    return std::nullopt;
  }
  return ends_after_authority(*url, value, problems) ? std::optional(*text) : std::nullopt;
}

std::optional<std::string> read_optional_server(const Value& value, Problems& problems) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text != nullptr && text->empty()) return std::string();
  return read_server(value, problems);
}

}  // namespace evenkeel::settings
