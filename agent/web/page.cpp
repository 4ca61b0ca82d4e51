#include "agent/web/page.hpp"

#include <openssl/sha.h>

#include <array>
#include <embedded/page.hpp>
#include <string>
#include <string_view>

#include "agent/util/base64.hpp"

namespace evenkeel::web {
namespace {

// A source of a Content-Security-Policy that allows exactly this text.
std::string source_of(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return "'sha256-" + encode_base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) +
         "'";
}

void replace_all(std::string& text, std::string_view mark, std::string_view with) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + with.size())) {
    text.replace(at, mark.size(), with);
  }
}

Page put_together() {
  Page page{std::string(embedded::kHtml), ""};
  replace_all(page.html, "@ICON@", "data:image/svg+xml;base64," + encode_base64(embedded::kIcon));
  replace_all(page.html, "@STYLE@", embedded::kStyle);
  replace_all(page.html, "@SCRIPT@", embedded::kScript);
  page.security_policy =
      "default-src 'none'; script-src " + source_of(embedded::kScript) + "; style-src " +
      source_of(embedded::kStyle) +
      "; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'; require-trusted-types-for 'script'";
  return page;
}

}  // namespace

const Page& page() {
  static const Page whole = put_together();
  return whole;
}

std::string_view icon() {
  return embedded::kIcon;
}

}  // namespace evenkeel::web
