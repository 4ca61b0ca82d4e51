#include "agent/api/requests.hpp"

#include "agent/api/problem.hpp"

namespace evenkeel::api {

Problem problem_of(loop::Denial denial) {
  switch (denial) {
    case loop::Denial::not_ready:
      return {503, "not_ready",
              "the cluster has not been observed in full yet; ask again in a few seconds", ""};
    case loop::Denial::stopping:
      return {503, "stopping", "the agent is stopping", ""};
    case loop::Denial::full:
      return {503, "busy", "too many requests wait already; ask again in a few seconds", ""};
  }
  return {503, "busy", "ask again in a few seconds", ""};
}

web::Response accepted(const loop::Control::Answer& answer) {
  if (!answer) return answer_with(problem_of(answer.error()));
  return answer_with(Json{{"request", std::to_string(answer->number)}}, 202);
}

}  // namespace evenkeel::api
