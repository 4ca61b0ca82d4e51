#pragma once
// What the readers of answers share: parse, look for an error, hand on, catch what is malformed.
// Internal to milvus.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
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

[[nodiscard]] Failure not_json(const std::string& error, std::string_view text);

inline constexpr std::string_view kTooManyValues =
    "this is no answer that Milvus gives; [milvus] max_answer bounds the bytes";

// Parses, and hands the value to `read`.
template <typename T, typename Read>
Result<T> read_json(std::string_view text, Read read) {
  const auto json = parse_json(text, {.advice = kTooManyValues});
  if (!json) return tl::unexpected(not_json(json.error(), text));
  try {
    return read(JsonView(*json));
  } catch (const Malformed& error) {
    return tl::unexpected(malformed(error.what()));
  }
}

// Throws, or returns, the error that an answer's top has.
[[nodiscard]] Result<void> check_answer(const JsonView& root);

// Parses, looks for an error at the top and in `status`, and hands the rest to `read`.
template <typename T, typename Read>
Result<T> read_answer(std::string_view text, Read read) {
  return read_json<T>(text, [&read](const JsonView& root) -> Result<T> {
    if (auto answer = check_answer(root); !answer) return tl::unexpected(answer.error());
    return read(root);
  });
}

// The bytes that a value has elsewhere than in itself, with what the allocator adds.
[[nodiscard]] std::size_t elsewhere(const std::string& text);
[[nodiscard]] std::size_t elsewhere(const QueryNode& node);
[[nodiscard]] std::size_t elsewhere(const SegmentInfo& segment);
[[nodiscard]] std::size_t elsewhere(const SegmentSize& segment);
[[nodiscard]] std::size_t elsewhere(const SegmentChannel& segment);
[[nodiscard]] std::size_t elsewhere(const ReplicaInfo& replica);
[[nodiscard]] std::size_t elsewhere(const ReplicaRoles& replica);
[[nodiscard]] std::size_t elsewhere(const ResourceGroup& group);

// What a vector takes for this element, while it grows.
template <typename T>
std::size_t kept_of(const T& element) {
  return 3 * sizeof(T) + elsewhere(element);
}

// Parses a text with a long list, as read_json does, but hands each of its elements to `take` as it
// comes, with what it adds to; `take` returns the bytes that it keeps. `read` gets the text without
// them, and looks for an error in it. `beside`: as in JsonList.
template <typename T, typename Take, typename Read>
Result<T> read_long(std::string_view text, std::string_view member, Take take, Read read,
                    std::size_t beside = 0) {
  T found;
  std::optional<Malformed> complaint;
  const auto take_one = [&](const JsonView& element) -> std::size_t {
    // What else the text says, such as an error, comes first: it is read to its end.
    if (complaint) return 0;
    try {
      return take(element, found);
    } catch (const Malformed& error) {
      complaint = error;
    }
    return 0;
  };
  const auto json = parse_json(
      text, {.member = member, .take = take_one, .advice = kTooManyValues, .beside = beside});
  if (!json) return tl::unexpected(not_json(json.error(), text));
  try {
    const JsonView root(*json);
    if (auto good = read(root, found); !good) return tl::unexpected(good.error());
    const auto list = member.empty() ? root : root[member];
    if (!list.is_null() && !list.is_list()) list.expected("a list");
    if (complaint) throw *complaint;
  } catch (const Malformed& error) {
    return tl::unexpected(malformed(error.what()));
  }
  return found;
}

// Parses a list at the top, where null is an empty one, and hands each element to `read`.
template <typename T, typename Read>
Result<std::vector<T>> read_list(std::string_view text, Read read) {
  const auto take = [&read](const JsonView& item, std::vector<T>& into) {
    into.push_back(read(item));
    return kept_of(into.back());
  };
  return read_long<std::vector<T>>(text, {}, take,
                                   [](const JsonView& root, std::vector<T>&) -> Result<void> {
                                     if (!root.is_object()) return {};
                                     if (auto status = check_status(root); !status) return status;
                                     return check_message(root);
                                   });
}

// Parses an answer with a long list, and hands each element of it to `take`, as read_long does.
template <typename T, typename Take>
Result<std::vector<T>> read_answer_list(std::string_view text, std::string_view member, Take take) {
  return read_long<std::vector<T>>(
      text, member, take, [](const JsonView& root, std::vector<T>&) { return check_answer(root); });
}

template <typename Id>
std::vector<Id> sorted_ids(const JsonView& list) {
  std::vector<Id> ids;
  for (const auto value : list.integers()) ids.push_back(Id{value});
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  ids.shrink_to_fit();  // a list of a few ids, many times over, would be kept at its full length
  return ids;
}

}  // namespace evenkeel::milvus
