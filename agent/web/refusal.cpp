#include "agent/web/refusal.hpp"

#include <nlohmann/json.hpp>

namespace evenkeel::web {

Answer answer_to(const Refusal& refusal, std::string_view path) {
  Answer answer;
  answer.status = refusal.status;
  answer.headers = refusal.headers;
  if (path.starts_with("/api/")) {
    const nlohmann::json error{{"code", refusal.code}, {"message", refusal.message}};
    answer.content_type = "application/json";
    answer.body = nlohmann::json{{"error", error}}.dump() + '\n';
  } else {
    answer.body = refusal.message + '\n';
  }
  return answer;
}

}  // namespace evenkeel::web
