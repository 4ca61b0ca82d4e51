#include "agent/milvus/answer_reader.hpp"

#include "agent/milvus/error_words.hpp"

namespace evenkeel::milvus {

namespace {

constexpr std::size_t kBlock = 16;  // bytes that the allocator adds to a block

std::size_t elsewhere(const std::vector<rules::NodeId>& nodes) {
  return kBlock + nodes.capacity() * sizeof(rules::NodeId);
}

}  // namespace

std::size_t elsewhere(const std::string& text) {
  return kBlock + text.capacity();
}

std::size_t elsewhere(const QueryNode& node) {
  return elsewhere(node.address) + elsewhere(node.version) + elsewhere(node.error);
}

std::size_t elsewhere(const SegmentInfo& segment) {
  return elsewhere(segment.nodes);
}

std::size_t elsewhere(const SegmentSize&) {
  return 0;
}

std::size_t elsewhere(const SegmentChannel& segment) {
  return elsewhere(segment.channel);
}

std::size_t elsewhere(const ReplicaInfo& replica) {
  return elsewhere(replica.resource_group) + elsewhere(replica.nodes) + elsewhere(replica.leaders);
}

std::size_t elsewhere(const ReplicaRoles& replica) {
  auto bytes = elsewhere(replica.nodes) + elsewhere(replica.read_only);
  for (const auto& each : replica.channels) {
    bytes += 3 * sizeof(each) + elsewhere(each.channel) + elsewhere(each.nodes);
  }
  return bytes;
}

std::size_t elsewhere(const ResourceGroup& group) {
  return elsewhere(group.name) + elsewhere(group.nodes);
}

Failure malformed(std::string message) {
  return {.kind = FailureKind::malformed, .message = std::move(message)};
}

Result<void> check_codes(std::int64_t error_code, std::int64_t code, std::string_view reason) {
  if (error_code == 0 && code == 0) return {};
  std::string message = "Milvus answered error ";
  if (error_code == 0) {
    message += "code " + std::to_string(code);
  } else {
    message += std::to_string(error_code);
    if (code != 0) message += " (code " + std::to_string(code) + ")";
  }
  const auto words = readable(reason);
  message += words.empty() ? " and no reason" : ": " + words;
  const auto kind = kind_of(error_code, code, reason);
  // Versions without codes say it in words alone; the advice is the same.
  const bool unknown = kind == FailureKind::not_found && code == 0;
  const auto meaning = meaning_of(unknown ? kCodeCollectionNotFound : code, words);
  if (!meaning.empty()) message += "; " + meaning;
  return tl::unexpected(Failure{.kind = kind, .message = std::move(message), .code = code});
}

Result<void> check_status(const JsonView& status) {
  const auto error_code = status["error_code"].integer();
  const auto code = status["code"].integer();
  if (error_code == 0 && code == 0) return {};
  auto reason = status["reason"].text();
  if (reason.empty()) reason = status["detail"].text();
  if (reason.empty()) reason = status["message"].text();
  return check_codes(error_code, code, reason);
}

Result<void> check_message(const JsonView& root) {
  for (const char* key : {"message", "msg"}) {
    const auto words = root[key];
    if (!words.is_text() || words.text().empty()) continue;
    return tl::unexpected(Failure{.kind = FailureKind::refused,
                                  .message = "Milvus answered: " + readable(words.text())});
  }
  return {};
}

Result<void> check_answer(const JsonView& root) {
  if (!root.is_object()) root.expected("an object");
  if (auto status = check_status(root); !status) return status;
  return check_status(root["status"]);
}

Failure not_json(const std::string& error, std::string_view text) {
  return malformed(error + "; it begins with: " + beginning_of(text));
}

}  // namespace evenkeel::milvus
