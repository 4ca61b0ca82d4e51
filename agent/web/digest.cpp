#include "agent/web/digest.hpp"

#include <openssl/sha.h>

namespace evenkeel::web {

Digest sha256(std::string_view text) {
  Digest digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

}  // namespace evenkeel::web
