#pragma once
// Where the journal is.

#include <functional>
#include <optional>
#include <string>

namespace evenkeel::journal {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The folder for state that outlives the process: the service manager's ($STATE_DIRECTORY), else
// that of the user ($XDG_STATE_HOME/evenkeel, $HOME/.local/state/evenkeel). None of them is set:
// empty.
[[nodiscard]] std::string state_folder(const Environment& environment);

// The journal's name for the Milvus at this address, such as "journal-milvus.example-9091.db": an
// agent remembers nothing of another Milvus.
[[nodiscard]] std::string file_name(const std::string& address);

// The file to use where [journal] path is "auto", in a folder that exists; or why there is none.
struct StandardPath {
  std::string path;  // empty: none
  std::string why;   // in words, where there is none
};
[[nodiscard]] StandardPath standard_path(const std::string& address,
                                         const Environment& environment);

}  // namespace evenkeel::journal
