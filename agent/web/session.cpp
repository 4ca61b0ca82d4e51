#include "agent/web/session.hpp"

#include <exception>
#include <utility>

#include "agent/util/log.hpp"
#include "agent/web/refusal.hpp"
#include "agent/web/response_head.hpp"

namespace evenkeel::web {
namespace {

bool only_reads(const Head& head) {
  return head.method == "GET" || head.method == "HEAD";
}

Answer broken(const Request& request, const char* why) {
  log::error("request failed", {{"path", request.path}, {"error", why}});
  const Refusal refusal{
      .status = 500, .code = "internal", .message = "Evenkeel could not answer; its log says why."};
  return answer_to(refusal, request.path);
}

Answer call(const Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (const std::exception& error) {
    return broken(request, error.what());
  } catch (...) {
    return broken(request, "not known");
  }
}

const Refusal& too_late() {
  static const Refusal refusal{
      .status = 408, .code = "too_slow", .message = "This request did not come whole in time."};
  return refusal;
}

std::optional<Refusal> refuse_method(const Head& head) {
  if (only_reads(head)) return std::nullopt;
  return Refusal{.status = 405,
                 .code = "method_not_allowed",
                 .message = "Only GET and HEAD are answered here.",
                 .headers = {{"Allow", "GET, HEAD"}}};
}

}  // namespace

Session::Session(Stream stream, Service& service)
    : service_(service), stream_(std::move(stream)), timer_(stream_.socket().get_executor()) {
  service_.sessions.enter(*this);
}

Session::~Session() {
  service_.sessions.leave(*this);
}

void Session::enter(Phase next) {
  if (phase == Phase::gone) return;
  phase = next;
  since = Clock::now();
}

void Session::within(std::chrono::milliseconds time) {
  ++timing_;
  timer_.expires_after(time);
  timer_.async_wait([weak = weak_from_this(), timing = timing_](const auto& cancelled) {
    const auto session = weak.lock();
    // The time may have been up just when it was set anew.
    if (!cancelled && session && session->timing_ == timing) session->time_is_up();
  });
}

void Session::time_is_up() {
  late_ = true;
  // A client that is late with its request is told so, as long as it listens.
  if (phase == Phase::waiting && held == 0) {
    stream_.cancel();
  } else {
    push_out();
  }
}

void Session::push_out() {
  phase = Phase::gone;
  stream_.close();
}

void Session::finish() {
  finishing_ = true;
  const bool answering = held > 0;
  if (phase == Phase::idle || (phase == Phase::waiting && !answering)) push_out();
}

Awaitable<void> Session::run() {
  within(service_.limits.request);
  for (;;) {
    // Not `while (co_await …)`: GCC 12 makes a frame of that in which it then does not find its
    // way.
    const bool more = co_await serve_one();
    if (!more) break;
    enter(Phase::idle);
    within(service_.limits.idle);
  }
  if (phase != Phase::gone) co_await part();
  timer_.cancel();
}

Awaitable<bool> Session::read_more() {
  const auto size = co_await stream_.read_some(asio::buffer(piece_));
  input_.append(piece_.data(), size);
  co_return size > 0;
}

// Answers one request; false: the connection is done with.
Awaitable<bool> Session::serve_one() {
  RequestReader reader(service_.limits);
  Got got = co_await read_head(reader);
  if (got == Got::nothing) co_return false;

  std::optional<Refusal> refusal;
  bool last = true;  // where the next request would begin is known only after a whole one
  if (got == Got::refusal) {
    refusal = late_ ? too_late() : reader.refusal();
  } else {
    const Head& head = reader.head();
    last = ++requests_ >= service_.limits.requests || !head.keep_alive || head.has_body;
    refusal = refuse_method(head);
  }
  Answer answer;
  if (refusal) {
    answer = answer_to(*refusal, reader.head().path);
  } else {
    answer = co_await handle(reader);
  }
  last = last || finishing_;
  const bool taken = co_await write(reader.head(), answer, last);
  co_return taken && !last && !finishing_;
}

Awaitable<Session::Got> Session::read_head(RequestReader& reader) {
  for (;;) {
    if (!input_.empty() && phase == Phase::idle) {
      enter(Phase::waiting);
      within(service_.limits.request);
    }
    const auto progress = reader.take(input_);
    if (progress == RequestReader::Progress::refused) co_return Got::refusal;
    if (progress != RequestReader::Progress::head) co_return Got::request;
    if (co_await read_more()) continue;
    co_return late_&& phase == Phase::waiting ? Got::refusal : Got::nothing;
  }
}

Awaitable<Answer> Session::handle(RequestReader& reader) {
  enter(Phase::busy);
  ++timing_;  // a handler's time is not the client's
  timer_.cancel();
  const auto work = [this, &reader]() -> Awaitable<Answer> {
    const Head& head = reader.head();
    const std::string_view method = head.method;
    const Request request{.method = method == "HEAD" ? "GET" : method,
                          .path = head.path,
                          .query = head.query,
                          .content_type = head.content_type,
                          .body = reader.body(),
                          .user = ""};
    co_return call(service_.handler, request);
  };
  co_return co_await asio::co_spawn(service_.workers, work(), asio::use_awaitable);
}

Awaitable<bool> Session::write(const Head& head, const Answer& answer, bool last) {
  const auto text = response_head(answer, last);
  const std::string_view body = head.method == "HEAD" ? std::string_view{} : answer.body;
  enter(Phase::waiting);
  service_.sessions.hold(*this, text.size() + body.size());
  within(service_.limits.answer);
  const bool taken = co_await stream_.write(text, body);
  held = 0;
  co_return taken;
}

// Ends the sending side, and takes for a moment what the client is still sending: closing with
// input unread would reset the connection, and the answer might be lost with it.
Awaitable<void> Session::part() {
  enter(Phase::idle);
  within(service_.limits.parting);
  co_await stream_.end();
  for (;;) {
    const bool more = !finishing_ && co_await read_more();
    if (!more) co_return;
    input_.clear();
  }
}

}  // namespace evenkeel::web
