#pragma once
// What is sent back: a value as JSON, or {"error":{"code","message","field"}}.

#include <string>
#include <tl/expected.hpp>

#include "agent/view/json.hpp"
#include "agent/web/handler.hpp"

namespace evenkeel::api {

using view::Json;

[[nodiscard]] web::Response response_of(const Json& json, int status = 200);

// Says why a request is refused.
struct Problem {
  int status = 400;
  std::string code;     // for programs: "bad_request", "not_found", …
  std::string message;  // for people: what, where and what to do
  std::string field;    // in the query or the body; empty: none
};

template <typename T>
using Checked = tl::expected<T, Problem>;

[[nodiscard]] tl::unexpected<Problem> bad_request(std::string message, std::string field = {});
[[nodiscard]] tl::unexpected<Problem> not_found(std::string message, std::string field = {});

[[nodiscard]] web::Response response_of(const Problem& problem);

}  // namespace evenkeel::api
