#pragma once
// The agent's own server and API on a free port, with a loop that is a fake, and what a verb says
// that asks them.

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <utility>

#include "agent/api/api.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/web/server.hpp"
#include "agent/web/site.hpp"
#include "tests/api/example.hpp"
#include "tests/api/fake_control.hpp"
#include "tests/cli/said.hpp"
#include "tests/web/secrets.hpp"

namespace evenkeel::cli {

inline AgentOptions agent_at(std::uint16_t port) {
  AgentOptions options;
  options.common.web_listen_address = "127.0.0.1:" + std::to_string(port);
  return options;
}

// A snapshot in which nothing is wrong.
inline loop::Snapshot level() {
  auto snapshot = api::example();
  auto judgement = loop::example_judgement();
  judgement.nodes.erase(judgement.nodes.begin() + 2);
  judgement.nodes[0].state = rules::NodeState::fine;
  judgement.replicas.resize(1);
  judgement.replicas[0].state = rules::ReplicaState::balanced;
  auto cluster = loop::example_cluster();
  cluster.nodes.erase(cluster.nodes.begin() + 1);
  auto decision = *loop::example_decision();
  decision.outcome = loop::Outcome::balanced;
  decision.words = "nothing is wrong";
  snapshot.judgement = std::make_shared<const rules::Judgement>(judgement);
  snapshot.cluster = std::make_shared<const rules::Cluster>(cluster);
  snapshot.decisions = {std::make_shared<const loop::Decision>(decision)};
  return snapshot;
}

class ServedAgent : public testing::Test {
 protected:
  void publish(loop::Snapshot snapshot) {
    control_.picture = std::make_shared<const loop::Snapshot>(std::move(snapshot));
  }
  // Serves what was published before.
  void serve(web::Access access = {}, web::Methods methods = reloadable) {
    web::Handler site = web::with_health(web::site([this] { return control_.snapshot(); }, {}),
                                         [this] { return unwell_; });
    site = web::with_reload(std::move(site), [this] { return reloaded_; });
    server_ = std::make_unique<web::Server>(
        api::handler(std::make_shared<api::Api>(control_, api_options_), std::move(site)),
        http::Limits{}, std::make_shared<web::Traffic>(), std::move(methods));
    const auto started = server_->start({.host = "127.0.0.1", .port = 0}, std::move(access));
    ASSERT_TRUE(started) << started.error();
  }
  void serve_with_token() {
    web::Access access;
    access.token = *web::Token::parse(web::kToken);
    publish(level());
    serve(std::move(access));
  }
  [[nodiscard]] AgentOptions agent() const { return agent_at(server_->port()); }

  static std::string_view reloadable(std::string_view path) {
    return path == web::kReloadPath ? "POST" : api::methods(path);
  }

  api::FakeControl control_;
  api::ApiOptions api_options_;
  std::string unwell_;
  web::Response reloaded_{.body = "Evenkeel has read its configuration again.\n"};
  web::Secrets folder_;
  std::unique_ptr<web::Server> server_;
};

}  // namespace evenkeel::cli
