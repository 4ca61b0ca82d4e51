#include "agent/demo/answers.hpp"

namespace evenkeel::demo {

Json status_of(const Refusal& refusal, const Release& release) {
  Json status{{"error_code", refusal.error_code}, {"reason", refusal.reason}};
  if (refusal.code != 0) {
    status["code"] = refusal.code;
    status["detail"] = refusal.reason;
  }
  // From 2.6 on Milvus says whose fault it is.
  if (refusal.error_code == kCollectionNotExists && release.at_least(2, 6)) {
    status["extra_info"] = {{"is_input_error", "true"}};
  }
  return status;
}

Answer bad_body(const BadBody& mistake) {
  const Json json{{"error_code", kIllegalArgument},
                  {"reason", std::string("parse body failed: ") + mistake.what()}};
  return {400, json.dump()};
}

Answer failed(const Refusal& refusal, const Release& release) {
  return ok({{"status", status_of(refusal, release)}});
}

}  // namespace evenkeel::demo
