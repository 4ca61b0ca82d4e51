#pragma once
// What the readers of answers share: parse, look for an error, hand on, catch what is malformed.
// Internal to milvus.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "agent/milvus/coordinator.hpp"
#include "agent/util/json_view.hpp"

namespace evenkeel::milvus {

[[nodiscard]] Failure malformed(std::string message);

// {"error_code":1,"reason":…,"code":901,…} with anything but zeros is an error, and so is
// {"code":1800,"message":…}.
[[nodiscard]] Result<void> check_status(const JsonView& status);

// An object where something else was expected, as the lists of the console give it with their
// HTTP 500 ({"message":…}), and /management ({"msg":…}): a refusal with those words. Success where
// there are none.
[[nodiscard]] Result<void> check_message(const JsonView& root);

// Parses, and hands the value to `read`.
template <typename T, typename Read>
Result<T> read_json(std::string_view text, Read read) {
  const auto json = parse_json(text);
  if (!json) {
    return tl::unexpected(malformed(json.error() + "; it begins with: " + beginning_of(text)));
  }
  try {
    return read(JsonView(*json));
  } catch (const Malformed& error) {
    return tl::unexpected(malformed(error.what()));
  }
}

// Parses, looks for an error at the top and in `status`, and hands the rest to `read`.
template <typename T, typename Read>
Result<T> read_answer(std::string_view text, Read read) {
  return read_json<T>(text, [&read](const JsonView& root) -> Result<T> {
    if (!root.is_object()) root.expected("an object");
    if (auto status = check_status(root); !status) return tl::unexpected(status.error());
    if (auto status = check_status(root["status"]); !status) return tl::unexpected(status.error());
    return read(root);
  });
}

// Parses a list at the top, where null is an empty one, and hands each element to `read`.
template <typename T, typename Read>
Result<std::vector<T>> read_list(std::string_view text, Read read) {
  return read_json<std::vector<T>>(text, [&read](const JsonView& root) -> Result<std::vector<T>> {
    if (root.is_object()) {
      if (auto status = check_status(root); !status) return tl::unexpected(status.error());
      if (auto message = check_message(root); !message) return tl::unexpected(message.error());
    }
    std::vector<T> found;
    for (const auto& item : root.items()) found.push_back(read(item));
    return found;
  });
}

template <typename Id>
std::vector<Id> sorted_ids(const JsonView& list) {
  std::vector<Id> ids;
  for (const auto value : list.integers()) ids.push_back(Id{value});
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace evenkeel::milvus
