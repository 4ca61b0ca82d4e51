#pragma once
// The words for verdicts, moves and rejections: for `evenkeel plan`, the log and the page. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "rules/judge.hpp"
#include "rules/plan.hpp"

namespace evenkeel::rules {

// Stable identifiers (label values, JSON), snake_case: "destination_overload", "up", …
[[nodiscard]] std::string_view name(NodeHealth value);
[[nodiscard]] std::string_view name(NodeRole value);
[[nodiscard]] std::string_view name(CapacitySource value);
[[nodiscard]] std::string_view name(SizeSource value);
[[nodiscard]] std::string_view name(SegmentState value);
[[nodiscard]] std::string_view name(NodeState value);
[[nodiscard]] std::string_view name(ReplicaState value);
[[nodiscard]] std::string_view name(Reason value);
[[nodiscard]] std::string_view name(Misfit value);
[[nodiscard]] std::string_view name(Urgency value);
[[nodiscard]] std::string_view name(Rejection value);
[[nodiscard]] std::string_view name(Obstacle value);
[[nodiscard]] std::string_view name(WhyNothing value);

// The id in decimal, as Milvus writes it.
template <typename Id>
  requires std::is_enum_v<Id>
[[nodiscard]] std::string number(Id id) {
  return std::to_string(static_cast<std::int64_t>(id));
}
// The collection as it is displayed; its id where the cluster does not list it.
[[nodiscard]] std::string name_of(const Cluster& cluster, CollectionId id);
[[nodiscard]] std::string format_bytes(Bytes bytes);     // "3.1 GiB", "536 B", "-1.0 MiB"
[[nodiscard]] std::string format_percent(double ratio);  // "92.5 %"
// A difference of two ratios: "14.7 points", "1 point"; and its number alone.
[[nodiscard]] std::string format_points(double difference);
[[nodiscard]] std::string points(double difference);

// Each gives one sentence, without a full stop at the end.
[[nodiscard]] std::string words(const NodeVerdict& verdict, const Policy& policy);
[[nodiscard]] std::string words(const ReplicaVerdict& verdict, const Policy& policy);
[[nodiscard]] std::string words(const SetAside& copies);
[[nodiscard]] std::string words(const Move& move);
[[nodiscard]] std::string words(const RejectedMove& rejected, const Policy& policy);
[[nodiscard]] std::string words(const Unfixable& unfixable);
// Completes "… cannot be judged: " and "…, but ".
[[nodiscard]] std::string words(Reason reason, const Policy& policy);
// The advice for an overloaded node whose memory does not fall.
extern const char* const kMemoryStays;
// The reason why the plan has no moves; empty where it has some.
[[nodiscard]] std::string why_nothing(const Plan& plan, const Judgement& judgement,
                                      const Policy& policy);

}  // namespace evenkeel::rules
