#include "agent/api/response.hpp"

namespace evenkeel::api {

web::Response response_of(const Json& json, int status) {
  web::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = view::text_of(json) + '\n';
  return response;
}

tl::unexpected<Problem> bad_request(std::string message, std::string field) {
  return tl::unexpected(Problem{400, "bad_request", std::move(message), std::move(field)});
}

tl::unexpected<Problem> not_found(std::string message, std::string field) {
  return tl::unexpected(Problem{404, "not_found", std::move(message), std::move(field)});
}

web::Response response_of(const Problem& problem) {
  Json error = {{"code", problem.code}, {"message", problem.message}};
  view::put(error, "field", problem.field);
  auto response = response_of(Json{{"error", std::move(error)}}, problem.status);
  if (problem.status == 503) response.headers.emplace_back("Retry-After", "5");
  return response;
}

}  // namespace evenkeel::api
