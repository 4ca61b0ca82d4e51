#pragma once
// Helpers to read Milvus's answers: parse, look for errors, catch Malformed. Internal to milvus.

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

// An error of Milvus, unless both codes are 0.
[[nodiscard]] Result<void> check_codes(std::int64_t error_code, std::int64_t code,
                                       std::string_view reason);

// {"error_code":1,"reason":…,"code":901,…} is an error unless both are 0, and so is
// {"code":1800,"message":…}.
[[nodiscard]] Result<void> check_status(const JsonView& status);

// The console's lists give {"message":…} with their HTTP 500, and /management gives {"msg":…}. The
// words become a refusal; without words this succeeds.
[[nodiscard]] Result<void> check_message(const JsonView& root);

[[nodiscard]] Failure not_json(const std::string& error, std::string_view text);

inline constexpr std::string_view kTooManyValues =
    "this is no answer that Milvus gives; [milvus] max_answer bounds the bytes";

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

// Returns the error at the top or in `status`; throws Malformed if the answer is no object.
[[nodiscard]] Result<void> check_answer(const JsonView& root);

// Parses, and hands what passes check_answer to `read`.
template <typename T, typename Read>
Result<T> read_answer(std::string_view text, Read read) {
  return read_json<T>(text, [&read](const JsonView& root) -> Result<T> {
    if (auto answer = check_answer(root); !answer) return tl::unexpected(answer.error());
    return read(root);
  });
}

// The bytes that a value has on the heap, with the allocator's overhead.
[[nodiscard]] std::size_t elsewhere(const std::string& text);
[[nodiscard]] std::size_t elsewhere(const QueryNode& node);
[[nodiscard]] std::size_t elsewhere(const SegmentInfo& segment);
[[nodiscard]] std::size_t elsewhere(const SegmentSize& segment);
[[nodiscard]] std::size_t elsewhere(const SegmentChannel& segment);
[[nodiscard]] std::size_t elsewhere(const ReplicaInfo& replica);
[[nodiscard]] std::size_t elsewhere(const ReplicaRoles& replica);
[[nodiscard]] std::size_t elsewhere(const ResourceGroup& group);

// The most bytes that a growing vector takes for this element.
template <typename T>
std::size_t kept_of(const T& element) {
  return 3 * sizeof(T) + elsewhere(element);
}

// Parses a text with a long list as read_json does, but hands each element to `take` as it comes,
// with the result so far; `take` returns the bytes that it keeps. `read` gets the text without the
// list and looks for an error in it. The others are as in JsonList.
template <typename T, typename Take, typename Read>
Result<T> read_long(std::string_view text, std::string_view member, Take take, Read read,
                    std::size_t beside = 0) {
  T found;
  std::optional<Malformed> complaint;
  const auto take_one = [&](const JsonView& element) -> std::size_t {
    // An error elsewhere in the text comes first, so the text is read to its end.
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

// Parses a list at the top, where null is an empty one; `read` makes each element.
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

// Parses an answer with a long list, as read_long does.
template <typename T, typename Take>
Result<std::vector<T>> read_answer_list(std::string_view text, std::string_view member, Take take) {
  return read_long<std::vector<T>>(
      text, member, take, [](const JsonView& root, std::vector<T>&) { return check_answer(root); });
}

// Returns the numbers as ids, sorted and without duplicates.
template <typename Id, typename Numbers>
std::vector<Id> sorted_ids(const Numbers& numbers) {
  std::vector<Id> ids;
  ids.reserve(static_cast<std::size_t>(numbers.size()));
  for (const std::int64_t value : numbers) ids.push_back(Id{value});
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  ids.shrink_to_fit();  // many short lists would each keep their spare capacity
  return ids;
}

template <typename Id>
std::vector<Id> sorted_ids(const JsonView& list) {
  return sorted_ids<Id>(list.integers());
}

// Milvus's numbers for the states of a segment (commonpb.SegmentState).
[[nodiscard]] rules::SegmentState segment_state(std::int64_t state);

// 2.4 and 2.5 also list segments of deletes, which no move may take from their shard's leader.
inline constexpr std::int64_t kLevelZero = 1;

inline constexpr std::int64_t kMostNodes = 1'000'000;  // a group's limit; sums cannot overflow

// Reads the text within the answer for system_info; `beside` bytes are held beside it.
[[nodiscard]] Result<SystemInfo> parse_system_figures(std::string_view text, std::size_t beside);

}  // namespace evenkeel::milvus
