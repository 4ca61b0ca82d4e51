// The page is one file, and its policy allows that file's script and style and nothing else. What
// it shows is looked at in a real browser: tests/e2e/test_page.py.

#include "agent/web/page.hpp"

#include <gmock/gmock.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <regex>
#include <string>
#include <string_view>

namespace evenkeel::web::page_test {
namespace {

using testing::HasSubstr;
using testing::Not;

// What the browser will hash: all between the tags.
std::string inside(const std::string& tag) {
  const std::string& html = page().html;
  const auto begin = html.find('<' + tag + '>') + tag.size() + 2;
  return html.substr(begin, html.find("</" + tag + '>', begin) - begin);
}

std::string source_of(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> base64{};
  EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
  return std::string("'sha256-") + reinterpret_cast<const char*>(base64.data()) + '\'';
}

TEST(Page, HasOneScriptAndOneStyleAndThePolicyNamesJustThem) {
  const std::string& policy = page().security_policy;
  EXPECT_THAT(policy, HasSubstr("script-src " + source_of(inside("script")) + ';'));
  EXPECT_THAT(policy, HasSubstr("style-src " + source_of(inside("style")) + ';'));
  for (const std::string tag : {"<script", "<style"}) {
    EXPECT_EQ(page().html.find(tag), page().html.rfind(tag)) << tag;
  }
}

TEST(Page, ThePolicyAllowsNothingElse) {
  const std::string& policy = page().security_policy;
  EXPECT_THAT(policy, testing::StartsWith("default-src 'none';"));
  for (const char* rule : {"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
                           "connect-src 'self'", "require-trusted-types-for 'script'"}) {
    EXPECT_THAT(policy, HasSubstr(rule));
  }
  for (const char* hole : {"unsafe", "*", "http:", "https:"}) {
    EXPECT_THAT(policy, Not(HasSubstr(hole)));
  }
}

TEST(Page, TakesNothingFromElsewhere) {
  const std::string& html = page().html;
  std::size_t references = 0;
  const std::regex reference("(?:src|href|action)=\"([^\"]*)\"");
  for (std::sregex_iterator at(html.begin(), html.end(), reference), end; at != end; ++at) {
    const std::string target = (*at)[1];
    EXPECT_TRUE(target.starts_with("data:image/svg+xml;base64,") || target.starts_with("#") ||
                target.starts_with("api/v1/") || target == "metrics" || target == "docs/")
        << target << ": relative, so that it also works behind a proxy that serves it under a path";
    ++references;
  }
  EXPECT_GE(references, 6U);
  EXPECT_THAT(html, Not(HasSubstr("@ICON@")));
  EXPECT_THAT(html, Not(HasSubstr("url(")));
  EXPECT_THAT(html, Not(HasSubstr("@import")));
}

// Names of collections, addresses and alerts come from outside.
TEST(Page, PutsNothingInAsHtmlOrCode) {
  const std::string script = inside("script");
  for (const char* dangerous :
       {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("}) {
    EXPECT_THAT(script, Not(HasSubstr(dangerous)));
  }
}

TEST(Page, IsSmall) {
  EXPECT_LT(page().html.size(), 64U << 10);
}

TEST(Page, WithoutScriptsSaysWhereTheSameIs) {
  EXPECT_THAT(page().html, HasSubstr("<noscript>"));
  EXPECT_THAT(page().html, HasSubstr("href=\"api/v1/status\""));
}

}  // namespace
}  // namespace evenkeel::web::page_test
