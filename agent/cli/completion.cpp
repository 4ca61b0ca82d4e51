#include "agent/cli/verbs.hpp"

#include <CLI/CLI.hpp>
#include <vector>

namespace evenkeel::cli {
namespace {

struct Option {
  std::string name;  // "--config.file"
  std::string what;
  bool takes_file = false;
};

struct Node {
  std::string path;  // "" for the program, "show nodes"
  std::vector<std::pair<std::string, std::string>> verbs;
  std::vector<Option> options;
};

std::string in_quotes(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return "'" + out + "'";
}

void collect(const CLI::App& app, const std::string& path, std::vector<Node>& nodes) {
  Node node{path, {}, {}};
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) {
      node.options.push_back(
          {"--" + name, option->get_description(), option->get_type_name() == "FILE"});
    }
    for (const auto& name : option->get_snames())
      node.options.push_back({"-" + name, option->get_description()});
    if (option->get_positional())
      node.options.push_back({"", "", option->get_type_name() == "FILE"});
  }
  std::vector<const CLI::App*> subs = app.get_subcommands([](const CLI::App*) { return true; });
  for (const auto* sub : subs) node.verbs.emplace_back(sub->get_name(), sub->get_description());
  nodes.push_back(std::move(node));
  for (const auto* sub : subs)
    collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), nodes);
}

// `help VERB …`, which CLI11 has no subcommand for.
void add_help(std::vector<Node>& nodes) {
  std::vector<Node> helped;
  for (const auto& node : nodes) {
    if (!node.verbs.empty())
      helped.push_back({node.path.empty() ? "help" : "help " + node.path, node.verbs, {}});
  }
  nodes.front().verbs.emplace_back("help", "What a verb does, and its options");
  nodes.insert(nodes.end(), helped.begin(), helped.end());
}

std::string words_of(const Node& node) {
  std::string words;
  for (const auto& [verb, what] : node.verbs) words += verb + " ";
  for (const auto& option : node.options) {
    if (!option.name.empty()) words += option.name + " ";
  }
  if (!words.empty()) words.pop_back();
  return words;
}

std::string bash(const std::vector<Node>& nodes) {
  std::string text =
      "# bash completion for evenkeel\n"
      "_evenkeel() {\n"
      "  local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\" "
      "path=\"\" word\n"
      "  if [[ $previous == --config.file || $previous == check-config ]]; then\n"
      "    COMPREPLY=($(compgen -f -- \"$current\")); return\n"
      "  fi\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    [[ $word == -* ]] && break\n"
      "    path=\"${path:+$path }$word\"\n"
      "  done\n"
      "  case \"$path\" in\n";
  for (const auto& node : nodes) {
    text += "    " + in_quotes(node.path) + ") COMPREPLY=($(compgen -W " +
            in_quotes(words_of(node)) + " -- \"$current\")) ;;\n";
  }
  return text + "  esac\n}\ncomplete -F _evenkeel evenkeel\n";
}

std::string zsh(const std::vector<Node>& nodes) {
  return "#compdef evenkeel\nautoload -U +X bashcompinit && bashcompinit\n" + bash(nodes);
}

std::string fish(const std::vector<Node>& nodes) {
  std::string text = "# fish completion for evenkeel\ncomplete -c evenkeel -f\n";
  for (const auto& node : nodes) {
    std::string condition = "__fish_use_subcommand";
    if (!node.path.empty()) {
      condition.clear();
      std::string verb;
      for (const char c : node.path + " ") {
        if (c != ' ') {
          verb += c;
          continue;
        }
        if (!condition.empty()) condition += "; and ";
        condition += "__fish_seen_subcommand_from " + verb;
        verb.clear();
      }
    }
    const std::string head = "complete -c evenkeel -n " + in_quotes(condition);
    for (const auto& [verb, what] : node.verbs) {
      text.append(head)
          .append(" -a ")
          .append(verb)
          .append(" -d ")
          .append(in_quotes(what))
          .append("\n");
    }
    for (const auto& option : node.options) {
      std::string flag;
      if (option.name.size() > 2) flag = " -l " + option.name.substr(2);
      if (option.name.size() == 2) flag = " -s " + option.name.substr(1);
      if (option.takes_file) flag += " -F";
      if (flag.empty()) continue;
      if (!option.what.empty()) flag += " -d " + in_quotes(option.what);
      text.append(head).append(flag).append("\n");
    }
  }
  return text;
}

}  // namespace

std::string completion(const CLI::App& app, const std::string& shell) {
  std::vector<Node> nodes;
  collect(app, "", nodes);
  add_help(nodes);
  if (shell == "fish") return fish(nodes);
  return shell == "zsh" ? zsh(nodes) : bash(nodes);
}

}  // namespace evenkeel::cli
