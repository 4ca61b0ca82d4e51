#include "agent/api/problem.hpp"

namespace evenkeel::api {

web::Response answer_with(const Json& json, int status) {
  web::Response answer;
  answer.status = status;
  answer.content_type = "application/json";
  answer.body = view::text_of(json) + '\n';
  return answer;
}

tl::unexpected<Problem> bad_request(std::string message, std::string field) {
  return tl::unexpected(Problem{400, "bad_request", std::move(message), std::move(field)});
}

tl::unexpected<Problem> not_found(std::string message, std::string field) {
  return tl::unexpected(Problem{404, "not_found", std::move(message), std::move(field)});
}

std::string list_of_known(std::initializer_list<std::string_view> names) {
  std::string text;
  for (const auto name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text.empty() ? "none are known here" : "known are " + text;
}

web::Response answer_with(const Problem& problem) {
  Json error = {{"code", problem.code}, {"message", problem.message}};
  view::put(error, "field", problem.field);
  auto answer = answer_with(Json{{"error", std::move(error)}}, problem.status);
  if (problem.status == 503) answer.headers.emplace_back("Retry-After", "5");
  return answer;
}

}  // namespace evenkeel::api
