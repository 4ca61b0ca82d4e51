#include "agent/milvus/coordinator.hpp"

namespace evenkeel::milvus {

std::string_view name(FailureKind kind) {
  switch (kind) {
    case FailureKind::transport:
      return "transport";
    case FailureKind::malformed:
      return "malformed";
    case FailureKind::not_found:
      return "not_found";
    case FailureKind::refused:
      return "refused";
  }
  return "malformed";
}

}  // namespace evenkeel::milvus
