#pragma once
// One connection: its requests one after the other, each read whole, then answered. A coroutine of
// the server's own thread; only the handler runs elsewhere, on a worker. Nothing that a client does
// or leaves undone lasts beyond its limit.

#include <array>
#include <memory>
#include <string>

#include "agent/util/asio.hpp"
#include "agent/web/limits.hpp"
#include "agent/web/request.hpp"
#include "agent/web/request_reader.hpp"
#include "agent/web/sessions.hpp"
#include "agent/web/stream.hpp"

namespace evenkeel::web {

// What all sessions of a server share.
struct Service {
  Limits limits;
  Handler handler;
  asio::any_io_executor workers;
  Sessions& sessions;
};

class Session final : public Guest, public std::enable_shared_from_this<Session> {
 public:
  Session(Stream stream, Service& service);
  ~Session() override;

  // The whole of it. Keep the session until this has ended.
  [[nodiscard]] Awaitable<void> run();

  void push_out() override;
  void finish() override;

 private:
  enum class Got { nothing, request, refusal };

  [[nodiscard]] Awaitable<bool> serve_one();
  [[nodiscard]] Awaitable<Got> read_head(RequestReader& reader);
  [[nodiscard]] Awaitable<bool> read_more();
  [[nodiscard]] Awaitable<Answer> handle(RequestReader& reader);
  [[nodiscard]] Awaitable<bool> write(const Head& head, const Answer& answer, bool last);
  [[nodiscard]] Awaitable<void> part();

  void enter(Phase next);
  void within(std::chrono::milliseconds time);  // what follows must end by then
  void time_is_up();

  Service& service_;
  Stream stream_;
  asio::steady_timer timer_;
  std::uint64_t timing_ = 0;  // which of the times set with within() counts
  bool late_ = false;         // the client, with its request
  bool finishing_ = false;
  std::size_t requests_ = 0;
  std::string input_;  // received, and not used yet
  std::array<char, 8192> piece_{};
};

}  // namespace evenkeel::web
