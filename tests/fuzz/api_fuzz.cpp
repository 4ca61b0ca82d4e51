// Requests to the API, "METHOD endpoint?query" and after a line's end the body: any is answered in
// JSON, and one that is refused asks nothing of the loop.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/api/api.hpp"
#include "tests/api/example.hpp"
#include "tests/api/fake_control.hpp"
#include "tests/fuzz/fuzz.hpp"

using evenkeel::fuzz::require;
namespace api = evenkeel::api;
namespace loop = evenkeel::loop;

namespace {

// With nothing under way, so that a person's move is taken.
loop::SnapshotPtr picture() {
  static const auto snapshot = std::make_shared<const loop::Snapshot>(api::example());
  return snapshot;
}

// Takes what stands before `end`, and `end` itself, off the begin of `text`.
std::string_view take_until(std::string_view& text, char end) {
  const auto taken = text.substr(0, text.find(end));
  text.remove_prefix(std::min(taken.size() + 1, text.size()));
  return taken;
}

std::size_t asked(const api::FakeControl& control) {
  return control.rounds.size() + control.transfers.size() + control.pauses.size() +
         static_cast<std::size_t>(control.resumes);
}

void ask(api::Api& api, const api::FakeControl& control, const evenkeel::web::Request& request) {
  const auto before = asked(control);
  const auto response = api.respond(request);
  require(response.status >= 200 && response.status < 600, "a response without a status");
  require(nlohmann::json::accept(response.body.str()), "a response that is no JSON");
  const bool acted = asked(control) != before;
  require(!acted || (request.method == "POST" && response.status < 300), "refused, and yet asked");
  require(!acted || !api::methods(request.path).empty(), "asked at no endpoint");
}

}  // namespace

void evenkeel::fuzz::one_input(std::string_view bytes) {
  auto line = take_until(bytes, '\n');
  evenkeel::web::Request request;
  request.method = take_until(line, ' ');
  const auto path = std::string(api::kPrefix) + std::string(take_until(line, '?'));
  request.path = path;
  request.query = line;
  request.content_type = "application/json";
  request.body = bytes;
  request.user = "ann";
  api::FakeControl control;
  control.picture = picture();
  api::Api api(control, {.now = [] { return picture()->at; }});
  ask(api, control, request);
  // Once more, as it is remembered or kept.
  ask(api, control, request);
}
