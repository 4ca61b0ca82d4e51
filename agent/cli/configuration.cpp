#include "agent/cli/configuration.hpp"

#include <utility>

#include "agent/cli/session.hpp"

namespace evenkeel::cli {
namespace {

// Adds what is wrong with the files by which the agent is a client of TLS.
template <typename Section>
void check_client_tls(const Section& section, const char* name, web::Mistakes& mistakes) {
  if (section.ca_file.empty() && section.cert_file.empty()) return;
  if (auto usable = http::check_files(client_options(section).tls); !usable) {
    mistakes.push_back({name, std::move(usable.error())});
  }
}

web::Mistakes mistakes_in_client_files(const settings::Settings& settings) {
  web::Mistakes mistakes;
  if (auto mistake = login_mistake(settings)) mistakes.push_back(*std::move(mistake));
  check_client_tls(settings.milvus, "[milvus]", mistakes);
  if (!settings.etcd.endpoints.empty()) check_client_tls(settings.etcd, "[etcd]", mistakes);
  return mistakes;
}

}  // namespace

tl::expected<web::Access, web::Mistakes> read_named_files(const settings::Settings& settings) {
  auto access = web::load_access(settings.web);
  if (!access) return access;
  if (auto mistakes = mistakes_in_client_files(settings); !mistakes.empty()) {
    return tl::unexpected(std::move(mistakes));
  }
  return access;
}

ReadConfiguration read_configuration(const Common& common, const settings::Settings& before) {
  ReadConfiguration read{.result = tl::unexpected(web::Mistakes()), .marks = {}};
  if (!common.config_file.empty()) read.marks = marks_of({common.config_file});
  auto settings = load_settings(common);
  read.marks.merge(marks_of(settings::named_files(settings ? *settings : before)));
  if (!settings) {
    read.result = tl::unexpected(std::move(settings.error()));
    return read;
  }
  read.result = read_named_files(*settings).map([&](web::Access access) {
    return Configuration{*std::move(settings), std::move(access)};
  });
  return read;
}

}  // namespace evenkeel::cli
