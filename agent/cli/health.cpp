#include <iostream>

#include "agent/cli/session.hpp"
#include "agent/cli/verbs.hpp"
#include "agent/http/client.hpp"

namespace evenkeel::cli {
namespace {

constexpr std::chrono::milliseconds kDeadline{3'000};

// Where an agent with these settings is reached from its own machine. Its certificate names it to
// others, so that it is not looked at.
http::Url url_of(const settings::Settings::Web& web) {
  const auto listen = *settings::parse_listen(web.listen_address);  // validated with the settings
  http::Url url{.tls = !web.cert_file.empty(),
                .host = listen.host,
                .port = listen.port,
                .target = "/-/healthy"};
  if (url.host.empty() || url.host == "0.0.0.0") url.host = "127.0.0.1";
  if (url.host == "::") url.host = "::1";
  return url;
}

}  // namespace

int health(const Common& common) {
  const auto settings = settings_or_report(common);
  if (!settings) return kUsage;
  asio::io_context io{1};
  http::ClientOptions options;
  options.tls.verify = false;
  http::Client client(io.get_executor(), options);
  http::Request request;
  request.url = url_of(settings->web);
  request.deadline = kDeadline;
  int code = kFailed;
  const auto ask = [&]() -> Awaitable<void> {
    const auto answer = co_await client.send(request);
    if (!answer) {
      std::cerr << "evenkeel: " << answer.error().message << '\n';
    } else if (answer->status != 200) {
      std::cerr << "evenkeel: GET " << request.url.str() << ": status " << answer->status << '\n';
    } else {
      std::cout << answer->body;
      code = kDone;
    }
    client.close_idle();
  };
  asio::co_spawn(io, ask(), asio::detached);
  io.run();
  return code;
}

}  // namespace evenkeel::cli
