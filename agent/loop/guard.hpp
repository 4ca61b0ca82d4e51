#pragma once
// The guard: the last check before each call, since the plan may be minutes old by then. A failed
// scrape is the first sign of a dead node, half a minute before the coordinator notices: both nodes
// are scraped again, the newest picture must still be whole, and the destination must have room.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/loop/clock.hpp"
#include "agent/loop/observer.hpp"
#include "agent/scrape/scraper.hpp"
#include "agent/util/asio.hpp"
#include "rules/admit.hpp"
#include "rules/judge.hpp"
#include "rules/ledger.hpp"
#include "rules/policy.hpp"

namespace evenkeel::loop {

class Guard {
 public:
  // The newest knowledge of the cluster. No pointer is null.
  struct Picture {
    std::shared_ptr<const rules::Cluster> cluster;
    std::shared_ptr<const rules::Judgement> judgement;
    rules::Policy policy;
  };

  // All references must outlive the guard. `newest` is called after the nodes have been scraped.
  Guard(scrape::Scraper& scraper, const Observer& observer, const Clock& clock,
        const rules::Ledger& ledger, std::function<Picture()> newest);

  // The reason, in words, not to send the call; nullopt: send it.
  [[nodiscard]] Awaitable<std::optional<std::string>> look(rules::Call call) const;

 private:
  scrape::Scraper& scraper_;
  const Observer& observer_;
  const Clock& clock_;
  const rules::Ledger& ledger_;
  std::function<Picture()> newest_;
};

}  // namespace evenkeel::loop
