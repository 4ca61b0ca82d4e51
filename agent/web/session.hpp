#pragma once
// One connection: its requests one after the other, each read whole, then answered. A coroutine of
// the server's own thread; only the handler runs elsewhere, on a worker. Nothing that a client does
// or leaves undone lasts beyond its limit.

#include <array>
#include <atomic>
#include <memory>
#include <string>

#include "agent/util/asio.hpp"
#include "agent/web/gate.hpp"
#include "agent/web/give_back.hpp"
#include "agent/web/limits.hpp"
#include "agent/web/refused_lines.hpp"
#include "agent/web/request.hpp"
#include "agent/web/request_reader.hpp"
#include "agent/web/sessions.hpp"
#include "agent/web/stream.hpp"
#include "agent/web/traffic.hpp"

namespace evenkeel::web {

// What all sessions of a server share.
struct Service {
  Limits limits;
  Handler handler;
  asio::any_io_executor workers;
  // What others judge the agent by never waits for what anybody else asks for.
  asio::any_io_executor health, metrics;
  asio::any_io_executor verifier;  // checks passwords, one at a time
  Sessions& sessions;
  Gate& gate;
  Traffic& traffic;
  GiveBack give_back{};
  RefusedLines refused_lines{};
  std::size_t verifying = 0;  // passwords that wait to be checked
  const std::atomic<bool>& stopping;

  // Who calls the handler for this path.
  [[nodiscard]] const asio::any_io_executor& lane_of(std::string_view path) const {
    if (path.starts_with("/-/")) return health;
    return path == "/metrics" ? metrics : workers;
  }
};

class Session final : public Guest, public std::enable_shared_from_this<Session> {
 public:
  Session(Stream stream, std::string from, Service& service);
  ~Session() override;

  // The whole of it. Keep the session until this has ended.
  [[nodiscard]] Awaitable<void> run();

  void push_out() override;
  void finish() override;

 private:
  enum class Got { nothing, request, refusal };

  [[nodiscard]] Awaitable<bool> secure();
  [[nodiscard]] Awaitable<bool> serve_one();
  [[nodiscard]] Awaitable<std::optional<Refusal>> admit(const Head& head);
  [[nodiscard]] Awaitable<bool> check(const Gate::Password& password);
  [[nodiscard]] Awaitable<Got> read_body(RequestReader& reader);
  [[nodiscard]] Awaitable<Got> read_head(RequestReader& reader);
  [[nodiscard]] Awaitable<bool> read_more();
  [[nodiscard]] Awaitable<Answer> handle(RequestReader& reader);
  [[nodiscard]] Awaitable<bool> write(const Head& head, const Answer& answer, bool last);
  [[nodiscard]] Awaitable<void> part();

  void enter(Phase next);
  void wait_for_worker();
  void report(const Head& head, const Answer& answer, const std::optional<Refusal>& refusal) const;
  void within(std::chrono::milliseconds time);  // what follows must end by then
  void time_is_up();

  Service& service_;
  Stream stream_;
  Peer peer_;
  std::string user_;  // who asks, where somebody had to say so
  asio::steady_timer timer_;
  std::uint64_t timing_ = 0;  // which of the times set with within() counts
  bool asking_ = false;       // some of the request has come
  bool crowded_ = false;      // there is no room for the rest of it
  bool answering_ = false;    // the client takes its answer
  bool late_ = false;         // the client, with its request
  bool finishing_ = false;
  std::size_t requests_ = 0;
  std::string input_;  // received, and not used yet
  std::array<char, 8192> piece_{};
};

}  // namespace evenkeel::web
