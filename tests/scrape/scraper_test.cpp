// Bad targets beside good ones, all at once: the good ones must not notice.
#include "agent/scrape/scraper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "tests/http/scripted_server.hpp"

namespace evenkeel::scrape::scraper_test {
namespace {

using evenkeel::tests::always;
using evenkeel::tests::answer;
using evenkeel::tests::Peer;
using evenkeel::tests::ScriptedServer;
using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr rules::TimePoint kNow{milliseconds(1'795'404'018'711)};

std::string node_text() {
  std::ifstream file(EVENKEEL_SOURCE_DIR "/tests/samples/2.3.5/querynode-1.metrics");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The text in chunks of 1,000 bytes, as a Go server sends it.
std::string chunked(std::string_view text) {
  std::ostringstream out;
  out << "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
         "Transfer-Encoding: chunked\r\n\r\n";
  for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(text.size(), 1000))) {
    const auto piece = text.substr(0, 1000);
    out << std::hex << piece.size() << "\r\n" << piece << "\r\n";
  }
  out << "0\r\n\r\n";
  return out.str();
}

class ScraperTest : public testing::Test {
 protected:
  ScriptedServer& add(ScriptedServer::Script script) {
    servers_.push_back(std::make_unique<ScriptedServer>(std::move(script)));
    targets_.push_back(servers_.back()->url("/metrics"));
    return *servers_.back();
  }

  std::vector<TargetResult> scrape(HttpScraperOptions options) {
    HttpScraper scraper(client_, options, [] { return kNow; });
    return evenkeel::tests::run(io_, scraper.scrape(targets_));
  }
  std::vector<TargetResult> scrape() {
    HttpScraperOptions options;
    options.timeout = milliseconds(800);
    return scrape(options);
  }

  asio::io_context io_;
  http::Client client_{io_.get_executor()};
  std::vector<std::unique_ptr<ScriptedServer>> servers_;
  std::vector<http::Url> targets_;
};

void expect_good(const TargetResult& result) {
  EXPECT_TRUE(result.good()) << result.failure();
  EXPECT_EQ(result.failure(), "");
  EXPECT_EQ(result.failure_kind(), "");
  EXPECT_EQ(result.figures.id, rules::NodeId{1});
  EXPECT_GT(result.figures.resident.value_or(0), 10'000'000);
  EXPECT_EQ(result.at, kNow);
  EXPECT_GT(result.seconds, 0);
}

TEST_F(ScraperTest, NoTargets) {
  EXPECT_TRUE(scrape().empty());
}

TEST_F(ScraperTest, ReadsTheSameHoweverTheTextIsSent) {
  const auto text = node_text();
  add(always(answer(text)));
  add(always(chunked(text)));
  add([text](Peer& peer, int) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n\r\n" + text);
  });
  const auto results = scrape();
  ASSERT_EQ(results.size(), 3U);
  for (const auto& result : results) {
    expect_good(result);
    EXPECT_EQ(result.figures.bytes, text.size());
    EXPECT_EQ(result.figures, extract(text));
  }
}

// A cache in between, or a node whose clock stands, gives figures of long ago.
TEST_F(ScraperTest, AFigureIsNoNewerThanItsOwnTimestamp) {
  const auto text_of = [](std::int64_t at) {
    return "milvus_num_node{node_id=\"3\",role_name=\"querynode\"} 1\n"
           "process_resident_memory_bytes 1.7e+08 " +
           std::to_string(at) + "\n";
  };
  const std::int64_t now = kNow.time_since_epoch().count();
  for (const std::int64_t at : {now - 3'600'000, now - 1, now + 60'000, std::int64_t{0}}) {
    add(always(answer(text_of(at))));
  }
  const auto results = scrape();
  ASSERT_EQ(results.size(), 4U);
  EXPECT_EQ(results[0].at, kNow - std::chrono::hours{1});
  EXPECT_EQ(results[1].at, kNow - milliseconds{1});
  EXPECT_EQ(results[2].at, kNow) << "a clock that is ahead makes nothing newer";
  EXPECT_EQ(results[3].at, rules::TimePoint{});
}

TEST_F(ScraperTest, AsksForTheTextFormat) {
  std::mutex mutex;
  std::string asked;
  add([&](Peer& peer, int) {
    const auto request = peer.read_request();
    {
      const std::lock_guard lock(mutex);
      asked = request;
    }
    peer.write(answer(node_text()));
  });
  scrape();
  const std::lock_guard lock(mutex);
  EXPECT_THAT(asked, HasSubstr("GET /metrics HTTP/1.1\r\n"));
  EXPECT_THAT(asked, HasSubstr("Accept: text/plain;version=0.0.4\r\n"));
}

struct BadTarget {
  const char* kind;
  const char* said;
  ScriptedServer::Script script;
};

std::vector<BadTarget> bad_targets() {
  const auto text = node_text();
  const auto half = text.substr(0, text.size() / 2);
  const auto header =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n";
  const auto flood = [](const std::string& line) {
    return [line](Peer& peer, int) {
      std::string piece;
      while (piece.size() < 0x10000) piece += line;
      piece.resize(0x10000);
      peer.read_request();
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 1024 && peer.write("10000\r\n" + piece + "\r\n"); ++i) {
      }
    };
  };
  return {
      {"timeout", "no answer within 800 ms", [](Peer& peer, int) { peer.hang(); }},
      {"timeout", "the answer did not end",
       [=](Peer& peer, int) {
         peer.write(header + half);
         peer.hang();
       }},
      {"timeout", "the answer did not end",
       [=](Peer& peer, int) {
         peer.write(header);
         while (peer.write("#")) std::this_thread::sleep_for(milliseconds(2));
       }},
      {"reset", "closed without an answer", [](Peer& peer, int) { peer.read_request(); }},
      {"reset", "the answer ended after",
       [=](Peer& peer, int) {
         peer.read_request();
         peer.write(header + half);
       }},
      {"protocol", "not HTTP/1.1", always("garbage\r\n\r\n")},
      {"status", "HTTP 404 (is this the address of its metrics?)",
       always(answer("404 page not found", 404))},
      {"status", "HTTP 500", always(answer(text, 500))},
      {"redirect", "redirected to '/login'", always(answer("", 302, "Location: /login\r\n"))},
      {"too_large", "over the 16 MiB taken", flood("go_goroutines 12\n")},
      {"malformed", "line", flood("x")},  // which never ends its line
      {"malformed", "binary", always(answer(std::string("\x01\x00\x02\n", 4)))},
      {"malformed", "HTML", always(answer("<html><body>Welcome to nginx</body></html>\n"))},
      {"malformed", "memory", always(answer("go_goroutines 12\n"))},
  };
}

TEST_F(ScraperTest, GoodTargetsDoNotNoticeBadOnes) {
  const auto bad = bad_targets();
  std::vector<ScriptedServer*> good_servers;
  for (const auto& target : bad) {
    good_servers.push_back(&add(always(answer(node_text()))));
    add(target.script);
  }
  targets_.push_back({.host = "127.0.0.1", .port = evenkeel::tests::closed_port()});

  const auto start = std::chrono::steady_clock::now();
  const auto results = scrape();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));

  ASSERT_EQ(results.size(), 2 * bad.size() + 1);
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].target, targets_[i].str()) << "in the order given";
  }
  for (std::size_t i = 0; i < bad.size(); ++i) {
    expect_good(results[2 * i]);
    const auto& result = results[2 * i + 1];
    EXPECT_FALSE(result.good());
    EXPECT_EQ(result.failure_kind(), bad[i].kind) << result.failure();
    EXPECT_THAT(result.failure(), HasSubstr(bad[i].said));
    EXPECT_THAT(result.failure(), HasSubstr(result.target));
    EXPECT_NE(result.error.has_value(), result.figures.problem.has_value());
    EXPECT_EQ(result.at, kNow);
  }
  EXPECT_EQ(results.back().failure_kind(), "connect");
  EXPECT_THAT(results.back().failure(),
              HasSubstr("connection refused (is the node up, and is this its metrics port?)"));
}

TEST_F(ScraperTest, ReadsSoManyAtTheSameTimeAndNoMore) {
  std::atomic<int> open{0};
  std::atomic<int> most{0};
  for (int i = 0; i < 9; ++i) {
    add([&](Peer& peer, int) {
      peer.read_request();
      const int now_open = ++open;
      int seen = most;
      while (seen < now_open && !most.compare_exchange_weak(seen, now_open)) {
      }
      std::this_thread::sleep_for(milliseconds(5));
      --open;
      peer.write(answer(node_text()));
    });
  }
  HttpScraperOptions options;
  options.max_concurrent = 3;
  const auto results = scrape(options);
  ASSERT_EQ(results.size(), 9U);
  for (const auto& result : results) expect_good(result);
  EXPECT_LE(most, 3);
}

TEST_F(ScraperTest, DeadlineOfATargetBeginsWhenItsTurnComes) {
  for (int i = 0; i < 3; ++i) {
    add([](Peer& peer, int) {
      peer.read_request();
      std::this_thread::sleep_for(milliseconds(150));
      peer.write(answer(node_text()));
    });
  }
  HttpScraperOptions options;
  options.timeout = milliseconds(400);
  options.max_concurrent = 1;
  for (const auto& result : scrape(options)) expect_good(result);
}

TEST_F(ScraperTest, CancelledItEndsAtOnceAndSaysSoOfEveryTarget) {
  for (int i = 0; i < 4; ++i) add([](Peer& peer, int) { peer.hang(); });
  HttpScraperOptions options;
  options.max_concurrent = 2;
  HttpScraper scraper(client_, options, [] { return kNow; });
  std::optional<std::vector<TargetResult>> results;
  asio::cancellation_signal signal;
  asio::co_spawn(
      io_, scraper.scrape(targets_),
      asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr&, auto ended) {
        results = std::move(ended);
      }));
  io_.run_for(milliseconds(20));
  ASSERT_FALSE(results);
  signal.emit(asio::cancellation_type::terminal);
  io_.run_for(milliseconds(1000));
  ASSERT_TRUE(results);
  ASSERT_EQ(results->size(), 4U);
  for (const auto& result : *results) EXPECT_EQ(result.failure_kind(), "cancelled");
  EXPECT_EQ(servers_[3]->connections(), 0) << "whose turn had not come";
}

}  // namespace
}  // namespace evenkeel::scrape::scraper_test
