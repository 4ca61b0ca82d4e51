#include "agent/web/answer.hpp"

#include "agent/util/printable.hpp"
#include "agent/web/page.hpp"

namespace evenkeel::web {
namespace {

bool observed_completely(const loop::Snapshot& snapshot) {
  if (snapshot.cluster && snapshot.cluster->coordinator_complete) return true;
  for (const auto& decision : snapshot.decisions) {
    if (decision->judgement.coordinator_complete) return true;
  }
  return false;
}

Answer ready(const loop::Snapshot* snapshot, Readiness& readiness) {
  const auto why_not = readiness.not_ready(snapshot);
  if (why_not.empty()) return {.body = "Evenkeel is ready.\n"};
  return {.status = 503, .body = "Evenkeel is not ready: " + printable(why_not) + ".\n"};
}

}  // namespace

std::string Readiness::not_ready(const loop::Snapshot* snapshot) {
  if (was_ready_) return "";
  if (snapshot == nullptr || !snapshot->cluster) return "the cluster has not been observed yet";
  if (observed_completely(*snapshot)) {
    was_ready_ = true;
    return "";
  }
  std::string why = "the coordinator has not answered completely yet";
  const auto& problems = snapshot->cluster->problems;
  return problems.empty() ? why : why + " (" + problems.front() + ')';
}

Answer answer(std::string_view path, const loop::Snapshot* snapshot, Readiness& readiness,
              const telemetry::Counted& counted) {
  if (path == "/metrics") {
    return {.content_type = telemetry::kContentType,
            .body = telemetry::exposition(snapshot, counted)};
  }
  if (path == "/-/healthy") return {.body = "Evenkeel is healthy.\n"};
  if (path == "/-/ready") return ready(snapshot, readiness);
  if (path == "/") {
    return {.content_type = "text/html; charset=utf-8",
            .body = page().html,
            .security_policy = page().security_policy};
  }
  if (path == "/favicon.ico") {
    return {.content_type = "image/svg+xml",
            .body = std::string(icon()),
            .cache_control = "max-age=3600"};
  }
  return {.status = 404, .body = "There is nothing here. See / for what there is.\n"};
}

}  // namespace evenkeel::web
