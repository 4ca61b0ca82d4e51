#pragma once
// What the tests of settings share.

#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "agent/settings/load.hpp"

namespace evenkeel::settings {

inline void PrintTo(const Mistake& mistake, std::ostream* out) {
  *out << mistake.str();
}

inline std::vector<Mistake> mistakes_in(std::string_view text,
                                        const Environment& environment = {}) {
  const Loaded loaded = parse(text, "f.toml", environment);
  return loaded ? std::vector<Mistake>{} : loaded.error();
}

inline std::vector<std::string> places(const std::vector<Mistake>& mistakes) {
  std::vector<std::string> result;
  for (const Mistake& mistake : mistakes) result.push_back(mistake.where);
  return result;
}

// Equality, field by field. The structured bindings stop compiling when a field is added, so that
// none is forgotten here.
inline bool same(const rules::Policy& a, const rules::Policy& b) {
  const auto& [a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17] = a;
  const auto& [b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16, b17] = b;
  return a1 == b1 && a2 == b2 && a3 == b3 && a4 == b4 && a5 == b5 && a6 == b6 && a7 == b7 &&
         a8 == b8 && a9 == b9 && a10 == b10 && a11 == b11 && a12 == b12 && a13 == b13 &&
         a14 == b14 && a15 == b15 && a16 == b16 && a17 == b17;
}

inline bool same(const Settings::Milvus& a, const Settings::Milvus& b) {
  const auto& [a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17] = a;
  const auto& [b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16, b17] = b;
  return a1 == b1 && a2 == b2 && a3 == b3 && a4 == b4 && a5 == b5 && a6 == b6 && a7 == b7 &&
         a8 == b8 && a9 == b9 && a10 == b10 && a11 == b11 && a12 == b12 && a13 == b13 &&
         a14 == b14 && a15 == b15 && a16 == b16 && a17 == b17;
}

inline bool same(const Settings::Balance& a, const Settings::Balance& b) {
  const auto& [a_auto, a_interval, a_outside, a_policy] = a;
  const auto& [b_auto, b_interval, b_outside, b_policy] = b;
  return a_auto == b_auto && a_interval == b_interval && a_outside == b_outside &&
         same(a_policy, b_policy);
}

inline bool same(const Settings::Scrape& a, const Settings::Scrape& b) {
  const auto& [a1, a2, a3, a4, a5] = a;
  const auto& [b1, b2, b3, b4, b5] = b;
  return a1 == b1 && a2 == b2 && a3 == b3 && a4 == b4 && a5 == b5;
}

inline bool same(const Settings::Web& a, const Settings::Web& b) {
  const auto& [a1, a2, a3, a4, a5, a6, a7, a8, a9] = a;
  const auto& [b1, b2, b3, b4, b5, b6, b7, b8, b9] = b;
  return a1 == b1 && a2 == b2 && a3 == b3 && a4 == b4 && a5 == b5 && a6 == b6 && a7 == b7 &&
         a8 == b8 && a9 == b9;
}

inline bool same(const Settings::Etcd& a, const Settings::Etcd& b) {
  const auto& [a1, a2, a3, a4, a5, a6, a7, a8, a9] = a;
  const auto& [b1, b2, b3, b4, b5, b6, b7, b8, b9] = b;
  return a1 == b1 && a2 == b2 && a3 == b3 && a4 == b4 && a5 == b5 && a6 == b6 && a7 == b7 &&
         a8 == b8 && a9 == b9;
}

inline bool same(const Settings::BuiltinBalancer& a, const Settings::BuiltinBalancer& b) {
  const auto& [a_mode, a_via, a_hold_for, a_lease] = a;
  const auto& [b_mode, b_via, b_hold_for, b_lease] = b;
  return a_mode == b_mode && a_via == b_via && a_hold_for == b_hold_for && a_lease == b_lease;
}

inline bool same(const Settings& a, const Settings& b) {
  const auto& [a_milvus, a_balance, a_windows, a_scrape, a_capacity, a_memory, a_etcd, a_builtin,
               a_turns, a_alerts, a_journal, a_reload, a_telemetry, a_web, a_log] = a;
  const auto& [b_milvus, b_balance, b_windows, b_scrape, b_capacity, b_memory, b_etcd, b_builtin,
               b_turns, b_alerts, b_journal, b_reload, b_telemetry, b_web, b_log] = b;
  const auto& [a_standard, a_node, a_row, a_correct] = a_capacity;
  const auto& [b_standard, b_node, b_row, b_correct] = b_capacity;
  const auto& [a_source] = a_memory;
  const auto& [b_source] = b_memory;
  const auto& [a_mode, a_lease] = a_turns;
  const auto& [b_mode, b_lease] = b_turns;
  const auto& [a_apart] = a_alerts;
  const auto& [b_apart] = b_alerts;
  const auto& [a_path, a_age, a_size] = a_journal;
  const auto& [b_path, b_age, b_size] = b_journal;
  const auto& [a_on_change] = a_reload;
  const auto& [b_on_change] = b_reload;
  const auto& [a_each, a_most] = a_telemetry;
  const auto& [b_each, b_most] = b_telemetry;
  const auto& [a_level, a_format] = a_log;
  const auto& [b_level, b_format] = b_log;
  return same(a_milvus, b_milvus) && same(a_balance, b_balance) && a_windows == b_windows &&
         same(a_scrape, b_scrape) && a_standard == b_standard && a_node == b_node &&
         a_row == b_row && a_correct == b_correct && a_source == b_source && a_apart == b_apart &&
         a_path == b_path && a_age == b_age && a_size == b_size && a_on_change == b_on_change &&
         a_each == b_each && a_most == b_most && same(a_etcd, b_etcd) &&
         same(a_builtin, b_builtin) && a_mode == b_mode && a_lease == b_lease &&
         same(a_web, b_web) && a_level == b_level && a_format == b_format;
}

}  // namespace evenkeel::settings
