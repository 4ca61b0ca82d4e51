#include "agent/settings/contradictions.hpp"

#include <string_view>
#include <vector>

#include "agent/settings/units.hpp"

namespace evenkeel::settings {
namespace {

class Reporter {
 public:
  Reporter(const Origins& origins, Problems& problems) : origins_(origins), problems_(problems) {}

  // `what` explains why the values of the two keys ("section.key") cannot be right together.
  void report(const std::string& one, const std::string& other, const std::string& what) {
    const Origin* first = origin(one);
    const Origin* second = origin(other);
    if ((first != nullptr && !first->good) || (second != nullptr && !second->good)) return;
    if (first != nullptr) {
      problems_.push_back({first->at, what + " (" + other + " is " + whence(second) + ")"});
    } else if (second != nullptr) {
      problems_.push_back({second->at, what + " (" + one + " is " + whence(first) + ")"});
    }
  }

 private:
  const Origin* origin(const std::string& key) const {
    const auto found = origins_.find(key);
    return found == origins_.end() ? nullptr : &found->second;
  }

  static std::string whence(const Origin* origin) {
    return origin == nullptr ? "the default" : "set at " + origin->at.str();
  }

  const Origins& origins_;
  Problems& problems_;
};

// Checks who may ask the agent to change something.
void report_web(const Settings& settings, Reporter& reporter) {
  const auto& web = settings.web;
  if (!web.cert_file.empty() && web.key_file.empty()) {
    reporter.report("web.cert_file", "web.key_file", "cert_file needs key_file too");
  }
  if (web.cert_file.empty() && !web.key_file.empty()) {
    reporter.report("web.key_file", "web.cert_file", "key_file needs cert_file too");
  }
  if (!web.client_ca_file.empty() && web.cert_file.empty()) {
    reporter.report("web.client_ca_file", "web.cert_file",
                    "client_ca_file needs cert_file and key_file too: clients show certificates "
                    "only where TLS is spoken");
  }
  const auto listen = parse_listen(web.listen_address);
  if (listen && !listen->is_loopback() && !web.hosts.empty()) {
    reporter.report("web.hosts", "web.listen_address",
                    "hosts counts only where listen_address is a loopback address: whoever "
                    "reaches " +
                        web.listen_address + " may ask under any name");
  }
  if (listen && !listen->is_loopback() && !web.read_only && !web.has_credentials()) {
    reporter.report("web.listen_address", "web.read_only",
                    "other machines can reach " + web.listen_address +
                        ", so anybody there could pause the agent and move segments: set "
                        "token_file, users_file or client_ca_file, or read_only = true");
  }
}

// Checks how the agent is known to Milvus, and Milvus to the agent.
void report_milvus(const Settings& settings, Reporter& reporter) {
  const auto& milvus = settings.milvus;
  if (!milvus.cert_file.empty() && milvus.key_file.empty()) {
    reporter.report("milvus.cert_file", "milvus.key_file", "cert_file needs key_file too");
  }
  if (milvus.cert_file.empty() && !milvus.key_file.empty()) {
    reporter.report("milvus.key_file", "milvus.cert_file", "key_file needs cert_file too");
  }
  if (!milvus.token_file.empty()) {
    constexpr const char* kOne =
        "token_file is a login by itself: set either it, or username and password_file";
    if (!milvus.username.empty()) {
      reporter.report("milvus.token_file", "milvus.username", kOne);
    } else if (!milvus.password_file.empty()) {
      reporter.report("milvus.token_file", "milvus.password_file", kOne);
    }
    return;
  }
  if (!milvus.username.empty() && milvus.password_file.empty()) {
    reporter.report("milvus.username", "milvus.password_file",
                    "username needs password_file too, a file with the password");
  }
  if (milvus.username.empty() && !milvus.password_file.empty()) {
    reporter.report("milvus.password_file", "milvus.username",
                    "password_file needs username too: whose password it is");
  }
}

}  // namespace

void report_contradictions(const Settings& settings, const Origins& origins, Problems& problems) {
  Reporter reporter(origins, problems);
  const rules::Policy& policy = settings.balance.policy;
  if (policy.max_difference >= policy.overload_threshold) {
    reporter.report("balance.memory_usage_max_difference_percentage",
                    "balance.overloaded_memory_threshold_percentage",
                    "memory_usage_max_difference_percentage must be below "
                    "overloaded_memory_threshold_percentage: a node would be overloaded before "
                    "any difference counts");
  }
  if (policy.overload_margin >= policy.overload_threshold) {
    reporter.report("balance.overload_margin_percentage",
                    "balance.overloaded_memory_threshold_percentage",
                    "overload_margin_percentage must be below "
                    "overloaded_memory_threshold_percentage: an overloaded node would have to be "
                    "emptied");
  }
  if (settings.scrape.timeout > settings.scrape.interval) {
    reporter.report("scrape.timeout", "scrape.interval",
                    "scrape.timeout (" + duration_text(settings.scrape.timeout) +
                        ") must not be longer than scrape.interval (" +
                        duration_text(settings.scrape.interval) +
                        "): the next scrape begins before this one may end");
  }
  if (policy.max_sample_age < 2 * settings.scrape.interval) {
    reporter.report("balance.max_sample_age", "scrape.interval",
                    "max_sample_age (" + duration_text(policy.max_sample_age) +
                        ") must be at least twice scrape.interval (" +
                        duration_text(settings.scrape.interval) +
                        "): one missed scrape would leave a node without a fresh sample");
  }
  report_milvus(settings, reporter);
  report_web(settings, reporter);
}

}  // namespace evenkeel::settings
