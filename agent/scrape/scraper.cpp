#include "agent/scrape/scraper.hpp"

#include <algorithm>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>

#include "agent/util/time.hpp"

namespace evenkeel::scrape {

namespace {

// One scrape of all targets. Each worker reads the next target that nobody has taken.
struct Round {
  http::Client& client;
  HttpScraperOptions options;
  std::function<rules::TimePoint()> clock;
  std::vector<http::Url> targets;
  std::vector<TargetResult> results{};
  std::size_t next = 0;
};

http::Error cancelled(const http::Url& target) {
  return {http::ErrorKind::cancelled, "GET " + target.str() + ": cancelled"};
}

std::optional<http::Error> error_of(const tl::expected<http::Response, http::Error>& response,
                                    const http::Url& target) {
  if (!response) {
    auto error = response.error();
    if (error.kind == http::ErrorKind::connect) {
      error.message += " (is the node up, and is this its metrics port?)";
    }
    return error;
  }
  if (response->status == 200) return std::nullopt;
  return http::Error{http::ErrorKind::status, "GET " + target.str() + ": HTTP " +
                                                  std::to_string(response->status) +
                                                  " (is this the address of its metrics?)"};
}

http::Request request_for(const http::Url& target, const HttpScraperOptions& options,
                          Extractor& extractor) {
  http::Request request;
  request.url = target;
  request.accept = "text/plain;version=0.0.4";
  request.deadline = options.timeout;
  request.max_body = options.max_body;
  request.on_body = [&extractor](std::string_view piece) { return extractor.feed(piece); };
  return request;
}

TargetResult result_of(const tl::expected<http::Response, http::Error>& response,
                       const http::Url& target, Extractor& extractor) {
  TargetResult result;
  result.target = target.str();
  result.error = error_of(response, target);
  const bool text_is_bad = result.error && result.error->kind == http::ErrorKind::aborted;
  if (text_is_bad) result.error.reset();  // the extractor knows why it stopped
  if (!result.error) result.figures = extractor.finish(!text_is_bad);
  return result;
}

Awaitable<void> work(std::shared_ptr<Round> round) {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (round->next < round->targets.size()) {
    const auto index = round->next++;
    const auto& target = round->targets[index];
    const auto start = std::chrono::steady_clock::now();
    Extractor extractor(round->options.max_body);
    tl::expected<http::Response, http::Error> response = tl::unexpected(cancelled(target));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() == asio::cancellation_type::none) {
      response = co_await round->client.send(request_for(target, round->options, extractor));
    }
    auto& result = round->results[index];
    result = result_of(response, target, extractor);
    result.at = round->clock();
    if (result.figures.resident_at) {
      result.at = std::min(result.at, loop_time(*result.figures.resident_at));
    }
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
}

Awaitable<std::vector<TargetResult>> scrape_all(std::shared_ptr<Round> round) {
  round->results.resize(round->targets.size());
  const auto workers =
      std::min(round->targets.size(), std::max<std::size_t>(round->options.max_concurrent, 1));
  if (workers == 0) co_return std::vector<TargetResult>{};

  const auto executor = co_await asio::this_coro::executor;
  using Work = decltype(asio::co_spawn(executor, work(round), asio::deferred));
  std::vector<Work> work_of_all;
  work_of_all.reserve(workers);
  for (std::size_t i = 0; i < workers; ++i) {
    work_of_all.push_back(asio::co_spawn(executor, work(round), asio::deferred));
  }
  auto group = asio::experimental::make_parallel_group(std::move(work_of_all));
  co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  co_return std::move(round->results);
}

}  // namespace

std::string TargetResult::failure() const {
  if (error) return error->message;
  if (figures.problem) return target + ": " + *figures.problem;
  return {};
}

std::string_view TargetResult::failure_kind() const {
  if (error) return http::name(error->kind);
  if (figures.problem) return "malformed";
  return {};
}

HttpScraper::HttpScraper(http::Client& client, HttpScraperOptions options,
                         std::function<rules::TimePoint()> clock)
    : client_(client), options_(options), clock_(std::move(clock)) {}

Awaitable<std::vector<TargetResult>> HttpScraper::scrape(const std::vector<http::Url>& targets) {
  return scrape_all(std::make_shared<Round>(
      Round{.client = client_, .options = options_, .clock = clock_, .targets = targets}));
}

}  // namespace evenkeel::scrape
