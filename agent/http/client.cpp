#include "agent/http/client.hpp"

#include <boost/asio/bind_executor.hpp>
#include <set>

#include "agent/http/call.hpp"
#include "agent/http/resolver.hpp"

namespace evenkeel::http {

using Outcome = tl::expected<Response, Error>;

// Shared with the calls under way, so that the client may be destroyed before they end.
struct Client::Impl {
  Impl(asio::any_io_executor loop, ClientOptions client_options)
      : executor(std::move(loop)),
        options(std::move(client_options)),
        tls(options.tls),
        resolver(executor, options.resolver),
        pool(options.max_idle_per_host, options.max_idle, options.idle_timeout) {}

  static Awaitable<Outcome> run(std::shared_ptr<Impl> self, std::shared_ptr<Call> call);
  static Awaitable<Outcome> attempt(Impl& impl, Call& call);
  static Awaitable<Outcome> use_connection(Impl& impl, Call& call);

  asio::any_io_executor executor;
  ClientOptions options;
  ClientTls tls;
  Resolver resolver;
  ConnectionPool pool;
  std::set<Call*> under_way;
};

namespace {

std::string pool_key(const Url& url) {
  return (url.tls ? "https://" : "http://") + url.authority();
}

ConnectionPool::TimePoint now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

Awaitable<Outcome> Client::Impl::use_connection(Impl& impl, Call& call) {
  auto response = co_await ask(call, impl.options.user_agent);
  if (response && call.reusable) {
    call.connection->kept = true;
    impl.pool.keep(pool_key(call.request.url), std::move(call.connection), now());
  }
  call.connection.reset();
  co_return response;
}

Awaitable<Outcome> Client::Impl::attempt(Impl& impl, Call& call) {
  // Only a repeatable request reuses a connection: the server may be closing it right now.
  if (call.request.method == "GET") {
    call.connection = impl.pool.take(pool_key(call.request.url), now());
    if (call.connection) {
      auto outcome = co_await use_connection(impl, call);
      if (outcome || !call.unanswered || call.ending() != Ending::none) co_return outcome;
    }
  }
  auto opened = co_await open(call, impl.tls, impl.resolver);
  if (!opened) co_return tl::unexpected(std::move(opened.error()));
  co_return co_await use_connection(impl, call);
}

Awaitable<Outcome> Client::Impl::run(std::shared_ptr<Impl> self, std::shared_ptr<Call> call) {
  struct UnderWay {
    UnderWay(std::set<Call*>& calls, Call* c) : set(calls), entry(set.insert(c).first) {}
    ~UnderWay() { set.erase(entry); }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;
    std::set<Call*>& set;
    std::set<Call*>::iterator entry;
  };
  const UnderWay under_way(self->under_way, call.get());
  call->start();
  std::string thrown;
  try {
    co_return co_await attempt(*self, *call);
  } catch (const std::exception& exception) {
    thrown = exception.what();
  }
  co_return tl::unexpected(call->error(ErrorKind::protocol, thrown));
}

Client::Client(asio::any_io_executor executor, ClientOptions options)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options))) {}

Client::~Client() {
  impl_->resolver.close();
  for (Call* const call : impl_->under_way) call->interrupt(Ending::cancelled);
  impl_->pool.clear();
}

Awaitable<Outcome> Client::send(Request request) {
  auto call = std::make_shared<Call>(impl_->executor, std::move(request));
  // The call runs as a coroutine of its own, and the caller's cancellation closes its connection:
  // a signal to a composed operation is lost if it comes between two of its steps.
  auto start = [impl = impl_, call](auto handler) mutable {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([weak = std::weak_ptr(call)](asio::cancellation_type) {
        if (const auto cancelled = weak.lock()) cancelled->interrupt(Ending::cancelled);
      });
    }
    const auto executor = asio::get_associated_executor(handler, impl->executor);
    auto done = [handler = std::move(handler), slot](const std::exception_ptr& exception,
                                                     Outcome outcome) mutable {
      if (slot.is_connected()) slot.clear();
      if (exception) {
        outcome = tl::unexpected(Error{ErrorKind::protocol, "the call could not be started"});
      }
      std::move(handler)(std::move(outcome));
    };
    auto loop = impl->executor;
    asio::co_spawn(loop, Impl::run(std::move(impl), std::move(call)),
                   asio::bind_executor(executor, std::move(done)));
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(std::move(start),
                                                                            asio::use_awaitable);
}

tl::expected<void, std::string> Client::renew_tls() {
  auto renewed = impl_->tls.renew();
  if (renewed) impl_->pool.clear();
  return renewed;
}

std::size_t Client::idle_connections() const {
  return impl_->pool.size();
}

void Client::close_idle() {
  impl_->pool.clear();
}

std::string_view name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::resolve:
      return "resolve";
    case ErrorKind::connect:
      return "connect";
    case ErrorKind::tls:
      return "tls";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::reset:
      return "reset";
    case ErrorKind::protocol:
      return "protocol";
    case ErrorKind::too_large:
      return "too_large";
    case ErrorKind::redirect:
      return "redirect";
    case ErrorKind::status:
      return "status";
    case ErrorKind::aborted:
      return "aborted";
  }
  return "protocol";
}

}  // namespace evenkeel::http
