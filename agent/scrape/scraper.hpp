#pragma once
// Reads the metrics of all query nodes at once, each with its own deadline.

#include <chrono>
#include <string>
#include <vector>

#include "agent/http/client.hpp"
#include "agent/scrape/exposition.hpp"
#include "rules/cluster.hpp"

namespace evenkeel::scrape {

// What one target answered. Exactly one of `figures.problem`, `error` and neither (good) holds.
struct TargetResult {
  std::string target;  // its URL
  // When the answer was complete (or the failure known), or earlier where its memory figure has an
  // earlier timestamp.
  rules::TimePoint at{};
  double seconds = 0;  // how long it took
  NodeFigures figures;
  std::optional<http::Error> error;

  [[nodiscard]] bool good() const { return !error && !figures.problem; }
  // In words, and as a label value ("timeout", "malformed", …); both empty where good.
  [[nodiscard]] std::string failure() const;
  [[nodiscard]] std::string_view failure_kind() const;
};

class Scraper {
 public:
  virtual ~Scraper() = default;
  // One result a target, in the order given. Never fails as a whole.
  [[nodiscard]] virtual Awaitable<std::vector<TargetResult>> scrape(
      const std::vector<http::Url>& targets) = 0;
};

struct HttpScraperOptions {
  std::chrono::milliseconds timeout{5'000};
  std::size_t max_body = 16u << 20;  // bytes of one node's text
  std::size_t max_concurrent = 256;  // targets read at the same time; the others wait their turn
};

class HttpScraper final : public Scraper {
 public:
  // `clock` gives the time for TargetResult::at.
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
