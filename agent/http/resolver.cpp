#include "agent/http/resolver.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace evenkeel::http {

namespace {

using TimePoint = std::chrono::steady_clock::time_point;

asio::ip::address address_of(const sockaddr& socket) {
  if (socket.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &socket, sizeof v4);
    return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &socket, sizeof v6);
  asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return asio::ip::address_v6(bytes, v6.sin6_scope_id);
}

// Moves the address to the begin, if it is among them.
void put_first(LookedUp& found, const asio::ip::address& address) {
  if (!found) return;
  const auto at = std::find(found->begin(), found->end(), address);
  if (at != found->end()) std::rotate(found->begin(), at, at + 1);
}

}  // namespace

LookedUp look_up_by_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (failed == EAI_SYSTEM) return tl::unexpected(std::generic_category().message(errno));
  if (failed != 0) return tl::unexpected(std::string(::gai_strerror(failed)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::vector<asio::ip::address> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
    addresses.push_back(address_of(*each->ai_addr));
  }
  return addresses;
}

// Shared with the threads, which may outlive the resolver and its executor.
struct Resolver::State : std::enable_shared_from_this<Resolver::State> {
  struct Waiter {
    std::weak_ptr<const void> owner;
    Done done;
  };
  struct Known {
    LookedUp answer;
    TimePoint until;
    std::optional<asio::ip::address> preferred{};
  };

  State(asio::any_io_executor loop, ResolverOptions resolver_options)
      : options(std::move(resolver_options)), executor(std::move(loop)) {
    if (!options.look_up) options.look_up = look_up_by_system;
  }

  // These need the mutex held, except work(), which takes it.
  void answer(Waiter waiter, const LookedUp& found);
  // Keeps the answer, which then begins with the preferred address.
  void remember(const std::string& host, LookedUp& found);
  // Starts one more thread for the queue, unless max_threads are running.
  void start();
  // The next name that somebody still waits for.
  std::optional<std::string> next();

  // The body of a thread.
  static void work(const std::shared_ptr<State>& self);
  void ended(const std::string& host, LookedUp found);

  ResolverOptions options;
  std::mutex mutex;
  asio::any_io_executor executor;
  bool closed = false;
  std::size_t threads = 0;
  std::map<std::string, Known> known;
  // The waiters for each name that is queued or being looked up.
  std::map<std::string, std::vector<Waiter>> waiting;
  std::deque<std::string> queue;
};

void Resolver::State::answer(Waiter waiter, const LookedUp& found) {
  asio::post(executor, [waiter = std::move(waiter), found] {
    if (const auto owner = waiter.owner.lock()) waiter.done(found);
  });
}

void Resolver::State::remember(const std::string& host, LookedUp& found) {
  const auto now = options.now();
  const auto before = known.find(host);
  const auto preferred = before == known.end() ? std::nullopt : before->second.preferred;
  if (preferred) put_first(found, *preferred);
  if (known.size() >= options.max_known) {
    std::erase_if(known, [&](const auto& entry) { return entry.second.until <= now; });
  }
  if (known.size() >= options.max_known) {
    known.erase(std::min_element(known.begin(), known.end(), [](const auto& a, const auto& b) {
      return a.second.until < b.second.until;
    }));
  }
  known[host] = {found, now + (found ? options.keep : options.keep_failed), preferred};
}

std::optional<std::string> Resolver::State::next() {
  while (!queue.empty()) {
    auto host = std::move(queue.front());
    queue.pop_front();
    const auto found = waiting.find(host);
    if (found == waiting.end()) continue;
    std::erase_if(found->second, [](const Waiter& waiter) { return waiter.owner.expired(); });
    if (!found->second.empty()) return host;
    waiting.erase(found);
  }
  return std::nullopt;
}

void Resolver::State::start() {
  if (queue.empty() || threads >= options.max_threads) return;
  try {
    std::thread([self = shared_from_this()] { work(self); }).detach();
    ++threads;
  } catch (const std::system_error& error) {
    if (threads > 0) return;  // one of them will take it
    const LookedUp failure = tl::unexpected("no thread for it: " + std::string(error.what()));
    while (auto host = next()) {
      auto waiters = std::move(waiting[*host]);
      waiting.erase(*host);
      for (auto& waiter : waiters) answer(std::move(waiter), failure);
    }
  }
}

void Resolver::State::ended(const std::string& host, LookedUp found) {
  auto waiters = std::move(waiting[host]);
  waiting.erase(host);
  remember(host, found);
  for (auto& waiter : waiters) answer(std::move(waiter), found);
}

void Resolver::State::work(const std::shared_ptr<State>& self) {
  std::unique_lock lock(self->mutex);
  while (!self->closed) {
    const auto host = self->next();
    if (!host) break;
    lock.unlock();
    LookedUp found;
    try {
      found = self->options.look_up(*host);
    } catch (const std::exception& error) {
      found = tl::unexpected(std::string(error.what()));
    }
    lock.lock();
    // Under the lock, so that the executor cannot be destroyed in between.
    if (!self->closed) self->ended(*host, std::move(found));
  }
  --self->threads;
}

Resolver::Resolver(asio::any_io_executor executor, ResolverOptions options)
    : state_(std::make_shared<State>(std::move(executor), std::move(options))) {}

Resolver::~Resolver() {
  close();
}

void Resolver::resolve(const std::string& host, std::weak_ptr<const void> owner, Done done) {
  const std::lock_guard lock(state_->mutex);
  auto& state = *state_;
  if (state.closed) return;
  State::Waiter waiter{std::move(owner), std::move(done)};
  const auto known = state.known.find(host);
  if (known != state.known.end() && state.options.now() < known->second.until) {
    state.answer(std::move(waiter), known->second.answer);
    return;
  }
  const auto [found, is_new] = state.waiting.try_emplace(host);
  // Calls that no longer wait must not pile up behind a name that hangs.
  std::erase_if(found->second, [](const State::Waiter& other) { return other.owner.expired(); });
  found->second.push_back(std::move(waiter));
  if (!is_new) return;
  if (state.waiting.size() > state.options.max_names) {
    state.answer(std::move(found->second.front()),
                 tl::unexpected(std::string("too many names are being looked up")));
    state.waiting.erase(found);
    return;
  }
  state.queue.push_back(host);
  assert(state.queue.size() <= state.waiting.size());
  state.start();
}

void Resolver::forget(const std::string& host) {
  const std::lock_guard lock(state_->mutex);
  state_->known.erase(host);
}

void Resolver::prefer(const std::string& host, const asio::ip::address& address) {
  const std::lock_guard lock(state_->mutex);
  const auto known = state_->known.find(host);
  if (known == state_->known.end()) return;
  known->second.preferred = address;
  put_first(known->second.answer, address);
}

void Resolver::close() {
  const std::lock_guard lock(state_->mutex);
  state_->closed = true;
  state_->queue.clear();
  state_->waiting.clear();
  state_->executor = {};
}

}  // namespace evenkeel::http
