#include "agent/journal/record.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>

#include "agent/view/json_writer.hpp"

namespace evenkeel::journal {
namespace {

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }
  void add(std::int64_t number) {
    std::array<unsigned char, sizeof number> bytes{};
    for (auto& byte : bytes) {  // the lowest first, on every machine
      byte = static_cast<unsigned char>(number & 0xff);
      number >>= 8;
    }
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  }
  [[nodiscard]] std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), bytes.data(), &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
      text += "0123456789abcdef"[bytes.at(i) >> 4];
      text += "0123456789abcdef"[bytes.at(i) & 15];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string digest_of(const rules::Cluster& cluster) {
  Sha256 digest;
  const auto add = [&digest](auto id) { digest.add(static_cast<std::int64_t>(id)); };
  for (const auto& node : cluster.nodes) {
    add(node.id);
    add(node.used);
    add(node.capacity);
  }
  for (const auto& segment : cluster.segments) {
    add(segment.id);
    add(segment.replica);
    add(segment.node);
    add(segment.bytes);
  }
  return digest.hex();
}

std::string record_of(const loop::Decision& decision, const rules::Cluster& cluster,
                      const rules::Policy& policy) {
  view::JsonWriter writer(cluster, policy);
  view::Json json = writer.decision(decision);
  json["plan"] = writer.plan(decision);
  json["inputs"] = {{"digest", digest_of(cluster)},
                    {"nodes", cluster.nodes.size()},
                    {"segments", cluster.segments.size()},
                    {"spread", decision.judgement.worst_spread()}};
  return view::text_of(json);
}

}  // namespace evenkeel::journal
