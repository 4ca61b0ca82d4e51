// This file finds values that are good alone and cannot be right together.

#include "agent/settings/address.hpp"
#include "agent/settings/settings.hpp"
#include "agent/settings/units.hpp"

namespace evenkeel::settings {
namespace {

using Found = std::vector<Contradiction>;

// Checks who may ask the agent to change something.
void check_web(const Settings& settings, Found& found) {
  const auto& web = settings.web;
  if (!web.cert_file.empty() && web.key_file.empty()) {
    found.push_back({"web.cert_file", "web.key_file", "cert_file needs key_file too"});
  }
  if (web.cert_file.empty() && !web.key_file.empty()) {
    found.push_back({"web.key_file", "web.cert_file", "key_file needs cert_file too"});
  }
  if (!web.client_ca_file.empty() && web.cert_file.empty()) {
    found.push_back({"web.client_ca_file", "web.cert_file",
                     "client_ca_file needs cert_file and key_file too: clients show certificates "
                     "only where TLS is spoken"});
  }
  const auto listen = parse_listen(web.listen_address);
  if (listen && !listen->is_loopback() && !web.hosts.empty()) {
    found.push_back({"web.hosts", "web.listen_address",
                     "hosts counts only where listen_address is a loopback address: whoever "
                     "reaches " +
                         web.listen_address + " may ask under any name"});
  }
  if (listen && !listen->is_loopback() && !web.read_only && !web.has_credentials()) {
    found.push_back({"web.listen_address", "web.read_only",
                     "other machines can reach " + web.listen_address +
                         ", so anybody there could pause the agent and move segments: set "
                         "token_file, users_file or client_ca_file, or read_only = true"});
  }
}

// Checks how the agent is known to Milvus, and Milvus to the agent.
void check_milvus(const Settings& settings, Found& found) {
  const auto& milvus = settings.milvus;
  if (!milvus.cert_file.empty() && milvus.key_file.empty()) {
    found.push_back({"milvus.cert_file", "milvus.key_file", "cert_file needs key_file too"});
  }
  if (milvus.cert_file.empty() && !milvus.key_file.empty()) {
    found.push_back({"milvus.key_file", "milvus.cert_file", "key_file needs cert_file too"});
  }
  if (!milvus.token_file.empty()) {
    constexpr const char* kOne =
        "token_file is a login by itself: set either it, or username and password_file";
    if (!milvus.username.empty()) {
      found.push_back({"milvus.token_file", "milvus.username", kOne});
    } else if (!milvus.password_file.empty()) {
      found.push_back({"milvus.token_file", "milvus.password_file", kOne});
    }
    return;
  }
  if (!milvus.username.empty() && milvus.password_file.empty()) {
    found.push_back({"milvus.username", "milvus.password_file",
                     "username needs password_file too, a file with the password"});
  }
  if (milvus.username.empty() && !milvus.password_file.empty()) {
    found.push_back({"milvus.password_file", "milvus.username",
                     "password_file needs username too: whose password it is"});
  }
}

// Checks how the agent is known to Milvus's etcd, and what it is asked for.
void check_etcd(const Settings& settings, Found& found) {
  const auto& etcd = settings.etcd;
  if (!etcd.cert_file.empty() && etcd.key_file.empty()) {
    found.push_back({"etcd.cert_file", "etcd.key_file", "cert_file needs key_file too"});
  }
  if (etcd.cert_file.empty() && !etcd.key_file.empty()) {
    found.push_back({"etcd.key_file", "etcd.cert_file", "key_file needs cert_file too"});
  }
  if (!etcd.username.empty() && etcd.password_file.empty()) {
    found.push_back({"etcd.username", "etcd.password_file",
                     "username needs password_file too, a file with the password"});
  }
  if (etcd.username.empty() && !etcd.password_file.empty()) {
    found.push_back({"etcd.password_file", "etcd.username",
                     "password_file needs username too: whose password it is"});
  }
}

// A section that is about a key in Milvus's etcd, under a lease.
struct Leased {
  std::string section;
  std::string key;   // whose value needs etcd
  std::string mode;  // that value
  std::chrono::milliseconds lease;
  std::string purpose;  // "… by a key in Milvus's etcd"
  std::string thing;    // that the lease keeps
};

// Checks that etcd can be asked for it, and in time.
void check_leased(const Leased& leased, const Settings::Etcd& etcd, Found& found) {
  if (etcd.endpoints.empty()) {
    found.push_back({leased.section + "." + leased.key, "etcd.endpoints",
                     leased.key + " = \"" + leased.mode + "\" needs [etcd] endpoints: " +
                         leased.purpose + " by a key in Milvus's etcd"});
  }
  if (3 * etcd.timeout > leased.lease) {
    found.push_back({leased.section + ".lease", "etcd.timeout",
                     "lease (" + duration_text(leased.lease) +
                         ") must be at least three times [etcd] timeout (" +
                         duration_text(etcd.timeout) +
                         "): one answer that does not come would end the " + leased.thing});
  }
}

void check_what_etcd_is_for(const Settings& settings, Found& found) {
  const auto& turns = settings.turns;
  if (turns.mode == "etcd") {
    check_leased({"turns", "mode", turns.mode, turns.lease, "the agents take turns", "turn"},
                 settings.etcd, found);
  }
  const auto& balancer = settings.builtin_balancer;
  if (balancer.mode != "hold") return;
  if (balancer.via == "etcd" || (balancer.via == "auto" && !settings.etcd.endpoints.empty())) {
    check_leased({"builtin_balancer", "via", balancer.via, balancer.lease,
                  "Milvus's own balancer is held off", "hold"},
                 settings.etcd, found);
  } else if (settings.journal.path.empty()) {
    found.push_back({"builtin_balancer.mode", "journal.path",
                     "mode = \"hold\" needs [etcd] endpoints, or a journal: what is held by "
                     "balance/suspend stays so when the agent dies, unless it is noted there"});
  }
}

}  // namespace

std::vector<Contradiction> contradictions(const Settings& settings) {
  Found found;
  const rules::Policy& policy = settings.balance.policy;
  if (policy.max_difference >= policy.overload_threshold) {
    found.push_back({"balance.memory_usage_max_difference_percentage",
                     "balance.overloaded_memory_threshold_percentage",
                     "memory_usage_max_difference_percentage must be below "
                     "overloaded_memory_threshold_percentage: a node would be overloaded before "
                     "any difference counts"});
  }
  if (policy.overload_margin >= policy.overload_threshold) {
    found.push_back({"balance.overload_margin_percentage",
                     "balance.overloaded_memory_threshold_percentage",
                     "overload_margin_percentage must be below "
                     "overloaded_memory_threshold_percentage: an overloaded node would have to be "
                     "emptied"});
  }
  if (settings.scrape.timeout > settings.scrape.interval) {
    found.push_back({"scrape.timeout", "scrape.interval",
                     "scrape.timeout (" + duration_text(settings.scrape.timeout) +
                         ") must not be longer than scrape.interval (" +
                         duration_text(settings.scrape.interval) +
                         "): the next scrape begins before this one may end"});
  }
  if (policy.max_sample_age < 2 * settings.scrape.interval) {
    found.push_back({"balance.max_sample_age", "scrape.interval",
                     "max_sample_age (" + duration_text(policy.max_sample_age) +
                         ") must be at least twice scrape.interval (" +
                         duration_text(settings.scrape.interval) +
                         "): one missed scrape would leave a node without a fresh sample"});
  }
  check_milvus(settings, found);
  check_etcd(settings, found);
  check_what_etcd_is_for(settings, found);
  check_web(settings, found);
  return found;
}

}  // namespace evenkeel::settings
