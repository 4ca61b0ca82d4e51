#include "agent/settings/settings.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "agent/settings/contradictions.hpp"
#include "agent/settings/document.hpp"
#include "agent/settings/environment.hpp"
#include "agent/settings/keys.hpp"
#include "agent/settings/suggest.hpp"
#include "agent/settings/value.hpp"

namespace evenkeel::settings {
namespace {

// Puts Settings together and collects mistakes.
class Assembly {
 public:
  void add_file(std::string_view text, const std::string& file_name) {
    if (text.size() > kMaxFileBytes) {
      problems_.push_back({{file_name}, "larger than 1 MiB, which no configuration is"});
      file_is_known_ = false;
      return;
    }
    const auto root = read_document(text, file_name);
    if (!root) {
      problems_.push_back(root.error());
      file_is_known_ = false;
      return;
    }
    for (const Member& member : *root) add_section(member);
  }

  void add_environment(const Environment& environment) {
    for (const Entry& entry : entries()) {
      if (const auto value = read_variable(entry, environment)) set(entry, *value);
    }
    report_unknown_variables(environment, problems_);
  }

  [[nodiscard]] Loaded result() {
    // Without the file its keys have defaults, whose contradictions prove nothing.
    if (file_is_known_) report_contradictions(settings_, origins_, problems_);
    if (problems_.empty()) return settings_;
    std::stable_sort(problems_.begin(), problems_.end(),
                     [](const Problem& a, const Problem& b) { return a.at < b.at; });
    std::vector<Mistake> mistakes;
    for (Problem& problem : problems_) {
      mistakes.push_back({problem.at.str(), std::move(problem.what)});
    }
    return tl::unexpected(std::move(mistakes));
  }

 private:
  void add_section(const Member& section) {
    const auto* table = std::get_if<Value::Table>(&section.value.data);
    if (table == nullptr) {
      problems_.push_back({section.at, is_section(section.name)
                                           ? "expected the section [" + section.name + "], got " +
                                                 describe(section.value)
                                           : unknown_key("", section.name)});
      return;
    }
    if (!is_section(section.name)) {
      problems_.push_back({section.at, unknown_section(section.name)});
      return;
    }
    for (const Member& member : *table) {
      const Entry* entry = find_entry(section.name, member.name);
      if (entry == nullptr) {
        problems_.push_back({member.at, unknown_key(section.name, member.name)});
      } else {
        set(*entry, member.value);
      }
    }
  }

  void set(const Entry& entry, const Value& value) {
    const std::size_t before = problems_.size();
    entry.set(settings_, value, problems_);
    // A variable's name says which key it is; a line and column do not.
    const bool in_file = value.at.line != 0;
    for (std::size_t i = before; in_file && i < problems_.size(); ++i) {
      problems_[i].what = entry.key.name + ": " + problems_[i].what;
    }
    origins_[entry.key.section + "." + entry.key.name] = {value.at, problems_.size() == before};
  }

  bool file_is_known_ = true;
  Settings settings_;
  Origins origins_;
  Problems problems_;
};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Reads the file, up to one byte more than the largest size allowed.
tl::expected<std::string, std::string> read_file(const std::string& path) {
  std::error_code ignored;  // fopen says better what is wrong
  if (std::filesystem::is_directory(path, ignored)) {
    return tl::unexpected<std::string>("is a directory, not a file");
  }
  const auto failure = [](int error) {
    return tl::unexpected("cannot be read: " + std::generic_category().message(error));
  };
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (!file) return failure(errno);
  std::string text(kMaxFileBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return failure(errno);
  return text;
}

}  // namespace

Loaded parse(std::string_view text, const std::string& file_name, const Environment& environment) {
  Assembly assembly;
  assembly.add_file(text, file_name);
  assembly.add_environment(environment);
  return assembly.result();
}

Loaded load(const std::string& path, const Environment& environment) {
  const auto text = read_file(path);
  if (!text) return tl::unexpected(std::vector<Mistake>{{path, text.error()}});
  return parse(*text, path, environment);
}

Loaded from_environment(const Environment& environment) {
  Assembly assembly;
  assembly.add_environment(environment);
  return assembly.result();
}

}  // namespace evenkeel::settings
