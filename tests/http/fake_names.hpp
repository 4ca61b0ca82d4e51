#pragma once
// A name server of the test's own: names with addresses, names that fail, and names that hang until
// the test lets them go. Look-ups that hang outlive the client, as those of the system do.

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "agent/http/client.hpp"

namespace evenkeel::http {

class FakeNames {
 public:
  ~FakeNames() { release(); }

  // From now on, look-ups of this name answer so.
  void set(const std::string& host, LookedUp answer) {
    const std::lock_guard lock(state_->mutex);
    state_->answers[host] = std::move(answer);
  }
  void loopback(const std::string& host) {
    set(host, std::vector{asio::ip::make_address("127.0.0.1")});
  }
  void hang(const std::string& host) {
    const std::lock_guard lock(state_->mutex);
    state_->hanging.insert(host);
  }
  // Lets all go that hang.
  void release() {
    const std::lock_guard lock(state_->mutex);
    state_->hanging.clear();
    state_->changed.notify_all();
  }

  // How often this name was looked up.
  [[nodiscard]] int asked(const std::string& host) const {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->asked.find(host);
    return found == state_->asked.end() ? 0 : found->second;
  }
  // Returns once so many look-ups have ended.
  void await_ended(int count) const {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [&] { return state_->ended >= count; });
  }

  [[nodiscard]] ResolverOptions options() const {
    ResolverOptions options;
    options.look_up = [state = state_](const std::string& host) {
      std::unique_lock lock(state->mutex);
      ++state->asked[host];
      state->changed.wait(lock, [&] { return !state->hanging.contains(host); });
      ++state->ended;
      state->changed.notify_all();
      const auto found = state->answers.find(host);
      return found == state->answers.end() ? LookedUp(tl::unexpected(std::string("no such name")))
                                           : found->second;
    };
    return options;
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, LookedUp> answers;
    std::set<std::string> hanging;
    std::map<std::string, int> asked;
    int ended = 0;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace evenkeel::http
