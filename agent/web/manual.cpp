#include "agent/web/manual.hpp"

#include <embedded/manual.hpp>
#include <embedded/manual_style.hpp>
#include <map>
#include <string>

#include "agent/web/policy.hpp"

namespace evenkeel::web {
namespace {

using Pages = std::map<std::string_view, Page>;

Pages all_pages() {
  const std::string policy =
      "default-src 'none'; style-src " + source_of(embedded::kManualStyle) +
      "; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  Pages pages;
  for (const auto& [path, html] : embedded::kManual) {
    Page page{std::string(html), policy};
    replace_all(page.html, "@STYLE@", embedded::kManualStyle);
    pages.emplace(path, std::move(page));
  }
  return pages;
}

}  // namespace

const Page* manual_page(std::string_view path) {
  static const Pages pages = all_pages();
  const auto found = pages.find(path);
  return found == pages.end() ? nullptr : &found->second;
}

}  // namespace evenkeel::web
