#include "agent/web/page.hpp"

#include <embedded/page.hpp>
#include <string>
#include <string_view>

#include "agent/util/base64.hpp"
#include "agent/web/policy.hpp"

namespace evenkeel::web {
namespace {

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
