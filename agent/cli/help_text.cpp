#include "agent/cli/help_text.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace evenkeel::cli {
namespace {

constexpr const char* kHelpVerb =
    "`evenkeel help VERB` has a verb's options, with defaults and examples.\n\n";

constexpr const char* kExitCodes =
    "Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 judged and found unbalanced.";

// By the verb: lines that can be typed as they stand, but for addresses, files and ids.
const std::map<std::string_view, std::vector<std::string_view>> kExamples = {
    {"run",
     {"evenkeel run --config.file /etc/evenkeel/evenkeel.toml",
      "evenkeel run --milvus.address http://proxy:9091 --dry-run"}},
    {"plan",
     {"evenkeel plan --config.file /etc/evenkeel/evenkeel.toml",
      "evenkeel plan --milvus.address http://proxy:9091 -o json",
      "evenkeel plan --save plan.json && evenkeel apply plan.json"}},
    {"apply", {"evenkeel apply plan.json", "evenkeel apply plan.json --yes"}},
    {"show nodes",
     {"evenkeel show nodes --sort -ratio",
      "evenkeel show nodes --milvus.address http://proxy:9091 -o json"}},
    {"show query_segment",
     {"evenkeel show query_segment -c documents --sort -bytes",
      "evenkeel show query_segment -o json"}},
    {"load_balance",
     {"evenkeel load_balance -s 3 --dry-run", "evenkeel load_balance -s 3 -d 4 5 -c documents",
      "evenkeel load_balance -s 3 -d 4 -ss 449123 449124"}},
    {"check-config", {"evenkeel check-config /etc/evenkeel/evenkeel.toml"}},
    {"health", {"evenkeel health --config.file /etc/evenkeel/evenkeel.toml"}},
    {"status",
     {"evenkeel status", "evenkeel status --agent http://agent:10931", "evenkeel status -o json"}},
    {"pause", {"evenkeel pause --for 2h --reason \"upgrade to 2.6\""}},
    {"resume",
     {"evenkeel resume", "evenkeel resume --agent https://agent:10931 --token-file token"}},
    {"rebalance",
     {"evenkeel rebalance --wait", "evenkeel rebalance -c documents --wait --timeout 10m"}},
    {"drain", {"evenkeel drain 3 --reason \"new machine\"", "evenkeel drain 3 --suspend"}},
    {"undrain", {"evenkeel undrain 3", "evenkeel undrain 3 --resume"}},
    {"reload", {"evenkeel reload", "evenkeel reload --agent http://agent:10931"}},
    {"history",
     {"evenkeel history --since 2h --outcome moved", "evenkeel history --sort -bytes --limit 100",
      "evenkeel history --node 3 -o csv"}},
    {"explain", {"evenkeel explain 17", "evenkeel explain 17 -o json"}},
    {"demo", {"evenkeel demo", "evenkeel demo --keep --milvus 2.6"}},
    {"simulate-milvus",
     {"evenkeel simulate-milvus --milvus 2.6", "evenkeel simulate-milvus --takes-back 3s"}},
    {"completion",
     {"source <(evenkeel completion bash)",
      "evenkeel completion fish > ~/.config/fish/completions/evenkeel.fish"}},
};

// Writes the default of an option after what it does, instead of between its names.
class Formatter final : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_type_size() == 0) return "";
    return " " + option->get_type_name() + (option->get_required() ? " (required)" : "");
  }
  std::string make_option_desc(const CLI::Option* option) const override {
    const auto& value = option->get_default_str();
    return option->get_description() + (value.empty() ? "" : " (default: " + value + ")");
  }
};

std::string footer_of(const std::string& path) {
  const auto examples = kExamples.find(path);
  if (examples == kExamples.end()) return std::string(kHelpVerb) + kExitCodes;
  std::string text = "Examples:\n";
  for (const auto each : examples->second) text.append("  ").append(each).append("\n");
  return text + "\n" + kExitCodes;
}

void describe(CLI::App& verb, const std::string& path,
              const std::shared_ptr<CLI::FormatterBase>& formatter) {
  verb.formatter(formatter);
  verb.footer(footer_of(path));
  for (auto* below : verb.get_subcommands([](const CLI::App*) { return true; })) {
    describe(*below, path.empty() ? below->get_name() : path + " " + below->get_name(), formatter);
  }
}

}  // namespace

void describe(CLI::App& app) {
  const auto formatter = std::make_shared<Formatter>();
  constexpr std::size_t kOptionColumns = 34;
  formatter->column_width(kOptionColumns);
  describe(app, "", formatter);
}

}  // namespace evenkeel::cli
