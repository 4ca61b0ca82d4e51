#include "agent/cli/running_agent.hpp"

#include <iostream>
#include <utility>

#include "agent/cli/session.hpp"
#include "agent/settings/address.hpp"
#include "agent/util/json_view.hpp"
#include "agent/util/secret_file.hpp"
#include "agent/util/utf8.hpp"
#include "agent/web/handler.hpp"
#include "agent/web/token.hpp"
#include "rules/explain.hpp"

namespace evenkeel::cli {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kDeadline{10'000};
// Of the longest answer, the nodes of a large cluster with their collections.
constexpr std::size_t kMaxBody = 64u << 20;
constexpr std::size_t kMaxQuoted = 200;  // bytes of a response within an error
// How every agent's word on its health begins, whether it is well or not.
constexpr std::string_view kGreeting = "Evenkeel is ";

bool good(int status) {
  return status >= 200 && status < 300;
}

std::string first_line(std::string_view text) {
  return std::string(cut_utf8(text.substr(0, text.find('\n')), kMaxQuoted));
}

// What a refusal says: {"error":{"message",…}} below /api/, elsewhere text.
std::string message_of(const AgentResponse& response) {
  const auto body = parse_json(response.body);
  if (!body) return first_line(response.body);
  const auto& error = object_in(*body, "error");
  const auto message = text_in(error, "message"), field = text_in(error, "field");
  return field.empty() ? message : field + ": " + message;
}

AgentProblem mistake(const std::string& words) {
  return {.status = 0, .words = words};
}

// The member, or null.
const json& member_of(const json& object, const char* key) {
  static const json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

}  // namespace

std::optional<RunningAgent> RunningAgent::find(const AgentOptions& options) {
  const auto settings = settings_or_report(options.common);
  if (!settings) return std::nullopt;
  RunningAgent agent;
  agent.url_ = agent_url(settings->web, "/");
  agent.trust_ = {.verify = !options.url.empty() || !options.ca_file.empty(),
                  .ca_file = options.ca_file};
  agent.token_file_ = options.token_file.empty() ? settings->web.token_file : options.token_file;
  agent.token_where_ = options.token_file.empty() ? "[web] token_file" : "--token-file";
  if (options.url.empty()) return agent;
  const auto url = http::parse_url(options.url);
  if (!url || url->target != "/") {
    std::cerr << "evenkeel: --agent: "
              << (url ? "the agent's URL has no path, such as http://127.0.0.1:10931" : url.error())
              << '\n';
    return std::nullopt;
  }
  agent.url_ = *url;
  return agent;
}

std::string RunningAgent::address() const {
  return (url_.tls ? "https://" : "http://") + url_.authority();
}

AgentRequest RunningAgent::request(std::string method, const std::string& target) const {
  AgentRequest request{.method = std::move(method),
                       .url = url_,
                       .trust = trust_,
                       .deadline = kDeadline,
                       .max_body = kMaxBody};
  request.url.target = target;
  return request;
}

RunningAgent::Result<AgentResponse> RunningAgent::send(const AgentRequest& request) {
  return ask_agent(request).map_error(mistake);
}

AgentProblem RunningAgent::problem(const AgentRequest& request,
                                   const AgentResponse& response) const {
  const int status = response.status;
  std::string words =
      request.method + ' ' + request.url.str() + ": status " + std::to_string(status);
  auto said = message_of(response);
  if (said.ends_with('.')) said.pop_back();
  if (!said.empty()) words += ": " + said;
  if (status >= 300 && status < 400) {
    words += "; a redirect is not followed: give the agent's own URL with --agent";
  } else if (status == 401) {
    words +=
        token_file_.empty()
            ? "; say where its token is by --token-file, or by [web] token_file in the file of "
              "--config.file"
            : "; the token of " + token_file_ + " (" + token_where_ + ") is not the agent's";
  } else if (status == 403 && said.find("client_ca_file") != std::string::npos) {
    words += "; the verbs send no certificate: set [web] token_file for the agent, too";
  } else if (status == 404 || status == 405) {
    words += "; is the agent older than this program, or is there a reverse proxy in front of it?";
  }
  return {.status = status, .words = std::move(words)};
}

RunningAgent::Result<AgentHealth> RunningAgent::health() const {
  const auto response = get("/-/healthy");
  if (!response) return tl::unexpected(response.error());
  if (response->body.starts_with(kGreeting)) {
    return AgentHealth{.good = response->status == 200, .words = first_line(response->body)};
  }
  const auto said = problem(request("GET", "/-/healthy"), *response);
  return tl::unexpected(
      mistake("what answers at " + address() + " does not say that it is Evenkeel: " + said.words));
}

RunningAgent::Result<AgentResponse> RunningAgent::get(const std::string& target) const {
  return send(request("GET", target));
}

RunningAgent::Result<json> RunningAgent::read(const std::string& target) const {
  const auto asked = request("GET", target);
  const auto response = send(asked);
  if (!response) return tl::unexpected(response.error());
  if (response->status != 200) return tl::unexpected(problem(asked, *response));
  auto value = parse_json(response->body);
  if (value && value->is_object()) return *std::move(value);
  const auto what = value ? std::string("no object") : value.error();
  return tl::unexpected(
      mistake("GET " + asked.url.str() + ": the answer is no JSON of Evenkeel's: " + what));
}

RunningAgent::Result<std::string> RunningAgent::authorization() const {
  if (token_file_.empty()) return std::string();
  const auto text = read_small_file(token_file_, Secrecy::secret);
  const auto token = text.and_then(web::Token::parse);
  if (!token) {
    return tl::unexpected(mistake(token_file_ + ": " + token_where_ + ": " + token.error()));
  }
  return "Bearer " + text->substr(0, text->find_last_not_of(" \t\r\n") + 1);
}

RunningAgent::Result<RunningAgent::Asked> RunningAgent::ask(const std::string& target,
                                                            const nlohmann::json& body) const {
  if (const auto found = health(); !found) return tl::unexpected(found.error());
  auto credential = authorization();
  if (!credential) return tl::unexpected(credential.error());
  if (!credential->empty() && !url_.tls && !settings::Listen{.host = url_.host}.is_loopback()) {
    std::cerr << "evenkeel: the token goes over the network in clear, to " << address() << '\n';
  }
  auto asked = request("POST", target);
  asked.authorization = *std::move(credential);
  asked.content_type = "application/json";
  asked.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  auto response = send(asked);
  if (!response) return tl::unexpected(std::move(response.error()));
  return Asked{std::move(asked), *std::move(response)};
}

RunningAgent::Result<AgentResponse> RunningAgent::post(const std::string& target,
                                                       const nlohmann::json& body) const {
  auto asked = ask(target, body);
  if (!asked) return tl::unexpected(std::move(asked.error()));
  if (!good(asked->response.status)) {
    return tl::unexpected(problem(asked->request, asked->response));
  }
  return std::move(asked->response);
}

RunningAgent::Result<AgentResponse> RunningAgent::reload() const {
  auto asked = ask(std::string(web::kReloadPath), nlohmann::json::object());
  if (!asked) return tl::unexpected(std::move(asked.error()));
  const int status = asked->response.status;
  if (status != 200 && status != 422) {
    return tl::unexpected(problem(asked->request, asked->response));
  }
  return std::move(asked->response);
}

bool may_be_the_agents(const AgentOptions& options) {
  const Common& common = options.common;
  return !options.url.empty() || (!common.milvus_address && !common.scrape_targets);
}

int failed(const AgentProblem& problem) {
  std::cerr << "evenkeel: " << problem.words << '\n';
  return kFailed;
}

std::string text_in(const json& object, const char* key) {
  const auto& value = member_of(object, key);
  return value.is_string() ? value.get<std::string>() : "";
}

std::optional<double> number_in(const json& object, const char* key) {
  const auto& value = member_of(object, key);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

bool flag_in(const json& object, const char* key) {
  const auto& value = member_of(object, key);
  return value.is_boolean() && value.get<bool>();
}

const json& list_in(const json& object, const char* key) {
  static const json kNone = json::array();
  const auto& value = member_of(object, key);
  return value.is_array() ? value : kNone;
}

std::vector<std::string> texts_in(const json& object, const char* key) {
  std::vector<std::string> texts;
  for (const auto& each : list_in(object, key)) {
    if (each.is_string()) texts.push_back(each.get<std::string>());
  }
  return texts;
}

json body_of(const AgentResponse& response) {
  return parse_json(response.body).value_or(json());
}

const json& object_in(const json& object, const char* key) {
  static const json kNone = json::object();
  const auto& value = member_of(object, key);
  return value.is_object() ? value : kNone;
}

std::string moment(const std::string& rfc3339) {
  constexpr std::size_t kSize = std::string_view("2026-01-31T09:05:00.250Z").size();
  if (rfc3339.size() != kSize || rfc3339[10] != 'T') return rfc3339;
  return rfc3339.substr(0, 10) + ' ' + rfc3339.substr(11, 8) + " UTC";
}

std::string left_on(const json& drain) {
  const auto segments = static_cast<std::int64_t>(number_in(drain, "segments").value_or(0));
  if (segments == 0) return "it is empty";
  const auto bytes = static_cast<rules::Bytes>(number_in(drain, "bytes").value_or(0));
  return std::to_string(segments) + (segments == 1 ? " segment (" : " segments (") +
         rules::format_bytes(bytes) + (segments == 1 ? ") is left on it" : ") are left on it");
}

std::string end_of_pause(const json& pause) {
  const auto until = text_in(pause, "until");
  return until.empty() ? "until `evenkeel resume`" : "until " + moment(until);
}

}  // namespace evenkeel::cli
