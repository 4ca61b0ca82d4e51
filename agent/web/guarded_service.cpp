#include "agent/web/guarded_service.hpp"

#include <cassert>
#include <exception>
#include <variant>

#include "agent/http/accept.hpp"
#include "agent/util/log.hpp"
#include "agent/util/offload.hpp"
#include "agent/web/compress.hpp"
#include "agent/web/gate.hpp"

namespace evenkeel::web {
namespace {

// At most this many passwords wait or are being checked.
constexpr std::size_t kMaxVerifying = 16;

bool only_reads(const http::RequestHead& head) {
  return head.method == "GET" || head.method == "HEAD";
}

Response broken(const Request& request, const char* why) {
  log::error("request failed", {{"path", request.path}, {"error", why}});
  const Refusal refusal{
      .status = 500, .code = "internal", .message = "Evenkeel could not answer; its log says why."};
  return response_to(refusal, request.path);
}

Response call(const Handler& handler, const Request& request) {
  try {
    auto response = handler(request);
    return request.takes_gzip ? compressed(std::move(response)) : response;
  } catch (const std::exception& error) {
    return broken(request, error.what());
  } catch (...) {
    return broken(request, "not known");
  }
}

// False for refusals that may come without bound: they are counted, but not logged.
bool is_worth_a_line(const Refusal& refusal) {
  return refusal.status != 404 && refusal.status != 405 && !refusal.code.starts_with("too_many");
}

Refusal busy() {
  return {.status = 503,
          .code = "busy",
          .message = "Too many passwords are being checked. Try again.",
          .headers = {{"Retry-After", "1"}}};
}

// The check of a password, counted from its construction to the end of the scope, also if it
// throws.
class Verification {
 public:
  explicit Verification(std::size_t& count) : count_(count) { ++count_; }
  ~Verification() {
    assert(count_ > 0);
    --count_;
  }
  Verification(const Verification&) = delete;
  Verification& operator=(const Verification&) = delete;

 private:
  std::size_t& count_;
};

}  // namespace

GuardedService::GuardedService(Handler handler, Gate gate, std::shared_ptr<Traffic> traffic,
                               std::size_t workers)
    : handler_(std::move(handler)),
      gate_(std::move(gate)),
      traffic_(std::move(traffic)),
      workers_(workers) {}

void GuardedService::join() {
  for (auto* pool : {&workers_, &health_, &metrics_, &verifier_}) pool->join();
}

asio::thread_pool& GuardedService::lane_of(std::string_view path) {
  // A reload waits for the loop, and health checks must not wait for it.
  if (path.starts_with("/-/") && path != kReloadPath) return health_;
  return path == "/metrics" ? metrics_ : workers_;
}

Awaitable<http::Service::Result> GuardedService::respond(http::ServerRequest& request) {
  const auto& head = request.head();
  const bool reads = only_reads(head);
  User user;
  http::ServerRequest::Body body;
  if (reads) {
    if (auto refusal = gate_.refuse_reading(head)) co_return tl::unexpected(*std::move(refusal));
  } else {
    user = co_await admit(head, request.peer());
    if (!user) co_return tl::unexpected(std::move(user.error()));
    body = co_await request.read_body();
    if (!body) co_return tl::unexpected(std::move(body.error()));
  }
  const std::string_view method = head.method;
  auto work = [&] {
    return call(handler_, {.method = method == "HEAD" ? "GET" : method,
                           .path = head.path,
                           .query = head.query,
                           .content_type = head.content_type,
                           .body = *body,
                           .user = *user,
                           .takes_gzip = http::takes_gzip(head.accept_encoding),
                           .prefers_openmetrics = http::prefers_openmetrics(head.accept)});
  };
  auto response = co_await offload(lane_of(head.path), work);
  if (!reads) {
    log::info("asked to change something", {{"method", head.method},
                                            {"path", head.path},
                                            {"user", *user},
                                            {"address", request.peer().address},
                                            {"status", response->status}});
  }
  co_return finish(*response);
}

// Returns the user if the request may be read on and handled.
Awaitable<GuardedService::User> GuardedService::admit(const http::RequestHead& head,
                                                      const http::Peer& peer) {
  const auto now = Gate::Clock::now();
  if (auto refusal = gate_.refuse(head, peer, now)) co_return tl::unexpected(*std::move(refusal));
  const auto claim = gate_.claim(head, peer, now);
  if (const auto* refused = std::get_if<Refusal>(&claim)) co_return tl::unexpected(*refused);
  if (const auto* known = std::get_if<Gate::Known>(&claim)) co_return known->user;
  const auto& password = std::get<Gate::Password>(claim);
  if (verifying_ >= kMaxVerifying) {
    gate_.withdraw(peer);
    co_return tl::unexpected(busy());
  }
  auto work = [this, &password] {
    return !stopping_ && password_matches(password.password, password.hash);
  };
  std::optional<bool> matches;
  {
    const Verification counted(verifying_);
    matches = co_await offload(verifier_, work);
  }
  if (auto refusal = gate_.settle(password, *matches, peer)) {
    co_return tl::unexpected(*std::move(refusal));
  }
  co_return password.user;
}

http::ServerResponse GuardedService::refuse(const http::ServerRequest& request,
                                            const Refusal& refusal) {
  const auto& head = request.head();
  const auto said = said_at(head.path, refusal);
  traffic_->refused(said.code);
  if (!head.method.empty() && !only_reads(head) && is_worth_a_line(said)) {
    const auto& address = request.peer().address;
    if (const auto left_out = refused_lines_.next(address, Gate::Clock::now())) {
      log::warn("request refused", {{"method", head.method},
                                    {"path", head.path},
                                    {"address", address},
                                    {"reason", said.code}});
      if (*left_out > 0) log::warn("more requests were refused", {{"requests", *left_out}});
    }
  }
  return finish(response_to(said, head.path));
}

// Adds the headers of every response: nothing may be cached, embedded, sniffed or run unless the
// handler says so.
http::ServerResponse GuardedService::finish(const Response& response) {
  traffic_->answered(response.status);
  bytes_ += response.body.size();
  http::ServerResponse finished{.status = response.status,
                                .content_type = response.content_type,
                                .body = response.body,
                                .headers = {{"Cache-Control", response.cache_control},
                                            {"Content-Security-Policy", response.security_policy},
                                            {"Cross-Origin-Resource-Policy", "same-origin"},
                                            {"Referrer-Policy", "no-referrer"},
                                            {"Vary", "Accept, Accept-Encoding"},
                                            {"X-Content-Type-Options", "nosniff"}}};
  finished.headers.insert(finished.headers.end(), response.headers.begin(), response.headers.end());
  return finished;
}

}  // namespace evenkeel::web
