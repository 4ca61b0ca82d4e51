#include "agent/web/site.hpp"

#include <chrono>
#include <compare>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "agent/telemetry/telemetry.hpp"
#include "agent/util/utf8.hpp"
#include "agent/web/compress.hpp"
#include "agent/web/manual.hpp"
#include "agent/web/page.hpp"

namespace evenkeel::web {
namespace {

bool observed_completely(const loop::Snapshot& snapshot) {
  if (snapshot.cluster && snapshot.cluster->coordinator_complete) return true;
  for (const auto& decision : snapshot.decisions) {
    if (decision->coordinator_complete) return true;
  }
  return false;
}

Response ready(const loop::Snapshot* snapshot, Readiness& readiness) {
  const auto why_not = readiness.not_ready(snapshot);
  if (why_not.empty()) return {.body = "Evenkeel is ready.\n"};
  return {.status = 503, .body = "Evenkeel is not ready: " + printable(why_not) + ".\n"};
}

// Metrics of at least this many bytes are shared by all clients that ask within kMoment in the same
// way: with a series per segment they are large, and each client would hold its own.
constexpr std::size_t kLarge = 1u << 20;
constexpr std::chrono::seconds kMoment{1};

class LargeMetrics {
 public:
  using Clock = std::chrono::steady_clock;
  struct Way {
    bool openmetrics = false;
    bool gzip = false;

    auto operator<=>(const Way&) const = default;
  };

  // The metrics that are kept; nullopt if they are old or of another snapshot.
  [[nodiscard]] std::optional<Response> of(const loop::SnapshotPtr& snapshot, Way way) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(newest_, [&](const auto& kept) {
      return Clock::now() - kept.second.made >= kMoment || snapshot != kept.second.snapshot;
    });
    const auto kept = newest_.find(way);
    return kept == newest_.end() ? std::nullopt : std::optional(kept->second.response);
  }
  void keep(const loop::SnapshotPtr& snapshot, Way way, const Response& response) {
    const std::scoped_lock lock(mutex_);
    newest_.insert_or_assign(way, Kept{Clock::now(), snapshot, response});
  }

 private:
  struct Kept {
    Clock::time_point made{};
    loop::SnapshotPtr snapshot;
    Response response;
  };

  std::mutex mutex_;
  std::map<Way, Kept> newest_;
};

}  // namespace

std::string Readiness::not_ready(const loop::Snapshot* snapshot) {
  if (was_ready_) return "";
  if (snapshot == nullptr || !snapshot->cluster) return "the cluster has not been observed yet";
  if (observed_completely(*snapshot)) {
    was_ready_ = true;
    return "";
  }
  std::string why = "the proxy has not answered every question yet";
  const auto& problems = snapshot->cluster->problems;
  return problems.empty() ? why : why + " (" + problems.front().text + ')';
}

Response respond(std::string_view path, const loop::Snapshot* snapshot, Readiness& readiness,
                 const telemetry::Counted& counted, telemetry::Format format) {
  if (path == "/metrics") {
    return {.content_type = telemetry::content_type(format),
            .body = telemetry::exposition(snapshot, counted, format)};
  }
  if (path == "/-/healthy") return {.body = "Evenkeel is healthy.\n"};
  if (path == "/-/ready") return ready(snapshot, readiness);
  if (path == "/") {
    return {.content_type = "text/html; charset=utf-8",
            .body = page().html,
            .security_policy = page().security_policy};
  }
  if (path.starts_with(kManualPath)) {
    if (const Page* page = manual_page(path.substr(kManualPath.size()))) {
      return {.content_type = "text/html; charset=utf-8",
              .body = page->html,
              .security_policy = page->security_policy};
    }
  }
  if (path == "/favicon.ico") {
    return {.content_type = "image/svg+xml",
            .body = std::string(icon()),
            .cache_control = "max-age=3600"};
  }
  return {.status = 404, .body = "There is nothing here. See / for what there is.\n"};
}

Handler site(std::function<loop::SnapshotPtr()> snapshot, telemetry::Counted counted) {
  return [snapshot = std::move(snapshot), counted = std::move(counted),
          readiness = std::make_shared<Readiness>(),
          metrics = std::make_shared<LargeMetrics>()](const Request& request) {
    const auto picture = snapshot();
    if (request.path != "/metrics") {
      return respond(request.path, picture.get(), *readiness, counted);
    }
    const LargeMetrics::Way way{request.prefers_openmetrics, request.takes_gzip};
    if (auto made = metrics->of(picture, way)) return *std::move(made);
    auto fresh =
        respond(request.path, picture.get(), *readiness, counted,
                way.openmetrics ? telemetry::Format::openmetrics : telemetry::Format::text);
    const bool large = fresh.body.size() >= kLarge;
    if (way.gzip) fresh = compressed(std::move(fresh));
    if (large) metrics->keep(picture, way, fresh);
    return fresh;
  };
}

Handler with_health(Handler rest, std::function<std::string()> unwell) {
  return [rest = std::move(rest), unwell = std::move(unwell)](const Request& request) {
    if (request.path == "/-/healthy") {
      const std::string words = unwell();
      if (!words.empty()) {
        return Response{.status = 503, .body = "Evenkeel is not healthy: " + words + ".\n"};
      }
    }
    return rest(request);
  };
}

Handler with_reload(Handler rest, std::function<Response()> reload) {
  return [rest = std::move(rest), reload = std::move(reload)](const Request& request) {
    if (request.path != kReloadPath) return rest(request);
    if (request.method == "POST") return reload();
    return Response{.status = 405,
                    .body = "The configuration is read again by POST alone.\n",
                    .headers = {{"Allow", "POST"}}};
  };
}

}  // namespace evenkeel::web
