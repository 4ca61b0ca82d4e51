#pragma once
// Reads the metrics of all query nodes at once, each with its own deadline.

#include <chrono>
#include <string>
#include <vector>

#include "agent/http/client.hpp"
#include "agent/scrape/exposition.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::scrape {

// The answer of one target: good, or with either `error` or `figures.problem`.
struct TargetResult {
  std::string target;  // its URL
  // The time of the whole answer or of the failure, or the memory figure's timestamp if earlier.
  rules::TimePoint at{};
  double seconds = 0;  // how long it took
  NodeFigures figures;
  std::optional<http::Error> error;

  [[nodiscard]] bool good() const { return !error && !figures.problem; }
  // The failure in words, and as a label value ("timeout", "malformed", …); both empty if good.
  [[nodiscard]] std::string failure() const;
  [[nodiscard]] std::string_view failure_kind() const;
};

// Reads metrics.
class Scraper {
 public:
  virtual ~Scraper() = default;
  // Returns one result a target, in the order given. Never fails as a whole.
  [[nodiscard]] virtual Awaitable<std::vector<TargetResult>> scrape(
      const std::vector<http::Url>& targets) = 0;
};

// The bounds of one scrape.
struct HttpScraperOptions {
  std::chrono::milliseconds timeout{5'000};
  std::size_t max_body = 16u << 20;  // bytes of one node's text
  std::size_t max_concurrent = 256;  // targets read at the same time; the others wait their turn
};

// Reads metrics over HTTP.
class HttpScraper final : public Scraper {
 public:
  // `client` must outlive this; `clock` gives the time for TargetResult::at.
  HttpScraper(http::Client& client, HttpScraperOptions options,
              std::function<rules::TimePoint()> clock);
  [[nodiscard]] Awaitable<std::vector<TargetResult>> scrape(
      const std::vector<http::Url>& targets) override;

 private:
  http::Client& client_;
  HttpScraperOptions options_;
  std::function<rules::TimePoint()> clock_;
};

}  // namespace evenkeel::scrape
