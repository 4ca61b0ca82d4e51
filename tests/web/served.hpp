#pragma once
// A server on a free port of the loopback interface, and the snapshot it serves.

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <utility>

#include "agent/web/server.hpp"
#include "agent/web/site.hpp"

namespace evenkeel::web {

class Served : public testing::Test {
 protected:
  Served() : server_(site([this] { return snapshot(); }, {traffic_}), {}, traffic_) {}
  void SetUp() override {
    const auto started = server_.start({.host = "127.0.0.1", .port = 0});
    ASSERT_TRUE(started) << started.error();
  }

  void publish(loop::Snapshot snapshot) {
    const std::scoped_lock lock(mutex_);
    snapshot_ = std::make_shared<const loop::Snapshot>(std::move(snapshot));
  }
  [[nodiscard]] loop::SnapshotPtr snapshot() {
    const std::scoped_lock lock(mutex_);
    return snapshot_;
  }

  std::mutex mutex_;
  loop::SnapshotPtr snapshot_;
  std::shared_ptr<Traffic> traffic_ = std::make_shared<Traffic>();
  Server server_;
};

}  // namespace evenkeel::web
