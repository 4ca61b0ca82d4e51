#include "agent/loop/request.hpp"

namespace evenkeel::loop {

std::string_view name(RequestKind kind) {
  switch (kind) {
    case RequestKind::rebalance:
      return "rebalance";
    case RequestKind::load_balance:
      return "load_balance";
    case RequestKind::pause:
      return "pause";
    case RequestKind::resume:
      return "resume";
    case RequestKind::drain:
      return "drain";
    case RequestKind::undrain:
      return "undrain";
    case RequestKind::alert:
      return "alert";
  }
  return "unknown";
}

std::string_view name(AlertResult result) {
  switch (result) {
    case AlertResult::accepted:
      return "accepted";
    case AlertResult::duplicate:
      return "duplicate";
    case AlertResult::resolved:
      return "resolved";
    case AlertResult::ignored:
      return "ignored";
    case AlertResult::refused:
      return "refused";
  }
  return "unknown";
}

}  // namespace evenkeel::loop
