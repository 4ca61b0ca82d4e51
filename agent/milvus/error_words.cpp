#include "agent/milvus/error_words.hpp"

#include <algorithm>

#include "agent/util/utf8.hpp"

namespace evenkeel::milvus {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

constexpr std::size_t kLongestReason = 500;  // bytes

// Returns the words before and after each stack trace, as in "stack trace: /go/a.go:51
// pkg.F\n/go/b.go:20 pkg.G: collection not loaded". Frames have no ": ".
std::string without_traces(std::string_view reason) {
  constexpr std::string_view kTrace = "stack trace:";
  std::string words;
  while (words.size() <= kLongestReason) {
    const auto at = reason.find(kTrace);
    auto part = reason.substr(0, at);
    while (part.ends_with(' ') || part.ends_with(':')) part.remove_suffix(1);
    if (!words.empty() && !part.empty()) words += ": ";
    words += part.substr(0, kLongestReason + 1);  // it may be many MiB
    if (at == std::string_view::npos) break;
    reason.remove_prefix(at + kTrace.size());
    const auto end = reason.find(": ");
    if (end == std::string_view::npos) break;
    reason.remove_prefix(end + 2);
  }
  return words;
}

// Versions without codes say in words that they do not know a collection, or no longer. A replica
// or a node that is not found is another matter: "destination node not found in the same replica".
bool collection_is_unknown(std::int64_t error_code, std::string_view reason) {
  constexpr std::int64_t kCollectionNotExists = 4;      // all versions
  constexpr std::int64_t kNoReplicasOfCollection = 15;  // 2.3, for the id of a dropped one
  if (error_code == kCollectionNotExists) return true;
  if (!contains(reason, "collection")) return false;
  return error_code == kNoReplicasOfCollection || contains(reason, "collection not found") ||
         contains(reason, "find collection");
}

// Returns "node 12" for a reason that has [node=12].
std::string node_in(std::string_view reason) {
  constexpr std::string_view kNode = "[node=";
  const auto at = reason.find(kNode);
  if (at == std::string_view::npos) return "the node";
  const auto id = reason.substr(at + kNode.size(), 20);
  const auto end = std::min(id.find_first_not_of("0123456789"), id.size());
  return end == 0 ? "the node" : "node " + std::string(id.substr(0, end));
}

}  // namespace

std::string readable(std::string_view reason) {
  std::string words = without_traces(reason);
  std::replace_if(words.begin(), words.end(), is_control, ' ');
  words.resize(cut_utf8(words, kLongestReason).size());
  return words;
}

FailureKind kind_of(std::int64_t error_code, std::int64_t code, std::string_view reason) {
  switch (code) {
    case kCodeCollectionNotFound:
    case kCodeDatabaseNotFound:
      return FailureKind::not_found;
    case kCodeCollectionNotLoaded:
    case kCodeCollectionNotFullyLoaded:
      return FailureKind::not_loaded;
    case kCodeNotAuthenticated:
      return FailureKind::login;
    default:
      return collection_is_unknown(error_code, reason) ? FailureKind::not_found
                                                       : FailureKind::refused;
  }
}

std::string meaning_of(std::int64_t code, std::string_view reason) {
  switch (code) {
    case kCodeCollectionNotFound:
      return "the collection was dropped or renamed, or it is in another database";
    case kCodeCollectionNotLoaded:
      return "the collection was released: it has nothing to move until it is loaded again";
    case kCodeCollectionNotFullyLoaded:
      return "the collection is being loaded, or was released: try again when it is fully loaded";
    case kCodeSegmentNotFound:
      return "the segment has left that node, by compaction or another move: look at where the "
             "segments are now";
    case kCodeDatabaseNotFound:
      return "the database was dropped, or its name in [milvus] databases is another";
    case kCodeNodeNotFound:
      return node_in(reason) +
             " is not in the collection's replica, or is a streaming node, or is gone: source and "
             "destination must be query nodes of one replica";
    case kCodeNodeStateUnexpected:
      return node_in(reason) +
             " is read-only (suspended or leaving): Evenkeel lets it rest; 'node/resume' makes "
             "it a destination again";
    case kCodeNotAuthenticated:
      return "the login is missing or wrong";
    default:
      return {};
  }
}

}  // namespace evenkeel::milvus
