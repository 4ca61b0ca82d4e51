#include "agent/http/pool.hpp"

#include <algorithm>

namespace evenkeel::http {

void Pool::close_old(TimePoint now) {
  while (!idle_.empty() && now - idle_.front().since > idle_timeout_) idle_.pop_front();
}

std::unique_ptr<Connection> Pool::take(const std::string& host, TimePoint now) {
  close_old(now);
  for (auto i = idle_.size(); i-- > 0;) {
    if (idle_[i].host != host) continue;
    auto connection = std::move(idle_[i].connection);
    idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    if (!connection->stale()) return connection;
  }
  return nullptr;
}

void Pool::keep(std::string host, std::unique_ptr<Connection> connection, TimePoint now) {
  close_old(now);
  const auto same_host = [&host](const Idle& idle) { return idle.host == host; };
  const auto kept = std::count_if(idle_.begin(), idle_.end(), same_host);
  if (static_cast<std::size_t>(kept) >= max_per_host_) {
    const auto oldest = std::find_if(idle_.begin(), idle_.end(), same_host);
    if (oldest == idle_.end()) return;  // none may be kept at all
    idle_.erase(oldest);
  }
  idle_.push_back({std::move(host), std::move(connection), now});
  while (idle_.size() > max_) idle_.pop_front();
}

}  // namespace evenkeel::http
