#pragma once
// The look before each call. The plan may be minutes old when its last calls are due, and a failed
// scrape is the first sign of a dead node, half a minute before the coordinator says so: both nodes
// are read once more, the newest picture must still be whole, and the destination have room.

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
  // What is known when it is asked for. None of the pointers is null.
  struct Picture {
    std::shared_ptr<const rules::Cluster> cluster;
    std::shared_ptr<const rules::Judgement> judgement;
    rules::Policy policy;
  };

  // All that is referred to must outlive it; `newest` is asked after the nodes have been read.
  Guard(scrape::Scraper& scraper, const Observer& observer, const Clock& clock,
        const rules::Ledger& ledger, std::function<Picture()> newest);

  // Why the call must not be sent, in words; none: it may be.
  [[nodiscard]] Awaitable<std::optional<std::string>> look(rules::Call call) const;

 private:
  scrape::Scraper& scraper_;
  const Observer& observer_;
  const Clock& clock_;
  const rules::Ledger& ledger_;
  std::function<Picture()> newest_;
};

}  // namespace evenkeel::loop
