#pragma once
// The configuration of a running agent, with the files that it names.

#include <tl/expected.hpp>
#include <vector>

#include "agent/cli/options.hpp"
#include "agent/settings/settings.hpp"
#include "agent/util/file_marks.hpp"
#include "agent/web/access.hpp"

namespace evenkeel::cli {

// Reads the files that the settings name, as far as they are read at the start. The error has each
// mistake in them.
[[nodiscard]] tl::expected<web::Access, web::Mistakes> read_named_files(
    const settings::Settings& settings);

struct Configuration {
  settings::Settings settings;
  web::Access access;
};

struct ReadConfiguration {
  tl::expected<Configuration, web::Mistakes> result;
  // Of the configuration's file and all that it names, taken before they were read. Where it cannot
  // be read itself, it is taken to name the same files as `before`.
  FileMarks marks;
};
[[nodiscard]] ReadConfiguration read_configuration(const Common& common,
                                                   const settings::Settings& before = {});

}  // namespace evenkeel::cli
