#include "agent/api/response_cache.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

namespace evenkeel::api::response_cache_test {
namespace {

loop::SnapshotPtr snapshot() {
  return std::make_shared<const loop::Snapshot>();
}

class ResponseCacheTest : public testing::Test {
 protected:
  web::Response ask(const loop::SnapshotPtr& of, const std::string& key, std::size_t size = 10) {
    return cache_.of(of, key, [&]() -> web::Response {
      ++times_;
      return {.body = std::string(size, 'x')};
    });
  }

  ResponseCache cache_{10'000};
  int times_ = 0;
};

TEST_F(ResponseCacheTest, OnceASnapshotAndShared) {
  const auto first = snapshot();
  const auto one = ask(first, "nodes");
  const auto two = ask(first, "nodes");
  EXPECT_EQ(one.body.id(), two.body.id());
  EXPECT_EQ(times_, 1);
  (void)ask(first, "replicas");
  EXPECT_EQ(times_, 2);
  (void)ask(snapshot(), "nodes");
  EXPECT_EQ(times_, 3);
}

TEST_F(ResponseCacheTest, TheOldestAreForgottenWhereItIsTooMuch) {
  const auto one = snapshot();
  for (int i = 0; i < 100; ++i) {
    (void)ask(one, std::to_string(i), 2000);
    EXPECT_LE(cache_.kept(), 10'000U);
  }
  (void)ask(one, "99");
  EXPECT_EQ(times_, 100);
  (void)ask(one, "0");
  EXPECT_EQ(times_, 101);
  (void)ask(one, "huge", 1'000'000);
  (void)ask(one, "huge");
  EXPECT_EQ(times_, 102) << "one may be larger";
}

TEST_F(ResponseCacheTest, WhatCouldNotBeMadeIsTriedAgain) {
  const auto one = snapshot();
  EXPECT_THROW(
      (void)cache_.of(one, "nodes", []() -> web::Response { throw std::runtime_error("no"); }),
      std::runtime_error);
  EXPECT_EQ(ask(one, "nodes").body.size(), 10U);
}

TEST_F(ResponseCacheTest, OnceHoweverManyAskMeanwhile) {
  const auto one = snapshot();
  std::latch begun(1), go_on(1);
  std::vector<const void*> got(8);
  {
    std::vector<std::jthread> readers;
    readers.emplace_back([&] {
      got[0] = cache_
                   .of(one, "nodes",
                       [&]() -> web::Response {
                         ++times_;
                         begun.count_down();
                         go_on.wait();
                         return {.body = "x"};
                       })
                   .body.id();
    });
    begun.wait();
    for (std::size_t i = 1; i < got.size(); ++i) {
      readers.emplace_back([&, i] { got[i] = ask(one, "nodes").body.id(); });
    }
    go_on.count_down();
  }
  EXPECT_EQ(times_, 1);
  for (const auto* each : got) EXPECT_EQ(each, got[0]);
}

}  // namespace
}  // namespace evenkeel::api::response_cache_test
