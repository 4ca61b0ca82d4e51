#include "agent/cli/plan_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/journal/codec.hpp"
#include "agent/util/json_view.hpp"
#include "agent/util/sha256.hpp"

namespace evenkeel::cli {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "evenkeel plan 1";

std::string checksum_of(const std::string& text) {
  return Sha256().add(text).hex();
}

// Negative figures have no meaning, and would give room.
bool sensible(const PlanFile& plan) {
  for (const auto& entry : plan.entries) {
    if (entry.move.rows < 0 || entry.move.bytes <= 0) return false;
  }
  return !plan.entries.empty();
}

tl::unexpected<std::string> refused(std::string why) {
  return tl::unexpected(std::move(why));
}

tl::unexpected<std::string> system_error(const std::string& path) {
  return tl::unexpected(path + ": " + std::strerror(errno));
}

}  // namespace

std::vector<rules::Move> PlanFile::moves() const {
  std::vector<rules::Move> moves;
  moves.reserve(entries.size());
  for (const Entry& entry : entries) moves.push_back(entry.move);
  return moves;
}

std::string text_of(const PlanFile& plan) {
  const std::string text = journal::encode(plan);
  const json file = {
      {"format", kFormat}, {"checksum", checksum_of(text)}, {"plan", json::parse(text)}};
  return file.dump(2) + '\n';
}

tl::expected<void, std::string> write_plan(const std::string& path, const PlanFile& plan) {
  const std::string unfinished = path + ".new";
  {
    std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
    if (!file) return system_error(unfinished);
    file << text_of(plan) << std::flush;
    if (!file) return system_error(unfinished);
  }
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) return system_error(path);
  return {};
}

tl::expected<PlanFile, std::string> parse_plan(const std::string& text) {
  const auto file = parse_json(text);
  if (!file) return refused("it is no JSON: " + file.error());
  const auto member = [&file](const char* name) {
    const auto found = file->is_object() ? file->find(name) : file->end();
    return found == file->end() ? json() : *found;
  };
  const json format = member("format");
  if (format != kFormat) {
    return tl::unexpected(format.is_string()
                              ? "its format is \"" + format.get<std::string>() +
                                    "\", this program knows \"" + kFormat + "\""
                              : std::string("it is no plan of `evenkeel plan --save`"));
  }
  const std::string plan_text = member("plan").dump(-1, ' ', false, json::error_handler_t::replace);
  if (member("checksum") != checksum_of(plan_text)) {
    return refused("it was changed after it was written: its checksum is another one");
  }
  auto plan = journal::decode<PlanFile>(plan_text);
  if (!plan) return refused("its plan cannot be read: " + plan.error());
  if (!sensible(*plan)) return refused("it has no moves, or moves of nothing");
  for (auto& entry : plan->entries) entry.move.urgency = rules::Urgency::asked;
  return plan;
}

tl::expected<PlanFile, std::string> read_plan(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return system_error(path);
  std::string text(kMaxPlanFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad() || (file.fail() && !file.eof())) return tl::unexpected(path + ": cannot be read");
  if (text.size() > kMaxPlanFile) return tl::unexpected(path + ": longer than any plan, 16 MiB");
  return parse_plan(text).map_error([&path](const std::string& why) { return path + ": " + why; });
}

}  // namespace evenkeel::cli
