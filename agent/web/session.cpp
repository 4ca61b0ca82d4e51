#include "agent/web/session.hpp"

#include <exception>
#include <utility>

#include "agent/util/log.hpp"
#include "agent/web/refusal.hpp"
#include "agent/web/response_head.hpp"
#include "agent/web/run_on.hpp"

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

// Of those that come without bound, there is a count, and no line in the log.
bool is_worth_a_line(const Refusal& refusal) {
  return refusal.status != 404 && refusal.status != 405 && !refusal.code.starts_with("too_many");
}

// At most so many passwords wait to be checked.
constexpr std::size_t kMaxVerifying = 16;

Refusal busy() {
  return {.status = 503,
          .code = "busy",
          .message = "Too many passwords are being checked. Try again.",
          .headers = {{"Retry-After", "1"}}};
}

Refusal crowded() {
  return {.status = 503,
          .code = "busy",
          .message = "Too much is being read and answered. Try again.",
          .headers = {{"Retry-After", "1"}}};
}

}  // namespace

Session::Session(Stream stream, std::string from, Service& service)
    : Guest(std::move(from)),
      service_(service),
      stream_(std::move(stream)),
      timer_(stream_.socket().get_executor()) {
  peer_.address = address;
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
  late_ = asking_;
  // A client that is late with its request is told so, as long as it listens.
  if (late_ && phase == Phase::waiting && !answering_) {
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
  if (phase == Phase::idle || (phase == Phase::waiting && !answering_)) push_out();
}

Awaitable<void> Session::run() {
  within(service_.limits.request);
  bool more = co_await secure();
  while (more) {
    // Not `while (co_await …)`: GCC 12 makes a frame of that in which it then does not find its
    // way.
    more = co_await serve_one();
    if (!more) break;
    asking_ = false;
    enter(Phase::idle);
    within(service_.limits.idle);
  }
  if (phase != Phase::gone) co_await part();
  timer_.cancel();
}

Awaitable<bool> Session::secure() {
  if (!stream_.is_secure()) co_return true;
  const bool done = co_await stream_.handshake();
  if (!done) {
    service_.traffic.refused("handshake");
    push_out();
    co_return false;
  }
  const auto name = stream_.client_name();
  peer_.verified = name.has_value();
  peer_.certificate = name.value_or("");
  within(service_.limits.request);
  co_return true;
}

Awaitable<bool> Session::read_more() {
  const auto size = co_await stream_.read_some(asio::buffer(piece_));
  input_.append(piece_.data(), size);
  co_return size > 0;
}

// Answers one request; false: the connection is done with.
Awaitable<bool> Session::serve_one() {
  RequestReader reader(service_.limits);
  const Head& head = reader.head();
  user_.clear();
  Got got = co_await read_head(reader);
  std::optional<Refusal> refusal;
  if (got == Got::request && only_reads(head)) refusal = service_.gate.refuse_reading(head);
  if (got == Got::request && !only_reads(head)) {
    refusal = co_await admit(head);
    if (!refusal) got = co_await read_body(reader);
  }
  if (got == Got::nothing) co_return false;
  if (got == Got::refusal) {
    refusal = crowded_ ? crowded() : late_ ? too_late() : reader.refusal();
  }

  Answer answer;
  if (refusal) {
    refusal = said_at(head.path, *std::move(refusal));
    answer = answer_to(*refusal, head.path);
  } else {
    answer = co_await handle(reader);
  }
  report(head, answer, refusal);
  // Where the next request would begin is known only after the whole of this one.
  const bool last = ++requests_ >= service_.limits.requests || !head.keep_alive ||
                    !reader.is_done() || finishing_;
  const bool taken = co_await write(head, answer, last);
  co_return taken && !last && !finishing_;
}

void Session::report(const Head& head, const Answer& answer,
                     const std::optional<Refusal>& refusal) const {
  service_.traffic.answered(answer.status);
  if (refusal) service_.traffic.refused(refusal->code);
  if (head.method.empty() || only_reads(head)) return;
  if (!refusal) {
    log::info("asked to change something", {{"method", head.method},
                                            {"path", head.path},
                                            {"user", user_},
                                            {"address", peer_.address},
                                            {"status", answer.status}});
  } else if (is_worth_a_line(*refusal)) {
    const auto left_out = service_.refused_lines.next(peer_.address, Clock::now());
    if (!left_out) return;
    log::warn("request refused", {{"method", head.method},
                                  {"path", head.path},
                                  {"address", peer_.address},
                                  {"reason", refusal->code}});
    if (*left_out > 0) log::warn("more requests were refused", {{"requests", *left_out}});
  }
}

// None: the request may be read on, and be handled.
Awaitable<std::optional<Refusal>> Session::admit(const Head& head) {
  auto refusal = service_.gate.refuse(head, peer_, Clock::now());
  if (refusal) co_return refusal;
  const auto claim = service_.gate.claim(head, peer_, Clock::now());
  if (const auto* refused = std::get_if<Refusal>(&claim)) co_return *refused;
  if (const auto* known = std::get_if<Gate::Known>(&claim)) {
    user_ = known->user;
    co_return std::nullopt;
  }
  const auto& password = std::get<Gate::Password>(claim);
  if (service_.verifying >= kMaxVerifying) {
    service_.gate.withdraw(peer_);
    co_return busy();
  }
  const bool matches = co_await check(password);
  refusal = service_.gate.settle(password, matches, peer_);
  if (!refusal) user_ = password.user;
  co_return refusal;
}

Awaitable<bool> Session::check(const Gate::Password& password) {
  wait_for_worker();
  ++service_.verifying;
  const auto work = [&password, &stopping = service_.stopping] {
    return !stopping && password_matches(password.password, password.hash);
  };
  const bool matches = co_await run_on<bool>(service_.verifier, work);
  --service_.verifying;
  enter(Phase::waiting);
  within(service_.limits.request);
  co_return matches;
}

Awaitable<Session::Got> Session::read_head(RequestReader& reader) {
  for (;;) {
    if (!input_.empty() && !asking_) {
      asking_ = true;
      // A first request is waited for since the connection is there.
      if (phase == Phase::idle) enter(Phase::waiting);
      within(service_.limits.request);
    }
    const auto progress = reader.take(input_);
    if (progress == RequestReader::Progress::refused) co_return Got::refusal;
    if (progress != RequestReader::Progress::head) co_return Got::request;
    const bool more = co_await read_more();
    if (more) continue;
    co_return late_&& phase == Phase::waiting ? Got::refusal : Got::nothing;
  }
}

Awaitable<Session::Got> Session::read_body(RequestReader& reader) {
  bool waits = reader.head().expects_continue && input_.empty();
  for (;;) {
    const auto progress = reader.take(input_);
    if (progress == RequestReader::Progress::refused) co_return Got::refusal;
    if (progress == RequestReader::Progress::done) co_return Got::request;
    // Not before it is known that the body is none to refuse.
    if (std::exchange(waits, false)) {
      const bool told = co_await stream_.write("HTTP/1.1 100 Continue\r\n\r\n", "");
      if (!told) co_return Got::nothing;
    }
    const bool more = co_await read_more();
    crowded_ = more && !service_.sessions.hold(*this, reader.body().size() + input_.size());
    if (more && !crowded_) continue;
    co_return crowded_ || (late_ && phase == Phase::waiting) ? Got::refusal : Got::nothing;
  }
}

// What a worker takes is not the client's time.
void Session::wait_for_worker() {
  enter(Phase::busy);
  ++timing_;
  timer_.cancel();
}

Awaitable<Answer> Session::handle(RequestReader& reader) {
  wait_for_worker();
  const auto work = [this, &reader] {
    const Head& head = reader.head();
    const std::string_view method = head.method;
    const Request request{.method = method == "HEAD" ? "GET" : method,
                          .path = head.path,
                          .query = head.query,
                          .content_type = head.content_type,
                          .body = reader.body(),
                          .user = user_};
    return call(service_.handler, request);
  };
  co_return co_await run_on<Answer>(service_.lane_of(reader.head().path), work);
}

Awaitable<bool> Session::write(const Head& head, const Answer& answer, bool last) {
  const auto text = response_head(answer, last);
  const bool bare = head.method == "HEAD" || !has_content(answer.status);
  const std::string_view body = bare ? std::string_view{} : answer.body.str();
  enter(Phase::waiting);
  answering_ = true;
  // Where it is too much whoever is pushed out, this one answer is given all the same.
  (void)service_.sessions.hold(*this, text.size(), bare ? Text() : answer.body);
  within(service_.limits.answer);
  const bool taken = co_await stream_.write(text, body);
  answering_ = false;
  service_.give_back.answered(text.size() + body.size());
  Sessions::let_go(*this);
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
